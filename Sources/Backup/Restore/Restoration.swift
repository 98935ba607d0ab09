import Catalog
public import Postgres
import SQLSyntax
import Subprocess
import Synchronization
import SystemPackage

/// Restores a snapshot into a new database.
///
/// It is built under another name, checked, and given its own name in the end: what has that name is whole.
public struct Restoration: Sendable {
    private let repository: Repository
    private let identities: [AgeIdentity]
    private let target: ConnectionSettings
    /// How many sessions load data, and make indexes, at once.
    public var jobs = 4
    /// Whether objects get their owners and privileges; otherwise all belong to who restores.
    public var keepsOwners = true
    /// Is told what a user should know of.
    public var note: @Sendable (String) -> Void = { _ in }
    /// Whether what the server cannot make is left out, with all that needs it.
    var leavesOut = false
    /// Makes what only a superuser may make, in the database under its first name.
    var preparation: (@Sendable (Manifest, _ database: String) async throws -> Void)?

    /// Makes ready to restore.
    ///
    /// - Parameters:
    ///   - repository: where the snapshot is.
    ///   - identities: who decrypts it.
    ///   - target: the database to make; its server has to be there, and it must not.
    public init(from repository: Repository, with identities: [AgeIdentity], to target: ConnectionSettings) {
        self.repository = repository
        self.identities = identities
        self.target = target
    }

    /// What was restored.
    public struct Result: Hashable, Sendable {
        /// The snapshot.
        public let snapshot: Snapshot
        /// The database that was made.
        public let database: String
        /// How many tables there are.
        public let tables: Int
        /// How many rows were loaded.
        public let rows: Int
        /// Whether the schema reads the same as that of the database that was backed up.
        public let schemaIsEqual: Bool
    }

    /// Restores a snapshot.
    ///
    /// - Parameter name: the snapshot's name or the beginning of it; nil for the newest.
    /// - Returns: what was restored, after every table was compared with the manifest.
    /// - Throws: ``BackupError``, `PostgresError` or `CancellationError`; then there is no new database.
    public func callAsFunction(_ name: String? = nil) async throws -> Result {
        let index = try repository.index(of: repository.snapshot(named: name)).index
        let manifest = try Manifest.read(of: index, in: repository, with: identities)
        let reader = ChunkReader(of: index, in: repository, with: identities)
        let database = target["dbname"] ?? manifest.database.name
        let draft = "lastro_restore_" + hexadecimal(try randomBytes(6))
        return try await withPostgresConnection(to: target.with(database: "postgres")) { administrator in
            try await refuse(existing: database, on: administrator)
            if keepsOwners { try await administrator.script(text(of: manifest.roles, reader)) }
            try await create(draft, like: manifest.database, on: administrator)
            do {
                let (isEqual, manifest) = try await fill(draft, manifest, reader)
                try await rename(draft, to: database, on: administrator)
                return Result(
                    snapshot: Snapshot(index),
                    database: database,
                    tables: manifest.tables.count,
                    rows: manifest.tables.reduce(0) { $0 + $1.rows },
                    schemaIsEqual: isEqual
                )
            } catch {
                // The first failure is the one to tell.
                _ = try? await administrator.query("DROP DATABASE IF EXISTS \(draft) WITH (FORCE)")
                throw error
            }
        }
    }

    private func refuse(existing database: String, on administrator: PostgresConnection) async throws {
        let rows = try await administrator.query("SELECT FROM pg_database WHERE datname = $1", database)
        guard rows.isEmpty else { throw BackupError.databaseExists(database) }
    }

    private func create(_ draft: String, like source: Manifest.Database, on connection: PostgresConnection) async throws
    {
        func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
        try await connection.query(
            """
            CREATE DATABASE \(draft) TEMPLATE template0 ENCODING \(literal(source.encoding))
                LC_COLLATE \(literal(source.collation)) LC_CTYPE \(literal(source.characterType))
            """
        )
    }

    private func rename(_ draft: String, to name: String, on administrator: PostgresConnection) async throws {
        try await administrator.query("ALTER DATABASE \(draft) RENAME TO \(Identifier.quote(name))")
    }

    /// Restores schema and data, and compares.
    ///
    /// - Returns: whether the schema is equal, and what was restored.
    private func fill(
        _ draft: String,
        _ manifest: Manifest,
        _ reader: ChunkReader
    ) async throws -> (isEqual: Bool, Manifest) {
        let settings = target.with(database: draft)
        try await preparation?(manifest, draft)
        let archive = try SchemaArchive(bytes(of: manifest.schema, reader))
        defer { archive.remove() }
        let program = try await SchemaDump.program(
            named: "pg_restore",
            for: ServerVersion(number: manifest.database.serverVersion)
        )
        var restore = SchemaRestore(
            program: program,
            archive: archive,
            settings: settings,
            keepsOwners: keepsOwners,
            extensions: keepsOwners ? [] : manifest.database.extensions
        )
        restore.leavesOut = leavesOut
        try await restore.run(.preData, jobs: 1)
        let manifest = leavesOut ? try await manifest.present(in: settings) : manifest
        try await DataLoad(manifest, reader, settings: settings, asOwners: keepsOwners, jobs: jobs).run()
        let objects = manifest.largeObjects.map {
            LargeObjectLoad(objects: $0, reader: reader, settings: settings, asOwners: keepsOwners, jobs: jobs)
        }
        try await objects?.run()
        try await restore.run(.postData, jobs: jobs)
        return try await withPostgresConnection(to: settings) { connection in
            try await setSequences(manifest.sequences, on: connection)
            try await connection.query("ANALYZE")
            let catalog = try await Catalog.read(on: connection)
            let isEqual =
                keepsOwners
                ? catalog.fingerprint.description == manifest.database.catalogFingerprint
                : catalog.structureFingerprint == manifest.database.structureFingerprint
            try await Comparison(of: manifest, settings: settings, jobs: jobs).run()
            let areEqual = try await objects?.compare() ?? true
            return (isEqual && (areEqual || !keepsOwners), manifest)
        }
    }

    private func setSequences(_ sequences: [Manifest.Sequence], on connection: PostgresConnection) async throws {
        for start in stride(from: 0, to: sequences.count, by: 500) {
            let calls = sequences[start..<min(start + 500, sequences.count)].map { sequence in
                let name = Identifier.quote(sequence.schema) + "." + Identifier.quote(sequence.name)
                let literal = "'" + name.replacing("'", with: "''") + "'"
                return
                    "SELECT pg_catalog.setval(\(literal)::pg_catalog.regclass, \(sequence.lastValue), \(sequence.isCalled))"
            }
            try await connection.script(calls.joined(separator: ";\n"))
        }
    }

    private func bytes(of chunks: [Manifest.Chunk], _ reader: ChunkReader) throws -> [UInt8] {
        try chunks.reduce(into: []) { $0 += try reader.content(of: $1) }
    }

    private func text(of chunks: [Manifest.Chunk], _ reader: ChunkReader) throws -> String {
        String(decoding: try bytes(of: chunks, reader), as: UTF8.self)
    }
}

extension Catalog {
    /// The fingerprint of all objects without their owners and privileges.
    var structureFingerprint: String {
        let bare = objects.filter { $0.identity.kind != .defaultPrivileges }.map { object in
            CatalogObject(
                object.identity,
                attributes: object.attributes.filter { $0.key != .owner && $0.key != .grants },
                dependencies: object.dependencies
            )
        }
        return Fingerprint(of: bare).description
    }
}
