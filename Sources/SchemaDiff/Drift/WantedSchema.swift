import Catalog
import Migrator
import Postgres

/// The schema that the migrations of a history made, built once for everything that it follows from.
struct WantedSchema {
    let reader: SchemaReader
    let recorded: RecordedHistory
    /// The role that owns what they made; nil for the one that builds.
    let owner: String?
    /// What is, whose version and extensions decide what is built on.
    let live: Catalog
    let usesCache: Bool

    /// The schema, and whether it was in the cache.
    func catalog() async throws -> (catalog: Catalog, isCached: Bool) {
        let cached = CachedText("schemas", key: try await key())
        // A damaged file is written anew.
        if usesCache, let text = cached.text, let catalog = try? CatalogFile.read(Array(text.utf8), name: "cache") {
            return (catalog, true)
        }
        let catalog = try await reader.withScratchServer(atLeast: live.serverVersion) { server in
            try await SchemaBuild(server: server).catalog(of: recorded, ownedBy: owner, options: options)
        }
        if usesCache { cached.keep(CatalogFile.text(of: catalog)) }
        return (catalog, false)
    }

    /// How the migrations are run: as the builder, who need not be let into the roles of another server, and without limits.
    private var options: Migrator.Options {
        var options = reader.migratorOptions
        options.role = nil
        options.lockTimeout = nil
        options.statementTimeout = nil
        return options
    }

    /// Everything that the schema follows from: whole files, placeholders, role, servers and extensions.
    private func key() async throws -> String {
        var parts = ["1", lastroVersion, String(CatalogFile.format), owner ?? "", options.schema ?? ""]
        parts.append(options.historyTable.map { "\($0.schema ?? "").\($0.name)" } ?? "")
        for (name, value) in (options.placeholders ?? [:]).sorted(by: { $0.key < $1.key }) { parts += [name, value] }
        parts.append(options.placeholders == nil ? "as they are" : "replaced")
        for record in recorded.records {
            parts += [record.migration.name, try content(record.migration.up)]
            if let verify = record.migration.verify { parts.append(try content(verify)) }
        }
        parts.append("hooks")
        for hook in recorded.hooks { parts += [hook.path, try content(hook)] }
        parts.append("server \(live.serverVersion)")
        for object in live.objects(of: .extension) {
            parts += [object.identity.name, object.text(AttributeName(rawValue: "version")) ?? ""]
        }
        parts += try await scratchServer()
        return Fingerprint(ofTexts: parts).description.replacing(":", with: "-")
    }

    private func content(_ source: MigrationSource) throws -> String {
        String(decoding: try SQLFiles.content(of: source.path), as: UTF8.self)
    }

    /// What tells the server that would be built on from another one.
    private func scratchServer() async throws -> [String] {
        guard let scratch = reader.scratch else {
            guard let installation = try await SchemaReader.installation(atLeast: live.serverVersion) else { return [] }
            return ["private", "\(installation.binFolder)", "\(installation.version)"]
        }
        return try await withPostgresConnection(to: scratch) { connection in
            try await connection.query(
                """
                SELECT 'given ' || version() || ' ' || current_user UNION ALL SELECT * FROM (
                    SELECT name || ' ' || default_version FROM pg_catalog.pg_available_extensions ORDER BY 1) AS names
                """
            ).decode(as: String.self)
        }
    }
}
