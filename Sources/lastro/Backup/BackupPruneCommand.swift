import ArgumentParser
import Backup

struct BackupPruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Say which snapshots no rule keeps; with --delete, delete them.",
        discussion: """
            Nothing is deleted at once: --delete writes down and signs what is to go, and deletes what an earlier run has \
            written down, when the time of --grace is over. Until then it can be restored, and --unmark takes it back. \
            The last good snapshot of a database is always kept. A snapshot with missing files, or whose last drill failed, \
            is not counted by any rule.

            EXAMPLES
              lastro backup prune --repository /backups --keep-daily 7 --keep-weekly 4 --keep-monthly 12
              lastro backup prune --repository /backups --keep-daily 7 --keep-weekly 4 --keep-monthly 12 --delete

            EXIT STATUS
              0  done
              1  an index is not to be believed; nothing of its snapshot was touched
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var signing: SigningOptions
    @OptionGroup var rules: RetentionOptions

    @Flag(help: "Delete what was marked long enough ago, and mark what is to go next.")
    var delete = false

    @Flag(help: "Take back what is marked.")
    var unmark = false

    @Option(help: ArgumentHelp("How long what is marked stays (default: 24h).", valueName: "duration"))
    var grace: Patience?

    @Option(help: ArgumentHelp("How many files are read at once (default: 4).", valueName: "count"))
    var jobs: Int = 4

    func validate() throws {
        if delete && unmark { throw ValidationError("--delete and --unmark exclude each other") }
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 64") }
        if !unmark && rules.retention.isEmpty {
            throw ValidationError("there is no rule: give --keep-last, --keep-daily or another one")
        }
    }

    func run() async throws {
        _ = try global.settings()
        var repository = try repository.opened()
        let key = delete || unmark ? try signing.required() : try? signing.required()  // without it nothing is signed
        if let key { repository.trusted = (repository.trusted ?? []).union([key.verificationKey]) }
        var pruning = Pruning(of: repository, keeping: rules.retention)
        pruning.jobs = jobs
        if let grace { pruning.grace = grace.duration }
        pruning.note = { [writer = global.writer] in writer.note($0) }
        if unmark {
            let (snapshots, files) = try pruning.unmark()
            return try global.writer.write(UnmarkReport(snapshots: snapshots, files: files))
        }
        let report: PruneReport
        if delete, let key {
            report = PruneReport(try await pruning(signedWith: key))
        } else {
            report = PruneReport(try pruning.plan())
        }
        try global.writer.write(report)
        for problem in report.plan.unbelieved { OutputWriter.report("\(problem)") }
        if !report.plan.unbelieved.isEmpty { throw Finding() }
    }
}

/// The rules that keep snapshots.
struct RetentionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Keep so many of the newest.", valueName: "count"))
    var keepLast: Int?

    @Option(help: ArgumentHelp("Keep the newest of each of so many days.", valueName: "count"))
    var keepDaily: Int?

    @Option(help: ArgumentHelp("Keep the newest of each of so many weeks.", valueName: "count"))
    var keepWeekly: Int?

    @Option(help: ArgumentHelp("Keep the newest of each of so many months.", valueName: "count"))
    var keepMonthly: Int?

    @Option(help: ArgumentHelp("Keep the newest of each of so many years.", valueName: "count"))
    var keepYearly: Int?

    @Option(help: ArgumentHelp("Keep all that are younger.", valueName: "duration"))
    var keepWithin: Patience?

    @Option(
        name: .customLong("keep"),
        help: ArgumentHelp("Keep this snapshot in any case; may be repeated.", valueName: "snapshot")
    )
    var named: [String] = []

    var retention: Retention {
        var retention = Retention()
        retention.last = keepLast ?? 0
        retention.daily = keepDaily ?? 0
        retention.weekly = keepWeekly ?? 0
        retention.monthly = keepMonthly ?? 0
        retention.yearly = keepYearly ?? 0
        retention.within = keepWithin?.duration
        retention.named = named
        return retention
    }

    func validate() throws {
        for count in [keepLast, keepDaily, keepWeekly, keepMonthly, keepYearly].compactMap(\.self) where count < 0 {
            throw ValidationError("a rule keeps a number of snapshots from 0 on, not \(count)")
        }
    }
}

/// What is kept and what goes.
struct PruneReport: Report {
    struct Row: Encodable {
        let id: String
        let database: String
        let reasons: [String]
    }

    let plan: PrunePlan
    let deletedAfter: String?
    let isDryRun: Bool
    let deleted: Deletion?

    init(_ plan: PrunePlan) {
        self.plan = plan
        deletedAfter = nil
        isDryRun = true
        deleted = nil
    }

    init(_ result: Pruning.Result) {
        plan = result.plan
        deletedAfter = result.deletedAfter
        isDryRun = false
        deleted = result.deleted
    }

    enum CodingKeys: CodingKey {
        case isDryRun, kept, going, files, bytes, deletedAfter, deleted, deletedFiles, spared, unbelieved
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func rows(_ items: [PrunePlan.Item]) -> [Row] {
            items.map { Row(id: $0.id, database: $0.database, reasons: $0.reasons) }
        }
        try container.encode(isDryRun, forKey: .isDryRun)
        try container.encode(rows(plan.kept), forKey: .kept)
        try container.encode(rows(plan.going), forKey: .going)
        try container.encode(plan.fileCount, forKey: .files)
        try container.encode(plan.bytes, forKey: .bytes)
        try container.encode(deletedAfter, forKey: .deletedAfter)
        try container.encode(deleted?.snapshots ?? [], forKey: .deleted)
        try container.encode(deleted?.fileCount ?? 0, forKey: .deletedFiles)
        try container.encode(deleted?.spared ?? [], forKey: .spared)
        try container.encode(plan.unbelieved.map(\.message), forKey: .unbelieved)
    }

    func text(style: TextStyle) -> String {
        var lines = (deleted?.snapshots ?? []).map { "deleted  \($0)" }
        lines += (deleted?.spared ?? []).map { "spared   \($0)  it has become the last good one" }
        if let count = deleted?.fileCount, count > 0 { lines.append("deleted  \(Words.count(count, "file"))") }
        lines += plan.kept.map { "keep     \($0.id)  \($0.database)  \($0.reasons.joined(separator: ", "))" }
        lines += plan.going.map { item in
            let why = item.reasons.isEmpty ? "no rule keeps it" : item.reasons.joined(separator: ", ")
            return "go       \(item.id)  \(item.database)  \(why)"
        }
        let amount = "\(Words.count(plan.fileCount, "file")), \(plan.bytes.byteWords)"
        if let deletedAfter {
            lines.append("marked   \(amount): they go with the first `prune --delete` after \(deletedAfter)")
        } else if isDryRun, plan.fileCount > 0 {
            lines.append("nothing was changed: with --delete \(amount) would be marked")
        } else {
            lines.append("nothing is to go")
        }
        return lines.joined(separator: "\n")
    }
}

/// What was taken back.
struct UnmarkReport: Report {
    let snapshots: Int
    let files: Int

    func text(style: TextStyle) -> String {
        "\(Words.count(snapshots, "snapshot")) and \(Words.count(files, "file")) stay"
    }
}
