import Postgres

extension Catalog {
    /// Reads the schema of a database, in one snapshot and in a fixed number of queries, sent as three pipelines.
    ///
    /// - Parameter connection: a connection outside of a transaction.
    /// - Returns: the catalog, and what tells whether the schema stayed as it was meanwhile.
    /// - Throws: `PostgresError` from the server.
    static func readOnce(on connection: PostgresConnection) async throws -> (catalog: Catalog, state: SchemaState) {
        try await connection.withTransaction(
            TransactionOptions(isolation: .repeatableRead, isReadOnly: true)
        ) { connection in
            let version = try await connection.query("SELECT current_setting('server_version_num')::integer")
            let server = ServerVersion(number: try version.single.decode(Int.self))
            let (columns, others) = CatalogQuery.all(for: server)
            let readings = try [
                [settings] + columns.map(\.sql), others.map(\.sql),
                [
                    [SystemCatalogs.extensionMembers, SystemCatalogs.aliases, SystemCatalogs.partAliases]
                        .joined(separator: " UNION ALL "),
                    SystemCatalogs.comments, SystemCatalogs.labels, SystemCatalogs.dependencies,
                    SystemCatalogs.notModelled, SchemaState.query,
                ],
            ].map { try $0.map { try PostgresStatement($0) } }
            var builder = CatalogBuilder()
            // While the server works on the next part, the last one is taken in.
            let first = try await connection.pipeline(readings[0])
            async let secondPart = connection.pipeline(readings[1])
            for rows in first.dropFirst() { try builder.add(rows) }
            let second = try await secondPart
            async let thirdPart = connection.pipeline(readings[2])
            for rows in second { try builder.add(rows) }
            builder.removeOrphans()
            let rest = try await thirdPart
            // What is said of a part, such as the index behind a constraint, is not said of the whole: so before the aliases.
            try builder.add(.comment, rest[1])
            try builder.add(.securityLabels, rest[2])
            try builder.addAliases(rest[0])
            try builder.addDependencies(rest[3])
            let notModelled = try rest[4].map { row in try String(postgres: row[0]) }
            let state = try SchemaState(rest[5].single)
            return (builder.build(serverVersion: server, notModelled: notModelled), state)
        }
    }

    /// What holds for the transaction, whatever the role's own settings are.
    ///
    /// Names in definitions carry their schema. To compile these queries, or to start other processes for them, takes
    /// longer than they do; and a sort of all columns has no need of a disk.
    private static let settings = """
        SELECT set_config('search_path', '', true), set_config('jit', 'off', true),
               set_config('max_parallel_workers_per_gather', '0', true), set_config('work_mem', '64MB', true)
        """
}

extension CatalogQuery {
    /// The queries for a server, one file a group of kinds: that of the columns, which are the most, and the others.
    static func all(for server: ServerVersion) -> (columns: [CatalogQuery], others: [CatalogQuery]) {
        (
            [columns(for: server)],
            [
                schemas, extensions, languages, accessMethods, collations(for: server), conversions,
                baseTypes, enumerations, compositeTypes, domains, domainConstraints, rangeTypes, functions, aggregates,
                operators, operatorFamilies, operatorClasses, casts, transforms,
                textSearchParsers, textSearchTemplates, textSearchDictionaries, textSearchConfigurations,
                foreignDataWrappers, servers, userMappings,
                tables, views, constraints, indexes, statistics, sequences, rules, triggers, policies,
                eventTriggers, publications(for: server), subscriptions(for: server), defaultPrivileges,
            ]
        )
    }
}
