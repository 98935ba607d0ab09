import Postgres
import SQLSyntax

/// One reading of a database, over one session or two: takes the rows of the queries in as they come.
actor CatalogReading {
    private var builder = CatalogBuilder()
    private var server = ServerVersion(number: 0)
    /// The pipelines that the first session sends whatever another one does.
    private var reserved: [[CatalogQuery]] = []
    /// The pipelines for whoever has time, those that are best not parted from each other at the two ends.
    private var shared: [[CatalogQuery]] = []
    /// The system catalogs that hold something; nil as long as that is not known.
    private var populated: Set<String>?
    private var links: [CatalogQuery.Link: PostgresRows] = [:]

    /// Whether a second session has taken a part of the work.
    private(set) var isHelped = false
    /// Whether it has ended, rightly or not.
    private var helperHasEnded = false
    private var helperFailed = false
    private var waiter: CheckedContinuation<Void, Never>?

    /// Reads everything that no other session reads, and waits for what another one does.
    ///
    /// - Parameters:
    ///   - connection: a connection outside of a transaction.
    ///   - announce: gets the snapshot, for another session to join.
    /// - Returns: what the snapshot sees of the schema; nil where nothing was written since it was taken.
    /// - Throws: `PostgresError` from the server.
    nonisolated func read(on connection: PostgresConnection, announcing announce: ((Snapshot) -> Void)? = nil)
        async throws -> SchemaState?
    {
        // Asked before the snapshot is taken: what is written in between is only looked at for nothing.
        let position = try await connection.transactionStatus == .idle ? Self.position(on: connection) : nil
        return try await connection.withTransaction(.snapshot) { connection in
            let session = try await connection.query(Snapshot.settings).single
            await begin(on: ServerVersion(number: try Int(postgres: session[0])))
            if let announce, try Bool(postgres: session[1]) {
                let name = try await connection.query("SELECT pg_catalog.pg_export_snapshot()").single
                announce(Snapshot(name: try name.decode(String.self)))
            }
            try await work(on: connection, asHelper: false)
            guard await allIsRead() else { return nil }
            if let position, try await Self.position(on: connection) == position { return nil }
            return try await SchemaState(connection.query(SchemaState.query).single)
        }
    }

    /// How far the server has written; nil where it does not tell.
    private static func position(on connection: PostgresConnection) async throws -> String? {
        do {
            return try await connection.query(SchemaState.position).single.decode(String.self)
        } catch let error as PostgresError where error.code == .server {
            return nil
        }
    }

    /// Reads a part of it in another session's snapshot, for as long as something is left to do.
    ///
    /// - Parameters:
    ///   - settings: where the database is.
    ///   - snapshots: gives the other session's snapshot.
    /// - Throws: `PostgresError` from the server, once a part was taken.
    nonisolated func help(from settings: ConnectionSettings, in snapshots: AsyncStream<Snapshot>) async throws {
        do {
            try await withPostgresConnection(to: settings) { connection in
                try await connection.withTransaction(.snapshot) { connection in
                    guard let snapshot = await snapshots.first(where: { _ in true }) else { return }
                    try await snapshot.join(connection)
                    try await work(on: connection, asHelper: true)
                }
            }
            await endHelp(failed: false)
        } catch {
            await endHelp(failed: true)
            // Before it has taken a part, nothing is lost: the first session goes on alone.
            if await isHelped { throw error }
        }
    }

    private func endHelp(failed: Bool) {
        helperHasEnded = true
        helperFailed = failed
        waiter?.resume()
        waiter = nil
    }

    /// Waits for what the other session still reads.
    ///
    /// - Returns: false if it failed.
    func allIsRead() async -> Bool {
        if isHelped, !helperHasEnded { await withCheckedContinuation { waiter = $0 } }
        return !(isHelped && helperFailed)
    }

    /// The catalog, when everything was read.
    func catalog() throws -> Catalog {
        builder.removeOrphans()
        // What is said of a part, such as the index behind a constraint, is not said of the whole: so before the aliases.
        if let rows = links[.comments] { try builder.add(.comment, rows) }
        if let rows = links[.labels] { try builder.add(.securityLabels, rows) }
        if let rows = links[.privileges] { try builder.addPrivileges(rows) }
        if let rows = links[.aliases] { try builder.addAliases(rows) }
        if let rows = links[.privileges] { try builder.addIdentityPrivileges(rows) }
        if let rows = links[.dependencies] { try builder.addDependencies(rows) }
        let notModelled = try [links[.notModelled], links[.unknown]].compactMap(\.self).flatMap {
            try $0.decode(as: String.self)
        }
        return builder.build(serverVersion: server, notModelled: notModelled)
    }

    private func begin(on server: ServerVersion) {
        self.server = server
        reserved = CatalogQuery.reserved(for: server)
        shared = CatalogQuery.shared(for: server)
    }

    /// Sends pipelines as long as there are any; while the server works on one, the rows of the last are taken in.
    private nonisolated func work(on connection: PostgresConnection, asHelper isHelper: Bool) async throws {
        var waiting: (queries: [CatalogQuery], rows: [PostgresRows])?
        while let queries = await nextPipeline(forHelper: isHelper) {
            let statements = try queries.map { try PostgresStatement($0.sql) }
            async let rows = connection.pipeline(statements)
            if let waiting { try await add(waiting.rows, of: waiting.queries) }
            waiting = (queries, try await rows)
        }
        if let waiting { try await add(waiting.rows, of: waiting.queries) }
    }

    private func nextPipeline(forHelper isHelper: Bool) -> [CatalogQuery]? {
        if !isHelper, !reserved.isEmpty { return reserved.removeFirst() }
        while let pipeline = isHelper ? shared.first : shared.last {
            if isHelper { shared.removeFirst() } else { shared.removeLast() }
            let queries = pipeline.filter { query in
                guard let populated, let source = query.source else { return true }
                return populated.contains(source)
            }
            guard !queries.isEmpty else { continue }
            isHelped = isHelped || isHelper
            return queries
        }
        return nil
    }

    private func add(_ results: [PostgresRows], of queries: [CatalogQuery]) throws {
        for (query, rows) in zip(queries, results) {
            switch query.content {
            case .objects: try builder.add(rows)
            case .columns:
                try builder.add(rows)
                try builder.addPositions(rows)
            case .details: try builder.addDetails(rows)
            case .link(let link): links[link] = rows
            case .populations: populated = Set(try rows.decode(as: String.self))
            }
        }
    }
}

/// What one session sees of a database, for another one to see the same.
struct Snapshot: Sendable {
    let name: String

    /// What holds for the transaction, whatever the role's own settings are; gives the server's version, and whether
    /// snapshots may be lent.
    ///
    /// Names in definitions carry their schema. To compile these queries, or to start other processes for them, takes
    /// longer than they do; a sort of all columns has no need of a disk; and the fewer ways there are to join, the sooner
    /// one is found.
    static let settings = """
        SELECT pg_catalog.current_setting('server_version_num')::integer,
               pg_catalog.has_function_privilege('pg_catalog.pg_export_snapshot()', 'EXECUTE'),
               pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('jit', 'off', true),
               pg_catalog.set_config('max_parallel_workers_per_gather', '0', true),
               pg_catalog.set_config('work_mem', '64MB', true), pg_catalog.set_config('enable_mergejoin', 'off', true),
               pg_catalog.set_config('enable_memoize', 'off', true),
               pg_catalog.set_config('enable_incremental_sort', 'off', true)
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
