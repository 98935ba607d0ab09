import Postgres
import SQLSyntax

/// One reading of a database, over one session or two: takes the rows of the queries in as they come.
actor CatalogReading {
    private var builder = CatalogBuilder()
    /// Whose the definitions are to read: nil for whoever is there first.
    private var definitionsAreHelpers: Bool?

    /// Whether a second session reads the definitions, or has read them.
    var isHelped: Bool { definitionsAreHelpers ?? false }

    /// Reads everything that no other session reads.
    ///
    /// - Parameters:
    ///   - connection: a connection outside of a transaction.
    ///   - announce: gets the snapshot, for another session to join; nil where there is none.
    /// - Returns: what is said of objects of every kind, for ``catalog(_:)``.
    /// - Throws: `PostgresError` from the server.
    nonisolated func read(
        on connection: PostgresConnection,
        announcing announce: ((Snapshot) -> Void)? = nil
    ) async throws -> Links {
        try await connection.withTransaction(.snapshot) { connection in
            let session = try await connection.query(Snapshot.settings).single
            let server = ServerVersion(number: try Int(postgres: session[0]))
            if let announce, try Bool(postgres: session[1]) {
                let name = try await connection.query("SELECT pg_catalog.pg_export_snapshot()").single
                announce(Snapshot(name: try name.decode(String.self), server: server))
            }
            let rows = try await run(CatalogQuery.rest(for: server), on: connection, then: SystemCatalogs.links)
            if await claimDefinitions(forHelper: false) {
                try await run(CatalogQuery.definitions, on: connection)
            }
            return Links(server: server, rows: rows)
        }
    }

    /// Reads the definitions in another session's snapshot, if it can join that before they are read there.
    nonisolated func readDefinitions(from settings: ConnectionSettings, in snapshots: AsyncStream<Snapshot>)
        async throws
    {
        guard let snapshot = await snapshots.first(where: { _ in true }) else { return }
        do {
            try await withPostgresConnection(to: settings) { connection in
                try await connection.withTransaction(.snapshot) { connection in
                    try await snapshot.join(connection)
                    guard await claimDefinitions(forHelper: true) else { return }
                    try await run(CatalogQuery.definitions, on: connection)
                }
            }
        } catch {
            // Before it has begun, nothing is lost: the first session goes on alone.
            if await isHelped { throw error }
        }
    }

    /// The catalog, when everything was read.
    func catalog(_ links: Links) throws -> Catalog {
        builder.removeOrphans()
        // What is said of a part, such as the index behind a constraint, is not said of the whole: so before the aliases.
        try builder.add(.comment, links.rows[1])
        try builder.add(.securityLabels, links.rows[2])
        try builder.addAliases(links.rows[0])
        try builder.addDependencies(links.rows[3])
        let notModelled = try links.rows[4].map { row in try String(postgres: row[0]) }
        return builder.build(serverVersion: links.server, notModelled: notModelled)
    }

    /// Sends pipelines one after another, and takes in the rows of all but the last one.
    @discardableResult
    private nonisolated func run(
        _ pipelines: [[CatalogQuery]],
        on connection: PostgresConnection,
        then last: [String] = []
    ) async throws -> [PostgresRows] {
        var waiting: (queries: [CatalogQuery], rows: [PostgresRows])?
        for queries in pipelines {
            let statements = try queries.map { try PostgresStatement($0.sql) }
            async let rows = connection.pipeline(statements)
            if let waiting { try await add(waiting.rows, of: waiting.queries) }
            waiting = (queries, try await rows)
        }
        let statements = try last.map { try PostgresStatement($0) }
        async let rows = connection.pipeline(statements)
        if let waiting { try await add(waiting.rows, of: waiting.queries) }
        return try await rows
    }

    private func add(_ results: [PostgresRows], of queries: [CatalogQuery]) throws {
        for (query, rows) in zip(queries, results) {
            switch query.content {
            case .objects: try builder.add(rows)
            case .columns:
                try builder.add(rows)
                try builder.addPositions(rows)
            case .details: try builder.addDetails(rows)
            }
        }
    }

    /// Whether the definitions are for the one who asks to read: they are for whoever asks first.
    private func claimDefinitions(forHelper isHelper: Bool) -> Bool {
        if definitionsAreHelpers == nil { definitionsAreHelpers = isHelper }
        return definitionsAreHelpers == isHelper
    }

    /// Rows that say something of objects of every kind, in the order of ``SystemCatalogs/links``.
    struct Links: Sendable {
        let server: ServerVersion
        let rows: [PostgresRows]

        /// What the snapshot saw of the rows that definitions are made of.
        var state: SchemaState {
            get throws { try SchemaState(rows[5].single) }
        }
    }
}

/// What one session sees of a database, for another one to see the same.
struct Snapshot: Sendable {
    let name: String
    let server: ServerVersion

    /// What holds for the transaction, whatever the role's own settings are; gives the server's version, and whether
    /// snapshots may be lent.
    ///
    /// Names in definitions carry their schema. To compile these queries, or to start other processes for them, takes
    /// longer than they do; and a sort of all columns has no need of a disk.
    static let settings = """
        SELECT pg_catalog.current_setting('server_version_num')::integer,
               pg_catalog.has_function_privilege('pg_catalog.pg_export_snapshot()', 'EXECUTE'),
               pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('jit', 'off', true),
               pg_catalog.set_config('max_parallel_workers_per_gather', '0', true),
               pg_catalog.set_config('work_mem', '64MB', true)
        """

    /// Makes a session that has just begun a transaction see the snapshot.
    func join(_ connection: PostgresConnection) async throws {
        let join = "SET TRANSACTION SNAPSHOT \(StringLiteral.quote(name))"
        _ = try await connection.pipeline([PostgresStatement(join), PostgresStatement(Self.settings)])
    }
}

extension TransactionOptions {
    /// A transaction that sees one state of the database and changes nothing.
    fileprivate static let snapshot = TransactionOptions(isolation: .repeatableRead, isReadOnly: true)
}

extension SystemCatalogs {
    /// What stands for other objects, the comments, the labels, the dependencies, what is not modelled, the state.
    static let links = [
        [extensionMembers, aliases, partAliases].joined(separator: " UNION ALL "), comments, labels, dependencies,
        notModelled, SchemaState.query,
    ]
}
