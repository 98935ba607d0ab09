import ArgumentParser
import Catalog
import Postgres
import ProjectSettings

/// The option of commands that change a schema, and keep a file of it.
struct SchemaFileOptions: ParsableArguments, SettingFlags {
    @Option(
        help: ArgumentHelp(
            "A file with the schema as SQL, kept up to date behind the run; off for none.",
            valueName: "file"
        )
    )
    var schemaFile: String?

    var settings: [(setting: Setting, flag: String, value: String?)] { [(.schemaFile, "--schema-file", schemaFile)] }
}

/// The file with the schema that the migrations lead to.
struct SchemaFile {
    private let path: String
    private let database: ConnectionSettings

    /// The configured file; nil if there is none.
    init?(_ settings: Settings, of database: ConnectionSettings) {
        guard let path = settings.schemaFile, path != "off" else { return nil }
        self.path = path
        self.database = database
    }

    /// Brings the file up to date.
    ///
    /// - Throws: ``SchemaFileError``; what was run is done all the same.
    func update(writer: OutputWriter) async throws {
        do {
            let catalog = try await withPostgresConnection(to: database) { try await Catalog.read(on: $0) }
            if try AtomicFile.replace(path, with: InspectReport(catalog, format: .sql).text) {
                writer.note("wrote the schema to \(path)".printable)
            }
        } catch let error as ConfigurationError {
            throw SchemaFileError(path: path, why: error.message)
        } catch is CancellationError {
            throw SchemaFileError(path: path, why: "the command was interrupted")
        } catch {
            throw SchemaFileError(path: path, why: "\(error)")
        }
    }
}

/// Why a file of the schema is not up to date.
struct SchemaFileError: Error, CustomStringConvertible {
    let path: String
    let why: String

    var description: String {
        """
        \(path): the schema is not written: \(why.split(separator: "\n").first ?? "")
          state: what was run is done and stays; the file is as it was
          next:  see to it that the file can be written, and run `lastro migrate` again, or leave it out with \
        --schema-file off
        """
    }
}
