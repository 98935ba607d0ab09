import ArgumentParser
import Migrator

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct AdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Import the history of another migration tool.",
        discussion: """
            Shows first what would be written, and writes it with --yes or when the question on the terminal is \
            answered. The other tool's table stays as it is; only a schema_migrations of (name, applied_at) becomes \
            Lastro's own, as with `lastro migrate`. Exit status 1 if anything stands in the way: a migration that failed \
            half way, a file that was changed since, rows in Lastro's own history.

            TOOLS
              flyway, prisma, sqlx, sqitch           rows with checksums of files
              golang-migrate, dbmate, goose, rails   rows with versions
              naive                                  a table of (name, applied_at)
              alembic                                revisions: --at says how far they are

            STATES
              verified    the file is what ran: the other tool's own checksum says so
              unverified  it ran, and nothing tells whether its file is what it was
              changed     the other tool's checksum is not that of the file
              missing     it ran, and has no file
              pending     it did not run
              gap         it did not run, though a later one did
              failed      it failed half way

            EXAMPLES
              lastro adopt                       show what would be adopted, and ask
              lastro adopt --yes --reason "we leave Flyway"
              lastro adopt --from dbmate --trust-files
              lastro adopt --from alembic --at 0001_schema
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions

    @Option(
        help: ArgumentHelp("The tool whose history it is (default: told by its table).", valueName: "tool"),
        completion: .list(AdoptionTool.allCases.map(\.rawValue)),
        transform: tool(called:)
    )
    var from: AdoptionTool?

    @Option(help: ArgumentHelp("The table that holds it (default: looked for).", valueName: "schema.name"))
    var table: String?

    @Option(help: ArgumentHelp("The project of a Sqitch registry that serves several.", valueName: "name"))
    var project: String?

    @Option(
        help: ArgumentHelp("Begin behind this migration, by name or version, whatever the rows say.", valueName: "name")
    )
    var at: String?

    @Flag(help: "Take the files as they are for what ran, also where nothing proves it.")
    var trustFiles = false

    @Flag(help: "Adopt without asking.")
    var yes = false

    @Option(help: "Why.")
    var reason: String?

    func validate() throws {
        try checkGiven(("--table", table), ("--project", project), ("--at", at), ("--reason", reason))
    }

    func run() async throws {
        let migrator = try await options.migratorOfHistory(for: try global.settings(options), writer: global.writer)
        let plan = try await migrator.adoptionPlan(
            from: AdoptionSource(tool: from, table: table, project: project),
            options: AdoptionOptions(baseline: at, trustsFiles: trustFiles)
        )
        let isAsked =
            !yes && !global.quiet && global.format == .text && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        if !yes || global.format == .text { try global.writer.write(AdoptionReport(plan, isDone: false)) }
        if yes, global.format == .json, !plan.problems.isEmpty {
            try global.writer.write(AdoptionReport(plan, isDone: false))
        }
        try plan.check()
        guard !plan.rows.isEmpty else { return }
        guard yes || (isAsked && confirms(plan)) else {
            global.writer.note("nothing was changed; `lastro adopt --yes` carries it out")
            throw Finding()
        }
        let adopted = try await migrator.adopt(plan, reason: reason)
        switch global.format {
        case .json: try global.writer.write(AdoptionReport(plan, isDone: true))
        default: try global.writer.write(AdoptionEnd(migrations: adopted, plan: plan))
        }
    }

    private func confirms(_ plan: AdoptionPlan) -> Bool {
        OutputWriter.report("adopt \(Words.count(plan.rows.count, "migration"))? [y/N]")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}

private func tool(called name: String) throws -> AdoptionTool {
    guard let tool = AdoptionTool(rawValue: name) else {
        let names = AdoptionTool.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\"\(name)\" is no tool whose history can be read; it can be \(names)")
    }
    return tool
}
