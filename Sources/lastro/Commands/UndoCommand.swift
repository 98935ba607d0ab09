import ArgumentParser
import Migrator

struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Take migrations back with their down files, the last one first.",
        discussion: """
            A migration NNNN_name.sql is taken back by NNNN_name.down.sql, in one transaction with its row in the \
            history. If a migration on the way has no down file, nothing is run.

            EXAMPLES
              lastro undo                        the last one
              lastro undo --steps 2
              lastro undo --to 0010_auth_advanced
              lastro undo --to 0010_auth_advanced --schemas 'tenant_*' --canary 1
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions
    @OptionGroup var running: RunOptions
    @OptionGroup var many: FanOutOptions
    @OptionGroup var each: FanOutRunOptions
    @OptionGroup var file: SchemaFileOptions

    @Option(help: ArgumentHelp("Go back to this migration, which stays.", valueName: "name"))
    var to: String?

    @Option(help: ArgumentHelp("Take this many back (default: 1).", valueName: "count"))
    var steps: Int?

    func validate() throws {
        try checkGiven(("--to", to))
        if to != nil, steps != nil { throw ValidationError("--to and --steps cannot be given together") }
        if let steps, steps < 1 { throw ValidationError("--steps takes a number from 1") }
        try each.check(with: many)
        guard many.isGiven else { return }
        if to == nil {
            throw ValidationError(
                "--databases and --schemas go with --to NAME: run again after a failure, --steps would take another "
                    + "migration back where that is done already"
            )
        }
        if let path = file.schemaFile, path != "off" {
            throw ValidationError("--schema-file goes with one database, not with --databases or --schemas")
        }
    }

    func run() async throws {
        let settings = try global.settings(options, running, file)
        if many.isGiven, let to { return try await runMany(settings, to: to) }
        let database = try await settings.database(.direct)
        let migrator = try await running.migrator(options, for: settings, database: database, writer: global.writer)
        let run = migrator.undo(to.map(UndoTarget.to) ?? .steps(steps ?? 1))
        var reporter = RunReporter(writer: global.writer, words: .undo)
        try await reporter.follow(run)
        try await SchemaFile(settings, of: database)?.update(writer: global.writer)
    }

    private func runMany(_ settings: Settings, to name: String) async throws {
        var options = options.options(for: settings)
        options.endsOrphans = running.terminateOrphans
        var fanOut = try await many.fanOut(for: settings, isDatabaseGiven: global.database != nil, options: options)
        each.apply(to: &fanOut)
        var reporter = FanOutReporter(writer: global.writer, deed: "undone")
        try await reporter.follow(fanOut.undo(to: name))
    }
}
