import Catalog
public import Migrator
import Postgres
import SourceText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes the text of a squashed file, and proves it: the file alone leads to the same schema and the same rows.
public struct Squash: Sendable {
    /// A file that was proved.
    public struct Proved: Hashable, Sendable {
        /// Its text.
        public let text: String
        /// How many objects the schema has.
        public let objectCount: Int
        /// How many tables have seed rows.
        public let tableCount: Int
        /// How many seed rows there are.
        public let rowCount: Int
        /// The tables whose rows are others each time the migrations run: a time or a random value is in them.
        public let varyingTables: [String]
        /// What the schema holds and Lastro does not model.
        public let notModelled: [String]
    }

    private let draft: SquashDraft
    private let reader: SchemaReader

    /// Takes what is to be squashed, and what builds schemas.
    public init(_ draft: SquashDraft, reader: SchemaReader) {
        self.draft = draft
        self.reader = reader
    }

    /// Builds the migrations, writes the file, and builds it alone.
    ///
    /// - Returns: the file.
    /// - Throws: ``SchemaDiffError`` with code `not-squashed` if it does not lead to the same; `MigratorError`,
    ///   `PostgresError` and `LocalServerError` where something cannot be built. No file of the folder is touched.
    public func callAsFunction() async throws -> Proved {
        try await reader.withScratchServer(atLeast: nil) { server in
            let old = try await build(draft.directory.path, on: server)
            let body = try SquashScript(of: old.catalog, old.seeds, builtBy: old.builder).text
            let isInSchema = old.catalog.objects.contains { $0.identity.schema == old.schema }
            let text = draft.text(of: body, madeIn: isInSchema ? old.schema : nil)
            let new = try await withFolder(of: text) { try await build($0, on: server) }
            let settled = try await Settlement(server: server).rewording(new.catalog, as: old.catalog)
            let changes = CatalogChanges(from: settled, to: old.catalog).changes.map { change in
                "\(change.identity): \(change.attributes.map(\.name.rawValue).joined(separator: ", "))"
            }
            let differences = changes + new.seeds.differences(from: old.seeds)
            guard differences.isEmpty else { throw SchemaDiffError.squashDiffers(differences) }
            // Once more, where there are rows at all: what the time or chance decides is another one now.
            let again = old.seeds.tables.isEmpty ? nil : try await build(draft.directory.path, on: server).seeds
            let varying = (again?.tables ?? []).filter { !old.seeds.tables.contains($0) }.map(\.name)
            return Proved(
                text: text,
                objectCount: old.catalog.objects.count,
                tableCount: old.seeds.tableCount,
                rowCount: old.seeds.rowCount,
                varyingTables: varying,
                notModelled: old.catalog.notModelled
            )
        }
    }

    /// What migrations lead to.
    private struct Built {
        let catalog: Catalog
        let seeds: SeedRows
        /// The role that built it.
        let builder: String
        /// The schema in which names without one were made.
        let schema: String
    }

    private func build(_ folder: String, on server: ScratchServer) async throws -> Built {
        var options = reader.migratorOptions
        (options.role, options.historyTable, options.lockTimeout, options.statementTimeout) = (nil, nil, nil, nil)
        options.layout = draft.directory.layout
        let last = folder == draft.directory.path ? draft.migrations.last?.name : nil
        return try await SchemaBuild(server: server).withMigrations(
            at: folder,
            options: options,
            to: last.map(MigrationTarget.through) ?? .newest
        ) { settings in
            try await withPostgresConnection(to: settings) { connection in
                let (builder, schema) = try await connection.query(
                    "SELECT current_user::text, coalesce(current_schema()::text, '')"
                ).single.decode(String.self, String.self)
                let catalog = try await Catalog.read(on: connection).withoutOwner(builder)
                let seeds = try await SeedRows(of: catalog, on: connection)
                return Built(catalog: catalog, seeds: seeds, builder: builder, schema: schema)
            }
        }
    }

    /// Lends a closure a folder with the new file alone, and with the hooks that run around every migration.
    private func withFolder<Result>(of text: String, _ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.path + "/lastro-squash-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        func remove() {
            try? FileManager.default.removeItem(atPath: folder)  // an own folder of the temporary ones
        }
        do {
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(draft.fileName)"))
            for hook in draft.directory.hooks.values {
                let name = hook.path.split(separator: "/").last.map(String.init) ?? hook.path
                try FileManager.default.copyItem(atPath: hook.path, toPath: "\(folder)/\(name)")
            }
            let result = try await body(folder)
            remove()
            return result
        } catch {
            remove()
            throw told(error, of: folder)
        }
    }

    /// A failure of the new file, which the user has not got.
    private func told(_ error: any Error, of folder: String) -> any Error {
        guard let error = error as? MigratorError, error.location?.file.hasPrefix(folder) == true else { return error }
        return SchemaDiffError.squashNotBuilt(error.message)
    }
}

extension Catalog {
    /// The catalog with no owner where it is a role: whoever runs a migration owns what it makes, and does not say so.
    fileprivate func withoutOwner(_ role: String) -> Catalog {
        Catalog(
            serverVersion: serverVersion,
            objects: objects.map { object in
                guard object.text(.owner) == role else { return object }
                var attributes = object.attributes
                attributes[.owner] = nil
                return CatalogObject(object.identity, attributes: attributes, dependencies: object.dependencies)
            },
            notModelled: notModelled
        )
    }
}
