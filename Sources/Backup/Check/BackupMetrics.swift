/// Figures of a repository, for a monitor.
public struct BackupMetrics: Sendable {
    private let snapshots: [Snapshot]

    /// Takes what is known of snapshots without a key.
    ///
    /// - Parameter snapshots: the snapshots.
    public init(of snapshots: [Snapshot]) {
        self.snapshots = snapshots
    }

    /// A figure of each database's newest snapshot, or of all its snapshots.
    private struct Figure: Sendable {
        let name: String
        let help: String
        let value: @Sendable ([Snapshot]) -> Double?
    }

    private static let figures = [
        Figure(name: "last_success_timestamp_seconds", help: "When the newest snapshot was taken.") {
            $0.last.flatMap { Timestamp.seconds($0.time) }.map(Double.init)
        },
        Figure(name: "last_duration_seconds", help: "How long the newest snapshot took.") {
            $0.last?.seconds.map(Double.init)
        },
        Figure(name: "last_content_bytes", help: "The size of what the newest snapshot holds.") {
            $0.last.map { Double($0.bytes) }
        },
        Figure(name: "last_stored_bytes", help: "The size of the files of the newest snapshot, shared ones too.") {
            $0.last.map { Double($0.storedBytes) }
        },
        Figure(name: "last_added_bytes", help: "The size of what the newest snapshot added.") {
            $0.last.map { Double($0.addedBytes) }
        },
        Figure(
            name: "last_shared_ratio",
            help: "Which share of the newest snapshot's files was there before, from 0 to 1."
        ) {
            $0.last.map { $0.storedBytes == 0 ? 0 : max(0, 1 - Double($0.addedBytes) / Double($0.storedBytes)) }
        },
        Figure(name: "snapshots", help: "How many snapshots there are.") { Double($0.count) },
        Figure(name: "last_drill_timestamp_seconds", help: "When a snapshot last passed a drill; 0 if none has.") {
            Double($0.compactMap(\.lastDrill).max().flatMap { Timestamp.seconds($0) } ?? 0)
        },
        Figure(name: "last_drill_passed", help: "Whether the newest drill passed.") {
            $0.compactMap(\.newestDrill).max { $0.precedes($1) }.map { $0.outcome == .passed ? 1 : 0 }
        },
    ]

    /// The figures in the text format of Prometheus.
    public var text: String {
        let databases = Dictionary(grouping: snapshots, by: \.database).mapValues { $0.sorted { $0.id < $1.id } }
        var text = ""
        for figure in Self.figures {
            let name = "lastro_backup_\(figure.name)"
            text += "# HELP \(name) \(figure.help)\n# TYPE \(name) gauge\n"
            for (database, snapshots) in databases.sorted(by: { $0.key < $1.key }) {
                guard let value = figure.value(snapshots) else { continue }
                let number = value == value.rounded() ? "\(Int(value))" : "\(value)"
                text += "\(name){database=\"\(Self.escaped(database))\"} \(number)\n"
            }
        }
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
