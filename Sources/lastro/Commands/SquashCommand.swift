import ArgumentParser
import Migrator
import Postgres
import ProjectSettings
import SchemaDiff

struct SquashCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "squash",
        abstract: "Replace old migrations by one file that leads to the same.",
        discussion: """
            The migrations up to NAME are built on a private server. Their schema and the rows that they put in become one \
            file, which is built alone, too: it is written only if both are equal, to the last row. Then the old files \
            are deleted; git keeps them: while it does not have one of them as it is, nothing is done unless --force says so. \
            Needs no database.

            The file lists the name and checksum of each migration that it replaces. `lastro migrate` runs it on a database \
            without any of them, and only records it on one that has them all, from the same files. A database that has \
            some is refused, and told where to catch up from.

            A squash that was stopped halfway is finished by another call.

            EXAMPLES
              lastro squash --to 0010_auth_advanced
              lastro squash --to 10 --dry-run            print the file, and change nothing
              lastro squash --to 10 --name schema 2026   migrations/0010_schema_2026.sql
              lastro squash --to 10 --force              though git does not have the files

            EXIT STATUS
              0  the file is written, or an earlier squash is finished
              1  these migrations cannot be one file, or git does not have them
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The last migration to replace, given by name or version.", valueName: "name"))
    var to: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("What the file is called, in a few words (default: baseline).", valueName: "title")
    )
    var name: [String] = []

    @Option(help: ArgumentHelp("The server to build on (default: a private one).", valueName: "url"))
    var scratch: String?

    @Flag(help: "Print the file, and change nothing.")
    var dryRun = false

    @Flag(help: "Delete the old files though git does not have them as they are.")
    var force = false

    func validate() throws { try checkGiven(("--to", to)) }

    func run() async throws {
        let settings = try global.settings()
        if !dryRun,
            let outcome = try await SquashedFolder.finish(
                in: settings.migrations,
                layout: settings.layout,
                keepsUncommitted: !force
            )
        {
            return try global.writer.write(SquashReport(finished: outcome, in: settings.migrations))
        }
        let directory = try await MigrationDirectory(readingFrom: settings.migrations, layout: settings.layout)
        let draft = try SquashDraft(
            of: directory,
            to: to,
            titled: name.isEmpty ? "baseline" : name.joined(separator: " "),
            placeholders: settings.placeholders
        )
        // Before the work of a minute, and again once the folder is locked.
        if !dryRun, !force { try directory.checkCommitted(draft.files) }
        var reader = SchemaReader()
        reader.scratch = try scratch.map { try ConnectionSettings($0) }
        reader.migratorOptions.placeholders = settings.placeholders
        let proved = try await Squash(draft, reader: reader)()
        let remarks = draft.remarks + proved.remarks
        for remark in remarks { global.writer.note(remark.printable) }
        let outcome = dryRun ? nil : try await SquashedFolder.write(draft, proved.text, keepsUncommitted: !force)
        try global.writer.write(SquashReport(draft, proved, outcome, remarks: remarks))
    }
}

extension Squash.Proved {
    /// What the user should know of the file.
    fileprivate var remarks: [String] {
        var remarks = notModelled.map { "not modelled, and so not in the file: \($0)" }
        if !varyingTables.isEmpty {
            remarks.append(
                "other rows each time the migrations run, by the time or by chance; the file has those of now: "
                    + varyingTables.joined(separator: ", ")
            )
        }
        return remarks
    }
}
