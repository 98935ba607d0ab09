public import Catalog
public import Migrator
public import Postgres
import SQLSyntax

/// Two schemas that can be compared.
public struct SchemaPair: Hashable, Sendable {
    /// What is.
    public let from: Catalog
    /// What is wanted.
    public let to: Catalog
    /// What differs as text, and could not be made on a scratch server to see whether it means the same.
    public let notCompared: [NotCompared]
}

/// Reads schemas from wherever they are, and builds those that are only written down.
///
/// A database is read in one read-only transaction and nothing is made on it; what is built is built on a private server
/// that is gone afterwards, or in databases of a server that the user gives, dropped again.
public struct SchemaReader: Sendable {
    /// The server to build on; nil for a private one.
    public var scratch: ConnectionSettings?
    /// How migrations are run on the scratch server.
    public var migratorOptions = Migrator.Options()

    /// Makes a reader that builds on a private server.
    public init() {}

    /// Reads two schemas.
    ///
    /// - Parameters:
    ///   - from: what is.
    ///   - to: what is wanted.
    /// - Returns: the catalogs; where one side was built, it says nothing of owners, and so neither does the other.
    /// - Throws: ``SchemaDiffError`` for a source; `PostgresError`, `MigratorError` and `LocalServerError`.
    public func read(_ from: SchemaSource, _ to: SchemaSource) async throws -> SchemaPair {
        async let one = catalogWithoutServer(from)
        async let other = catalogWithoutServer(to)
        let (first, second) = try await (one, other)
        if from.isBuilt || to.isBuilt {
            return try await withScratchServer(atLeast: (first ?? second)?.serverVersion) { server in
                let from = if let first { first } else { try await catalog(of: from, on: server) }
                let to = if let second { second } else { try await catalog(of: to, on: server) }
                let both = Self.both(from, to)
                return try await settled((both.0.withoutOwners(), both.1.withoutOwners()), on: server)
            }
        }
        let both = Self.both(first, second)
        guard first != nil, second != nil, Settlement.isNeeded(both.0, both.1) else {
            return SchemaPair(from: both.0, to: both.1, notCompared: [])
        }
        return try await withScratchServer(atLeast: max(both.0.serverVersion, both.1.serverVersion)) { server in
            try await settled(both, on: server)
        }
    }

    private static func both(_ from: Catalog?, _ to: Catalog?) -> (Catalog, Catalog) {
        let version = (from ?? to)?.serverVersion ?? ServerVersion(number: 150_000)
        return (from ?? .bare(serverVersion: version), to ?? .bare(serverVersion: version))
    }

    func settled(_ catalogs: (Catalog, Catalog), on server: ScratchServer) async throws -> SchemaPair {
        let outcome = try await Settlement(server: server).reworded(catalogs.0, as: catalogs.1)
        return SchemaPair(from: outcome.catalog, to: catalogs.1, notCompared: outcome.notCompared)
    }

    /// Reads one schema.
    ///
    /// - Parameter source: the schema; what is built says nothing of owners.
    /// - Returns: the catalog.
    /// - Throws: as ``read(_:_:)``.
    public func read(_ source: SchemaSource) async throws -> Catalog { try await read(.empty, source).to }

    /// The catalog of what needs no scratch server; nil for what does, and for nothing.
    private func catalogWithoutServer(_ source: SchemaSource) async throws -> Catalog? {
        switch source {
        case .database(let settings):
            try await Catalog.read(from: settings)
        case .catalogFile(let path): try CatalogFile.read(path: path)
        case .empty, .sql, .migrations, .revision: nil
        }
    }

    private func catalog(of source: SchemaSource, on server: ScratchServer) async throws -> Catalog? {
        let build = SchemaBuild(server: server)
        switch source {
        case .sql(let path): return try await build.catalog(of: SQLFiles.scripts(at: path))
        case .migrations(let folder): return try await build.catalog(ofMigrations: folder, options: migratorOptions)
        case .revision(let revision, let path):
            return try await Revision(revision, path: path).withFiles { path in
                try await catalog(of: SchemaSource.file(path), on: server)
            }
        case .empty, .database, .catalogFile: return nil
        }
    }

    /// The installation that private servers are of, where they have to know what a version knows.
    ///
    /// A newer server reads what an older one has; an older one may not.
    static func installation(atLeast version: ServerVersion) async throws -> PostgresInstallation? {
        let installed = try await PostgresInstallation.all()
        let fitting = installed.filter { $0.version.major >= version.major }
        return fitting.min { $0.version < $1.version } ?? installed.max { $0.version < $1.version }
    }

    /// Builds what migrations lead to, and lends it to a closure.
    ///
    /// - Parameters:
    ///   - folder: the migrations.
    ///   - body: gets settings that reach the database as the role that built it, which has no special rights on a private
    ///     server.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws; ``SchemaDiffError``, `MigratorError`, `PostgresError` and `LocalServerError`.
    public func withMigrations<Result>(
        at folder: String,
        _ body: (ConnectionSettings) async throws -> Result
    ) async throws -> Result {
        try await withScratchServer(atLeast: nil) { server in
            try await SchemaBuild(server: server).withMigrations(at: folder, options: migratorOptions, body)
        }
    }

    /// Runs a closure with a server to build on, of at least a version.
    func withScratchServer<Result>(
        atLeast version: ServerVersion?,
        _ body: (ScratchServer) async throws -> Result
    ) async throws -> Result {
        if let scratch { return try await body(ScratchServer(given: scratch)) }
        var options = LocalServer.Options()
        if let version { options.installation = try await Self.installation(atLeast: version) }
        return try await withLocalServer(options) { try await body(ScratchServer($0)) }
    }
}

extension Catalog {
    /// What a database holds before anything is made in it.
    public static func bare(serverVersion: ServerVersion) -> Catalog {
        Catalog(
            serverVersion: serverVersion,
            objects: [
                CatalogObject(
                    ObjectIdentity(.schema, "public"),
                    attributes: [
                        .owner: .text("pg_database_owner"), .comment: .text("standard public schema"),
                        .grants: .list(["=U"]),
                    ]
                )
            ]
        )
    }

    /// The catalog without what depends on who made it.
    func withoutOwners() -> Catalog {
        Catalog(
            serverVersion: serverVersion,
            objects: objects.map { object in
                var attributes = object.attributes
                attributes[.owner] = nil
                return CatalogObject(object.identity, attributes: attributes, dependencies: object.dependencies)
            },
            notModelled: notModelled
        )
    }
}
