import ArgumentParser
import Migrator

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        _superCommandName: Lastro.name,
        abstract: "Apply the pending migrations.",
        discussion: """
            Each migration runs in one transaction with its row in the history. Any number of runners may start at once: \
            one works, the others wait. A run that is killed leaves every migration wholly applied or not at all.

            EXAMPLES
              lastro migrate
              lastro migrate --to 0012_backup_system
              lastro migrate --steps 1
              lastro migrate --dry-run           say what would run
              lastro migrate --check             exit status 1 if anything is pending (CI)
              lastro migrate --wait 30s          wait for a database that is still starting
              lastro migrate --schema-file schema.sql
              lastro migrate --backup destructive --repository /backups --recipient age1…
              lastro migrate --schemas 'tenant_*' --canary 1
              lastro migrate --databases prod.txt --parallel 8 --on-failure continue
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions
    @OptionGroup var running: RunOptions
    @OptionGroup var many: FanOutOptions
    @OptionGroup var each: FanOutRunOptions
    @OptionGroup var file: SchemaFileOptions
    @OptionGroup var backup: MigrationBackupOptions

    @Option(help: ArgumentHelp("Stop behind this migration, given by name or version.", valueName: "name"))
    var to: String?

    @Option(help: ArgumentHelp("Apply this many migrations.", valueName: "count"))
    var steps: Int?

    @Flag(help: "Say what would run, and change nothing.")
    var dryRun = false

    @Flag(help: "Exit with status 1 if anything is pending, and change nothing.")
    var check = false

    @Flag(help: "Run migrations though ones of a higher version ran before.")
    var allowOutOfOrder = false

    @Option(
        help: ArgumentHelp(
            "Why migrations that a squashed file replaces count as run though nobody compared their files.",
            valueName: "text"
        )
    )
    var reason: String?

    @Flag(help: "Run all that is pending in one transaction, as far as the server allows it.")
    var singleTransaction = false

    func validate() throws {
        try checkGiven(("--to", to), ("--reason", reason))
        if to != nil, steps != nil { throw ValidationError("--to and --steps cannot be given together") }
        try each.check(with: many)
        if backup.rule != nil, many.isGiven {
            throw ValidationError("--backup goes with one database, not with --databases or --schemas")
        }
        if let path = file.schemaFile, path != "off", many.isGiven {
            throw ValidationError("--schema-file goes with one database, not with --databases or --schemas")
        }
        if let steps, steps < 1 { throw ValidationError("--steps takes a number from 1") }
    }

    func run() async throws {
        let settings = try global.settings(options, running, file)
        if many.isGiven { return try await runMany(settings) }
        let database = try await settings.database(.direct)
        var migrator = try await running.migrator(
            options,
            for: settings,
            database: database,
            order: allowOutOfOrder ? .any : .byVersion,
            writer: global.writer
        )
        migrator.options.isSingleTransaction = singleTransaction
        migrator.options.squashReason = reason
        guard dryRun || check else {
            try backup.add(to: &migrator, target: target, database: database, writer: global.writer)
            var reporter = RunReporter(writer: global.writer, words: .migrate)
            try await reporter.follow(migrator.migrate(to: target))
            try await SchemaFile(settings, of: database)?.update(writer: global.writer)
            return
        }
        let plan = try await migrator.plan(to: target, onWait: global.writer.note)
        try plan.check()
        try global.writer.write(PlanReport(plan))
        if check, !plan.pending.isEmpty { throw Finding() }
    }

    private var target: MigrationTarget {
        to.map(MigrationTarget.through) ?? steps.map(MigrationTarget.steps) ?? .newest
    }

    private func runMany(_ settings: Settings) async throws {
        var options = options.options(for: settings, order: allowOutOfOrder ? .any : .byVersion)
        options.endsOrphans = running.terminateOrphans
        options.isSingleTransaction = singleTransaction
        options.squashReason = reason
        var fanOut = try await many.fanOut(for: settings, isDatabaseGiven: global.database != nil, options: options)
        guard dryRun || check else {
            each.apply(to: &fanOut)
            fanOut.hookAction = { settings.hooks.action(writer: global.writer, target: $0) }
            var reporter = FanOutReporter(writer: global.writer)
            return try await reporter.follow(fanOut.migrate(to: target))
        }
        let report = try await FanOutStatusReport(of: fanOut, to: target)
        try global.writer.write(report)
        try report.checkReach()
        if check ? report.hasFindings : report.hasProblems { throw Finding() }
    }
}

/// What a run would do.
struct PlanReport: Report {
    let pending: [Row]

    /// A migration that would run.
    struct Row: Encodable {
        let name: String
        let version: String
        let kind: String
        let checksum: String
        let path: String
        /// Whether it is only recorded; left out where it runs.
        let adoption: Bool?
    }

    init(_ plan: Plan) {
        let adoptions = Set(plan.adoptions.map(\.migration.name))
        pending = plan.pending.map { migration in
            Row(
                name: migration.name,
                version: migration.version?.description ?? "",
                kind: migration.kind.rawValue,
                checksum: migration.checksum.description,
                path: migration.path,
                adoption: adoptions.contains(migration.name) ? true : nil
            )
        }
    }

    func text(style: TextStyle) -> String {
        guard !pending.isEmpty else { return "nothing is pending" }
        let rows = pending.map { row in
            [
                TextTable.Cell("pending", style: style.warning), TextTable.Cell(row.name),
                TextTable.Cell(row.adoption == true ? "will be recorded, and does not run" : "", style: style.faint),
            ]
        }
        return TextTable(rows: rows).text(width: style.width) + "\n\n\(Words.count(pending.count, "migration")) pending"
    }
}
