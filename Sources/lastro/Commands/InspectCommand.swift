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
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The server to build schemas on (default: a private one).", valueName: "url"))
    var scratch: String?

    @Flag(help: "End with exit status 1 if the database holds what Lastro does not model.")
    var strictCoverage = false

    @Argument(help: "The schema (default: the configured database).")
    var source: String?

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
        let report = try InspectReport(try await reader.read(schema), format: global.format)
        OutputWriter.print(pieces: report.pieces)
        for thing in report.notModelled { global.writer.note("not modelled: \(thing)") }
        if strictCoverage, !report.notModelled.isEmpty { throw Finding() }
    }
}
