import Catalog
import Migrator
import Postgres
import QueryContract
public import SchemaDiff

/// Something that is looked at when the database is migrated, before an application starts.
public struct GateCheck: Sendable {
    /// What becomes of findings.
    public enum Reaction: Hashable, Sendable {
        /// The application does not start.
        case refuse
        /// They are logged.
        case report
    }

    /// What is looked at, in a word.
    public let name: String
    /// What becomes of findings.
    public var onFinding: Reaction
    /// Whether it can also say what a database lacks that is not migrated yet.
    let explainsPending: Bool
    private let look: @Sendable (BootGate) async throws -> [String]

    /// Makes a check.
    ///
    /// - Parameters:
    ///   - name: what is looked at, in a word.
    ///   - onFinding: what becomes of findings.
    ///   - look: what is not as it must be, one sentence each.
    public init(_ name: String, onFinding: Reaction = .refuse, look: @escaping @Sendable () async throws -> [String]) {
        self.init(name, onFinding: onFinding, explainsPending: false) { _ in try await look() }
    }

    private init(
        _ name: String,
        onFinding: Reaction,
        explainsPending: Bool,
        look: @escaping @Sendable (BootGate) async throws -> [String]
    ) {
        self.name = name
        self.onFinding = onFinding
        self.explainsPending = explainsPending
        self.look = look
    }

    func findings(of gate: BootGate) async throws -> [String] { try await look(gate) }

    /// Looks for drift: whether the schema is what its migrations, or a catalog file, say.
    ///
    /// - Parameters:
    ///   - check: the comparison. Against migrations it needs a scratch server, against a catalog file none.
    ///   - onFinding: what becomes of findings.
    /// - Returns: the check.
    public static func drift(_ check: DriftCheck, onFinding: Reaction = .refuse) -> GateCheck {
        GateCheck("drift", onFinding: onFinding) {
            try await check().changes.map { change in
                let words =
                    change.before == nil
                    ? "is missing" : change.after == nil ? "is there, and nothing makes it" : "is not as it is made"
                return "\(change.identity) \(words)"
            }
        }
    }

    /// Looks whether the schema has a fingerprint, as `lastro inspect` prints it.
    ///
    /// - Parameters:
    ///   - expected: the fingerprint.
    ///   - onFinding: what becomes of another one.
    /// - Returns: the check.
    public static func fingerprint(_ expected: String, onFinding: Reaction = .refuse) -> GateCheck {
        GateCheck("fingerprint", onFinding: onFinding, explainsPending: false) { gate in
            let found = try await Catalog.read(from: gate.migrator.database).fingerprint.description
            return found == expected ? [] : ["the schema's fingerprint is \(found) instead of \(expected)"]
        }
    }

    /// Looks whether the application's queries can be prepared on the schema.
    ///
    /// - Parameters:
    ///   - folder: the folder of queries.
    ///   - onFinding: what becomes of queries that would fail.
    /// - Returns: the check.
    public static func queries(in folder: String, onFinding: Reaction = .refuse) -> GateCheck {
        GateCheck("queries", onFinding: onFinding, explainsPending: true) { gate in
            let migrator = gate.migrator
            let queries = try QueryFolder(readingFrom: folder).queries
            let statuses = try await migrator.plan().statuses
            let options = migrator.options
            let directory = try await MigrationDirectory(readingFrom: migrator.directory, layout: options.layout)
            let trail = try MigrationTrail(of: directory, statuses: statuses, placeholders: options.placeholders)
            return try await withPostgresConnection(to: migrator.database) { connection in
                try await QueryCheck(trail)(queries, on: connection).flatMap { result in
                    result.findings.filter(\.isBreaking).map { "\($0.location): \($0.message)" }
                }
            }
        }
    }
}
