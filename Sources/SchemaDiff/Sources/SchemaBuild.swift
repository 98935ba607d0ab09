import Catalog
import Migrator
import Postgres
import SQLSyntax

/// Builds a schema on a scratch server.
struct SchemaBuild {
    let server: ScratchServer

    /// Builds what files of SQL say.
    ///
    /// A statement that needs what is not there yet is put off until the others have run: files may stand in any order.
    func catalog(of scripts: [SQLScript]) async throws -> Catalog {
        try await withRoles { database in
            try await withPostgresConnection(to: database.administrator) { administrator in
                try await withPostgresConnection(to: database.settings) { connection in
                    _ = try await connection.script(
                        "SET check_function_bodies = off; SET client_min_messages = warning"
                    )
                    var waiting = scripts.flatMap { script in script.statements.map { (script, $0) } }
                    while !waiting.isEmpty {
                        var putOff: [(SQLScript, SQLStatement)] = []
                        var failure: (any Error)?
                        for (script, statement) in waiting {
                            do {
                                try await run(statement, on: connection, administrator: administrator)
                            } catch let error as PostgresError where error.saysMissing && error.missingRole == nil {
                                failure = failure ?? SchemaDiffError.notBuilt(script, statement, error)
                                putOff.append((script, statement))
                            } catch let error as PostgresError where error.missingRole == nil && error.code == .server {
                                throw SchemaDiffError.notBuilt(script, statement, error)
                            }
                        }
                        if let failure, putOff.count == waiting.count { throw failure }
                        waiting = putOff
                    }
                    return try await Catalog.read(on: connection)
                }
            }
        }
    }

    /// Builds what migrations lead to.
    func catalog(ofMigrations folder: String, options: Migrator.Options) async throws -> Catalog {
        try await withMigrations(at: folder, options: options) { settings in
            try await withPostgresConnection(to: settings) { try await Catalog.read(on: $0) }
        }
    }

    /// Lends a closure the database that migrations make, as the role that made it.
    func withMigrations<Result>(
        at folder: String,
        options: Migrator.Options,
        to target: MigrationTarget = .newest,
        _ body: (ConnectionSettings) async throws -> Result
    ) async throws -> Result {
        try await withRoles { database in
            let migrator = Migrator(directory: folder, database: database.settings, options: options.building)
            _ = try await migrator.migrate(to: target)()
            return try await body(database.settings)
        }
    }

    /// Builds what the migrations of a history made, as if a role had run them.
    ///
    /// - Parameters:
    ///   - recorded: the migrations.
    ///   - owner: the role; nil for the one that builds.
    ///   - options: how they are run.
    /// - Returns: the schema.
    /// - Throws: `MigratorError`, `PostgresError`.
    func catalog(
        of recorded: RecordedHistory,
        ownedBy owner: String?,
        options: Migrator.Options
    ) async throws -> Catalog {
        try await withRoles { database in
            try await Migrator(directory: "", database: database.settings, options: options.building).replay(recorded)
            return try await withPostgresConnection(to: database.settings) { connection in
                let builder = try await connection.query("SELECT current_user::text").single.decode(String.self)
                let catalog = try await Catalog.read(on: connection)
                return owner.map { catalog.renamingRole(builder, to: $0) } ?? catalog
            }
        }
    }

    /// Makes what a catalog says, and reads it again.
    func catalog(madeFrom catalog: Catalog) async throws -> Catalog {
        try await withDatabase(madeFrom: catalog) { connection, _ in try await Catalog.read(on: connection) }
    }

    /// Runs a closure on a database that was made from a catalog, whoever its objects belong to.
    func withDatabase<Result>(
        madeFrom catalog: Catalog,
        _ body: (PostgresConnection, ScratchDatabase) async throws -> Result
    ) async throws -> Result {
        try await withRoles { database in
            try await withPostgresConnection(to: database.administrator) { administrator in
                try await withPostgresConnection(to: database.settings) { connection in
                    let bare = try await Catalog.read(on: connection).withoutOwners()
                    let plan = try SchemaDiff.plan(
                        from: bare,
                        to: catalog.withoutOwners().takingPublicSchema(from: bare),
                        options: PlanOptions(isOnline: false)
                    )
                    _ = try await connection.script("SET check_function_bodies = off")
                    for step in plan.steps {
                        // An extension brings functions in C, which only a superuser may let in.
                        let session = step.identity.kind == .extension ? administrator : connection
                        for statement in step.statements { _ = try await session.script(statement.sql) }
                    }
                    return try await body(connection, database)
                }
            }
        }
    }

    private func run(
        _ statement: SQLStatement,
        on connection: PostgresConnection,
        administrator: PostgresConnection
    ) async throws {
        if statement.begins(with: "CREATE", "ROLE")
            || statement.begins(with: "CREATE", "USER")
                && !statement.begins(with: "CREATE", "USER", "MAPPING")
            || statement.begins(with: "CREATE", "GROUP")
        {
            // Its rights on the server are none of a schema's business: the name is enough.
            let words = statement.text.split(whereSeparator: \.isWhitespace)
            let name = String(words[2].drop { $0 == "\"" }.prefix { $0 != "\"" && $0 != ";" })
            return try await makeRole(name, on: administrator)
        }
        if server.builder != nil,
            statement.begins(with: "CREATE", "EXTENSION") || statement.begins(with: "COMMENT", "ON", "EXTENSION")
        {
            _ = try await administrator.script(statement.text)
            return
        }
        _ = try await connection.script(statement.text, copyData: statement.copyLines.map { [$0] } ?? [])
    }

    /// What a build turns out to need from a superuser.
    private enum Need: Hashable {
        case role(String)
        case `extension`(String)
    }

    /// Runs a closure on a database of its own, with the roles and the extensions that it turns out to need.
    private func withRoles<Result>(_ body: (ScratchDatabase) async throws -> Result) async throws -> Result {
        var made: Set<Need> = []
        while true {
            let extensions = made.compactMap { if case .extension(let name) = $0 { name } else { nil } }.sorted()
            let outcome: (result: Result?, need: Need?) = try await server.withDatabase { database in
                do {
                    try await makeExtensions(extensions, in: database)
                    return (try await body(database), nil)
                } catch {
                    let message = (error as? PostgresError)?.message ?? (error as? MigratorError)?.message
                    guard let need = message.flatMap(Self.need), server.builder != nil, made.insert(need).inserted
                    else {
                        throw error
                    }
                    return (nil, need)
                }
            }
            if let result = outcome.result { return result }
            guard let need = outcome.need else { preconditionFailure("neither a result nor a need") }
            if case .role(let role) = need {
                try await withPostgresConnection(to: server.administrator) { try await makeRole(role, on: $0) }
            }
        }
    }

    private static func need(_ message: String) -> Need? {
        if let role = message.missingRole { return .role(role) }
        let words = "permission denied to create extension \""
        guard let start = message.firstRange(of: words) else { return nil }
        return .extension(String(message[start.upperBound...].prefix { $0 != "\"" }))
    }

    /// Makes extensions that only a superuser may let in: a migration then finds them with `IF NOT EXISTS`.
    private func makeExtensions(_ names: [String], in database: ScratchDatabase) async throws {
        guard !names.isEmpty else { return }
        try await withPostgresConnection(to: database.administrator) { administrator in
            for name in names {
                _ = try await administrator.query("CREATE EXTENSION \(Identifier.quote(name)) CASCADE")
            }
        }
    }

    private func makeRole(_ role: String, on administrator: PostgresConnection) async throws {
        let exists = try await administrator.query("SELECT FROM pg_catalog.pg_roles WHERE rolname = $1", role)
        let name = Identifier.quote(role)
        if exists.isEmpty { _ = try await administrator.query("CREATE ROLE \(name)") }
        // To hand objects over to a role takes being a member of it.
        if let builder = server.builder { _ = try await administrator.query("GRANT \(name) TO \(builder)") }
    }
}

extension PostgresError {
    /// Whether a statement needs something that is not there, and that another statement may make.
    fileprivate var saysMissing: Bool {
        let states: [SQLState] = ["42P01", "42703", "42704", "42883", "3F000", "42P17", "42830"]
        return sqlState.map(states.contains) ?? false
    }

    /// The role that a statement names and that is not there.
    fileprivate var missingRole: String? { message.missingRole }
}

extension String {
    fileprivate var missingRole: String? {
        guard let end = firstRange(of: "\" does not exist"), let start = firstRange(of: "role \""),
            start.upperBound < end.lowerBound
        else { return nil }
        return String(self[start.upperBound..<end.lowerBound])
    }
}

extension Catalog {
    /// The catalog with the schema that every database has, as another one has it.
    fileprivate func takingPublicSchema(from other: Catalog) -> Catalog {
        let standard = ObjectIdentity(.schema, "public")
        return Catalog(
            serverVersion: serverVersion,
            objects: objects.filter { $0.identity != standard } + [other[standard]].compactMap(\.self)
        )
    }
}

extension Migrator.Options {
    /// How migrations are run to see what they make: what they skip there was judged where they were applied.
    fileprivate var building: Migrator.Options {
        var options = self
        options.skipRule = .ignore
        return options
    }
}
