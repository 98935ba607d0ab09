public import Catalog
import SQLSyntax

/// A schema as a folder of SQL: one file an object, with what belongs to it.
///
/// Where an object's file lies follows from its names alone. What an object needs may lie in any other file; the order in
/// which a client that stops at the first error can load them is a file too (``loadScript``).
public struct SchemaFolder: Hashable, Sendable {
    /// One file.
    public struct File: Hashable, Sendable {
        /// Where it lies in the folder.
        public let path: String
        /// What it is about, in words.
        public let title: String
        /// The statements that make its objects.
        public let statements: [String]

        /// The file's text.
        public var text: String {
            "\(SchemaFolder.mark)\(title)\n\n" + statements.map { $0 + ";\n" }.joined(separator: "\n")
        }
    }

    /// What the first line of every file begins with, so that others' files are told from these.
    public static let mark = "-- kept by lastro: "

    /// The name of the file with the order.
    public static let loadScriptName = "load.psql"

    /// The name of the file that is there while a change of several files is not done.
    public static let changeNoteName = ".lastro-change"

    /// The files, in an order in which they can be loaded.
    public let files: [File]

    /// Lays out a schema.
    ///
    /// - Parameter catalog: the schema; owners are left out, since what a folder says belongs to whoever builds it.
    /// - Throws: ``SchemaDiffError`` for a schema that no order of statements makes.
    public init(of catalog: Catalog) throws {
        let catalog = catalog.withoutOwners()
        let plan = try SchemaDiff.plan(
            from: Catalog.bare(serverVersion: catalog.serverVersion).withoutOwners(),
            to: catalog,
            options: PlanOptions(isOnline: false)
        )
        var layout = FolderLayout(of: catalog)
        layout.place(plan)
        files = layout.order.map { place in
            File(path: place.path, title: place.title, statements: layout.statements[place] ?? [])
        }
    }

    /// A script that loads the files with psql: `psql -v ON_ERROR_STOP=1 -f load.psql`.
    public var loadScript: String {
        var lines = [
            Self.mark + "the files in an order in which psql can load them",
            "SET check_function_bodies = off;",
        ]
        lines += files.map { "\\ir \($0.path)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The paths that a script names which ``loadScript`` wrote, in its order.
    static func paths(inLoadScript text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            line.hasPrefix("\\ir ") ? String(line.dropFirst(4)) : nil
        }
    }
}
