import ArgumentParser
import Migrator

struct BaselineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Begin the history of a database that was made without one.",
        discussion: """
            Every migration up to the given one counts as applied; none is run. Only for a database whose history has no \
            rows yet.

            EXAMPLES
              lastro baseline 0010_auth_advanced --reason "production as of the first release"
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions

    @Argument(
        help: ArgumentHelp("The last migration whose work the database holds, by name or version.", valueName: "name")
    )
    var name: String

    @Option(help: "Why.")
    var reason: String?

    func validate() throws { try checkGiven(("--reason", reason)) }

    func run() async throws {
        let migrator = try await options.migratorOfHistory(for: try global.settings(options), writer: global.writer)
        let included = try await migrator.baseline(at: name, reason: reason)
        try global.writer.write(ChangeReport("baseline", included, end: "taken as the baseline"))
    }
}
