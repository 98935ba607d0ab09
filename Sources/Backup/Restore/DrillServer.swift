import Catalog
import Postgres
import SQLSyntax

/// Where a drill restores: on a private server, or on one that the user gives.
///
/// On the private one foreign SQL runs as a role without special rights, and the superuser makes extensions only, and
/// lends it what these keep of their user's. On a given one all is done as the role that was given.
struct DrillServer: Sendable {
    /// Makes extensions.
    let administrator: ConnectionSettings
    /// The role that restores; nil for the one that was given.
    let builder: String?

    /// Starts a private server of the snapshot's version or the next newer one, and lends it.
    static func withPrivate<Result>(
        for server: ServerVersion,
        _ settings: [String: String],
        _ body: (DrillServer) async throws -> Result
    ) async throws -> Result {
        let installation = try await PostgresInstallation.all()
            .filter { $0.version.major >= server.major }
            .min { $0.version.major < $1.version.major }
        guard let installation else { throw BackupError.noServer(major: server.major) }
        let options = LocalServer.Options(
            installation: installation,
            settings: ["maintenance_work_mem": "256MB", "max_wal_size": "4GB"].merging(settings) { $1 }
        )
        return try await withLocalServer(options) { local in
            let administrator = try ConnectionSettings(local.connectionString())
            return try await body(DrillServer(administrator: administrator, builder: "lastro"))
        }
    }

    /// The database that is restored, as who restores reaches it.
    func settings(of database: String) -> ConnectionSettings {
        let settings = administrator.with(database: database)
        return builder.map { settings.with("user", $0) } ?? settings
    }

    /// What a server does not have and a snapshot needs.
    struct Lack: Sendable {
        var extensions: [String] = []
        /// Roles that a policy is for.
        var roles: [String] = []
        /// What the role that restores may not make; known only when it has tried.
        var objects: [SchemaEntry] = []
        /// In words, how the database's texts are sorted, without which there is no database.
        var locale: String?

        /// What can be left out.
        var names: [String] { extensions + roles + objects.map(\.title) }

        /// What all that is, without the names.
        var kinds: [String] {
            (extensions.isEmpty ? [] : ["extension"]) + (roles.isEmpty ? [] : ["role"])
                + Set(objects.map { $0.kind.lowercased() }).sorted()
        }

        var words: [String] {
            (locale.map { [$0] } ?? []) + extensions.map { "the extension \($0)" } + roles.map { "the role \($0)" }
        }
    }

    /// Looks for what the server does not have and the snapshot needs.
    func lacks(_ manifest: Manifest, _ catalog: Catalog?) async throws -> Lack {
        try await withPostgresConnection(to: administrator) { connection in
            let source = ServerVersion(number: manifest.database.serverVersion)
            guard connection.serverVersion.major >= source.major else {
                throw BackupError.olderScratch(connection.serverVersion, than: source)
            }
            let present = Set(
                try await connection.query("SELECT name::text FROM pg_available_extensions").decode(as: String.self)
            )
            var lack = Lack()
            lack.extensions = manifest.database.extensions.map(\.name).filter { !present.contains($0) }
            lack.locale = try await manifest.database.missingLocale(on: connection)
            // On the private server they are made.
            if builder == nil, let catalog {
                let roles = try await connection.query("SELECT rolname::text FROM pg_roles").decode(as: String.self)
                lack.roles = catalog.policyRoles.subtracting(roles + ["public"]).sorted()
            }
            return lack
        }
    }

    /// Makes roles of these names on the private server, which may do nothing: policies name them.
    func makeRoles(_ names: [String]) async throws {
        guard builder != nil, !names.isEmpty else { return }
        try await withPostgresConnection(to: administrator) { connection in
            let present = try await connection.query("SELECT rolname::text FROM pg_roles").decode(as: String.self)
            for name in names where !present.contains(name) {
                try await connection.script("CREATE ROLE \(Identifier.quote(name))")
            }
        }
    }

    /// Drops the schema `public`, which belongs to the superuser before PostgreSQL 15.
    func dropPublicSchema(in database: String) async throws {
        try await withPostgresConnection(to: administrator.with(database: database)) {
            try await $0.script("DROP SCHEMA IF EXISTS public")
        }
    }

    /// Makes the extensions of a snapshot, but for those that are missing.
    func makeExtensions(_ extensions: [Manifest.Extension], in database: String) async throws {
        guard !extensions.isEmpty else { return }
        let owner = builder.map { " AUTHORIZATION \($0)" } ?? ""
        try await withPostgresConnection(to: administrator.with(database: database)) { connection in
            for item in extensions {
                let schema = Identifier.quote(item.schema)
                if !["public", "pg_catalog"].contains(item.schema) {
                    try await connection.script("CREATE SCHEMA IF NOT EXISTS \(schema)\(owner)")
                }
                do {
                    try await connection.script(
                        "CREATE EXTENSION IF NOT EXISTS \(Identifier.quote(item.name)) WITH SCHEMA \(schema) CASCADE"
                    )
                } catch let error as PostgresError {
                    throw BackupError.noExtension(item.name, error.message)
                }
            }
            if let builder { try await Self.lend(builder, on: connection) }
        }
    }

    /// Gives who restores the rights to load what extensions keep of their user's, which are the superuser's tables and sequences.
    private static func lend(_ builder: String, on connection: PostgresConnection) async throws {
        let grants = try await connection.query(
            """
            SELECT format('GRANT USAGE ON SCHEMA %1$I TO %4$I; GRANT ALL ON %2$s %1$I.%3$I TO %4$I', n.nspname,
                CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relname, $1::text)
            FROM pg_extension e JOIN pg_class c ON c.oid = ANY (e.extconfig) JOIN pg_namespace n ON n.oid = c.relnamespace
            """,
            builder
        ).decode(as: String.self)
        if !grants.isEmpty { try await connection.script(grants.joined(separator: ";\n")) }
    }
}

extension Catalog {
    /// The roles that policies are for.
    fileprivate var policyRoles: Set<String> {
        objects(of: .policy).reduce(into: []) { roles, policy in
            if case .list(let some) = policy.attributes[.roles] { roles.formUnion(some) }
        }
    }
}
