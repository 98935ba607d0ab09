import ArgumentParser
import Migrator

struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Bring the history in line with the files, and say why.",
        discussion: """
            Accepts edited files, notes the checksums of unverified ones, and takes out rows that another hand wrote or \
            whose file is gone. Nothing of the schema is touched; what was done is in the table lastro_events.

            EXAMPLES
              lastro repair --dry-run
              lastro repair 0004_users --reason "only a comment was changed"
              lastro repair --reason "checked against production by hand"     everything that needs it
              lastro repair 0004_users --reason "only a comment was changed" --schemas 'tenant_*'
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions
    @OptionGroup var many: FanOutOptions
    @OptionGroup var each: FanOutRunOptions

    @Argument(help: ArgumentHelp("The migrations (default: all that need repair).", valueName: "name"))
    var names: [String] = []

    @Option(help: "Why; needed unless --dry-run.")
    var reason: String?

    @Flag(help: "Say what would be repaired, and change nothing.")
    var dryRun = false

    func validate() throws {
        try checkGiven(("--reason", reason))
        try each.check(with: many)
        if reason == nil, !dryRun { throw ValidationError("--reason is missing: it stays in the history") }
    }

    func run() async throws {
        let settings = try global.settings(options)
        if many.isGiven {
            var fanOut = try await many.fanOut(
                for: settings,
                isDatabaseGiven: global.database != nil,
                options: options.options(for: settings)
            )
            each.apply(to: &fanOut)
            var reporter = FanOutReporter(writer: global.writer, deed: dryRun ? "would repair" : "repaired")
            return try await reporter.follow(fanOut.repair(names, reason: dryRun ? nil : reason))
        }
        let migrator = try await options.migratorOfHistory(for: settings, writer: global.writer)
        guard let reason, !dryRun else {
            try global.writer.write(RepairReport(try await migrator.plan().repairs(of: names), isDone: false))
            return
        }
        try global.writer.write(RepairReport(try await migrator.repair(names, reason: reason), isDone: true))
    }
}

/// What a repair did, or would do.
struct RepairReport: Report {
    let repairs: [Row]
    let done: Bool

    /// What is done about one migration.
    struct Row: Encodable {
        let migration: String
        let action: String

        init(_ repair: Repair) {
            migration = repair.name
            action = repair.action.rawValue
        }
    }

    init(_ repairs: [Repair], isDone: Bool) {
        self.repairs = repairs.map(Row.init)
        done = isDone
    }

    func text(style: TextStyle) -> String {
        guard !repairs.isEmpty else { return "nothing needs repair" }
        let rows = repairs.map { [TextTable.Cell($0.action, style: style.warning), TextTable.Cell($0.migration)] }
        let end = "\(Words.count(repairs.count, "migration")) \(done ? "repaired" : "would be repaired")"
        return TextTable(rows: rows).text(width: style.width) + "\n\n" + end
    }
}
