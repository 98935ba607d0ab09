public import Postgres

extension Catalog {
    /// Reads the schema of a database, in one snapshot and in a fixed number of queries, sent as one pipeline.
    ///
    /// - Parameter connection: a connection outside of a transaction.
    /// - Throws: `PostgresError` from the server.
    public static func read(on connection: PostgresConnection) async throws -> Catalog {
        try await connection.withTransaction(
            TransactionOptions(isolation: .repeatableRead, isReadOnly: true)
        ) { connection in
            let version = try await connection.query("SELECT current_setting('server_version_num')::integer")
            let server = ServerVersion(number: try version.single.decode(Int.self))
            let queries = CatalogQuery.all(for: server)
            // Names in definitions carry their schema, whatever the role's own search path is. To compile these queries
            // takes longer than they do.
            var statements = [
                try PostgresStatement("SELECT set_config('search_path', '', true), set_config('jit', 'off', true)")
            ]
            for query in queries { statements.append(try PostgresStatement(query.sql)) }
            for sql in [
                [SystemCatalogs.extensionMembers, SystemCatalogs.aliases, SystemCatalogs.partAliases]
                    .joined(separator: " UNION ALL "),
                SystemCatalogs.comments, SystemCatalogs.labels, SystemCatalogs.dependencies, SystemCatalogs.notModelled,
            ] {
                statements.append(try PostgresStatement(sql))
            }
            let results = try await connection.pipeline(statements)
            var builder = CatalogBuilder()
            for rows in results[1...queries.count] { try builder.add(rows) }
            builder.removeOrphans()
            let rest = results[(queries.count + 1)...]
            let first = rest.startIndex
            // What is said of a part, such as the index behind a constraint, is not said of the whole: so before the aliases.
            try builder.add(.comment, rest[first + 1])
            try builder.add(.securityLabels, rest[first + 2])
            try builder.addAliases(rest[first])
            try builder.addDependencies(rest[first + 3])
            let notModelled = try rest[first + 4].map { row in try String(postgres: row[0]) }
            return builder.build(serverVersion: server, notModelled: notModelled)
        }
    }
}

extension CatalogQuery {
    /// The queries for a server, one file a group of kinds.
    static func all(for server: ServerVersion) -> [CatalogQuery] {
        [
            schemas, extensions, languages, accessMethods, collations(for: server), conversions,
            baseTypes, enumerations, compositeTypes, domains, domainConstraints, rangeTypes, functions, aggregates,
            operators, operatorFamilies, operatorClasses, casts, transforms,
            textSearchParsers, textSearchTemplates, textSearchDictionaries, textSearchConfigurations,
            foreignDataWrappers, servers, userMappings,
            tables, columns(for: server), views, constraints, indexes, statistics, sequences, rules, triggers, policies,
            eventTriggers, publications(for: server), subscriptions(for: server), defaultPrivileges,
        ]
    }
}
