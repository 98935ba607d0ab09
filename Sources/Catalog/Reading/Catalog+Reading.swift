public import Postgres

extension Catalog {
    /// Reads the schema of a database, in one snapshot and in a fixed number of queries.
    ///
    /// A second session in the same snapshot has the definitions printed meanwhile, which takes the server as long as all
    /// the rest. Where it finds no place in time, the first one does that too.
    ///
    /// - Parameter settings: where the database is.
    /// - Returns: the catalog.
    /// - Throws: `PostgresError` from the server.
    public static func read(from settings: ConnectionSettings) async throws -> Catalog {
        let reading = CatalogReading()
        let (snapshots, announcement) = AsyncStream.makeStream(of: Snapshot.self, bufferingPolicy: .bufferingNewest(1))
        async let help: Void = reading.readDefinitions(from: settings, in: snapshots)
        defer { announcement.finish() }
        let links = try await withPostgresConnection(to: settings) { connection in
            try await reading.read(on: connection) { announcement.yield($0) }
        }
        if await reading.isHelped { try await help }
        return try await reading.catalog(links)
    }

    /// Reads the schema of a database over one connection, in one snapshot and in a fixed number of queries.
    ///
    /// - Parameter connection: a connection outside of a transaction.
    /// - Returns: the catalog.
    /// - Throws: `PostgresError` from the server.
    public static func read(on connection: PostgresConnection) async throws -> Catalog {
        let reading = CatalogReading()
        let links = try await reading.read(on: connection)
        return try await reading.catalog(links)
    }
}

extension CatalogQuery {
    /// The queries for a server, one file a group of kinds, in pipelines: while the server works on one, the rows of the
    /// last one are taken in.
    static func rest(for server: ServerVersion) -> [[CatalogQuery]] {
        [
            [columns(for: server), columnDetails(for: server)],
            [
                tables, sequences, functions, aggregates,
                schemas, extensions, languages, accessMethods, collations(for: server), conversions,
                baseTypes, enumerations, compositeTypes, domains, domainConstraints, rangeTypes,
                operators, operatorFamilies, operatorClasses, casts, transforms,
                textSearchParsers, textSearchTemplates, textSearchDictionaries, textSearchConfigurations,
                foreignDataWrappers, servers, userMappings,
                eventTriggers, publications(for: server), subscriptions(for: server), defaultPrivileges,
            ],
        ]
    }

    /// The queries for whose rows the server opens the tables, to print what is said of their columns.
    static let definitions = [[constraints], [indexes, statistics], [views, rules, triggers, policies]]
}
