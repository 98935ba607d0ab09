import ArgumentParser
import Catalog
import Migrator
import Postgres
import SchemaDiff

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Write down a schema: as a catalog file, as SQL, as documentation or as a diagram.",
        discussion: """
            Without SOURCE it is the configured database, which is read in one transaction that changes nothing. SOURCE may \
            be whatever `lastro diff` takes.

            FORMATS
              text       what there is, in numbers
              json       a catalog file, which `lastro diff` takes as a source
              sql        the statements that make the schema in an empty database
              markdown   documentation
              mermaid, dot, svg
                         the tables and the foreign keys between them, as a diagram

            EXAMPLES
              lastro inspect --format json > schema.json
              lastro inspect migrations --format markdown > docs/schema.md
              lastro inspect "$DATABASE_URL" --format dot | dot -Tpdf > schema.pdf
              lastro inspect --sql-dir db      one file an object, which `lastro diff db "$DATABASE_URL"` compares
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The server to build schemas on (default: a private one).", valueName: "url"))
    var scratch: String?

    @Option(
        help: ArgumentHelp(
            "Write the schema into a folder, one file of SQL an object; files that Lastro did not write are left alone.",
            valueName: "dir"
        )
    )
    var sqlDir: String?

    @Flag(help: "End with exit status 1 if the database holds what Lastro does not model.")
    var strictCoverage = false

    @Argument(help: "The schema (default: the configured database).")
    var source: String?

    func validate() throws {
        try checkGiven(("--sql-dir", sqlDir))
        if sqlDir != nil, ![.text, .json].contains(global.format) {
            throw ValidationError("--sql-dir writes SQL: --format is text or json there, of what was done")
        }
    }

    func run() async throws {
        let settings = try global.settings(formats: [.text, .json, .sql, .markdown, .mermaid, .dot, .svg])
        var reader = SchemaReader()
        reader.scratch = try scratch.map { try ConnectionSettings($0) }
        reader.migratorOptions.layout = settings.layout
        reader.migratorOptions.placeholders = settings.placeholders
        let schema =
            if let source {
                try await SchemaSource(source)
            } else {
                SchemaSource.database(try await settings.database())
            }
        let catalog = try await reader.read(schema)
        if let sqlDir {
            let folder = try SchemaFolder(of: settings.diffIgnore.applied(to: catalog))
            let writer = SchemaFolderWriter(sqlDir)
            try await writer.whileLocked {
                let files = try writer.write(folder)
                try global.writer.write(SchemaFolderReport(folder: sqlDir, files: files))
            }
        } else {
            OutputWriter.print(pieces: try InspectReport(catalog, format: global.format).pieces)
        }
        for thing in catalog.notModelled { global.writer.note("not modelled: \(thing)") }
        if strictCoverage, !catalog.notModelled.isEmpty { throw Finding() }
    }
}
