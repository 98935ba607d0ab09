import Migrator

/// Where each of many targets stands: those that are behind or in trouble for people, all of them for machines.
struct FanOutStatusReport: Report {
    private(set) var targets: [Row] = []
    private var noun: String
    /// Whether migrations that did not run yet are no matter.
    private let isVerification: Bool
    /// What sums up the targets that could not be looked at; nil if there is none.
    private var failure: MigratorError?

    /// One target.
    struct Row: Encodable {
        let target: String
        var applied: Int?
        var pending: [String] = []
        var unverified: [String]?
        var problems: [Problem] = []

        var isUpToDate: Bool { pending.isEmpty && problems.isEmpty }
    }

    /// Why nothing can run on a target.
    struct Problem: Encodable {
        let code: String
        let message: String
    }

    private enum CodingKeys: CodingKey {
        case targets
    }

    /// Looks at every target; one that cannot be looked at has its error among its problems.
    init(
        of fanOut: FanOut,
        to target: MigrationTarget = .newest,
        isVerification: Bool = false
    ) async throws {
        self.isVerification = isVerification
        noun = if case .databases = fanOut.targets { "database" } else { "schema" }
        do {
            for try await event in fanOut.look(to: target) { add(event) }
        } catch let error as MigratorError where error.isOfTargets && !targets.isEmpty {
            failure = error
        }
        targets.sort { $0.target < $1.target }
    }

    /// Throws if no target at all could be reached; what is wrong with some stands in their rows.
    func checkReach() throws {
        if let failure, failure.code == .targetsUnreachable { throw failure }
    }

    /// Whether anything is pending or in the way anywhere.
    var hasFindings: Bool { targets.contains { !$0.isUpToDate } }

    /// Whether anything is in the way anywhere.
    var hasProblems: Bool { targets.contains { !$0.problems.isEmpty } }

    private mutating func add(_ event: FanOutEvent) {
        switch event {
        case .looked(let target, let standing):
            let problems = standing.problems.map { Problem(code: $0.code.rawValue, message: $0.description) }
            targets.append(
                Row(
                    target: target,
                    applied: standing.appliedCount,
                    pending: standing.pending,
                    unverified: isVerification && !standing.unverified.isEmpty ? standing.unverified : nil,
                    problems: problems
                )
            )
        case .failed(let target, let error):
            targets.append(Row(target: target, problems: [Problem(code: error.codeForMachines, message: "\(error)")]))
        default: break
        }
    }

    func text(style: TextStyle) -> String {
        if isVerification { return verificationText(style: style) }
        let rows = targets.filter { !$0.isUpToDate }.map { row in
            [
                row.problems.isEmpty
                    ? TextTable.Cell("behind", style: style.warning) : TextTable.Cell("problem", style: style.bad),
                TextTable.Cell(row.target),
                TextTable.Cell(row.details, style: style.faint),
            ]
        }
        let summary = "\(Words.count(targets.count, noun)): \(counts)"
        return rows.isEmpty ? summary : TextTable(rows: rows).text(width: style.width) + "\n\n" + summary
    }

    /// What is wrong, and what nobody compared.
    private func verificationText(style: TextStyle) -> String {
        let rows = targets.filter { !$0.problems.isEmpty || $0.unverified != nil }.map { row in
            row.problems.isEmpty
                ? [
                    TextTable.Cell("unverified", style: style.warning), TextTable.Cell(row.target),
                    TextTable.Cell((row.unverified ?? []).joined(separator: ", ").printable, style: style.faint),
                ]
                : [
                    TextTable.Cell("problem", style: style.bad), TextTable.Cell(row.target),
                    TextTable.Cell(row.details, style: style.faint),
                ]
        }
        let summary =
            "\(Words.count(targets.count, noun)) checked, \(targets.count { !$0.problems.isEmpty }) with problems"
        return rows.isEmpty ? summary : TextTable(rows: rows).text(width: style.width) + "\n\n" + summary
    }

    /// `997 up to date, 2 behind, 1 with problems`.
    private var counts: String {
        let bad = targets.count { !$0.problems.isEmpty }
        let current = targets.count(where: \.isUpToDate)
        return [(current, "up to date"), (targets.count - bad - current, "behind"), (bad, "with problems")]
            .filter { $0.0 > 0 }.map { "\($0) \($1)" }.joined(separator: ", ")
    }
}

extension FanOutStatusReport.Row {
    fileprivate var details: String {
        guard let problem = problems.first else {
            return "\(applied ?? 0) applied, \(pending.count) pending: \(pending[0])" + (pending.count > 1 ? " …" : "")
        }
        let line = problem.message.split(separator: "\n").first.map(String.init) ?? problem.code
        return line + (problems.count > 1 ? " (and \(problems.count - 1) more)" : "")
    }
}

extension MigratorError {
    /// Whether it sums up what each of many targets said.
    fileprivate var isOfTargets: Bool {
        [.targetsFailed, .targetsRefused, .targetsUnreachable].contains(code)
    }
}
