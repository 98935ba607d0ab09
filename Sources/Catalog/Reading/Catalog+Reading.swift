import Postgres

extension Catalog {
    /// Reads the schema of a database, in one snapshot and in a fixed number of queries.
    ///
    /// Given where the database is, a second session in the same snapshot has the definitions printed meanwhile, which
    /// takes the server as long as all the rest. Where it finds no place in time, the first one does that too.
    ///
    /// - Parameters:
    ///   - connection: a connection outside of a transaction.
    ///   - settings: where a second session can be opened; nil for one session alone.
    /// - Returns: the catalog, and what tells whether the schema stayed as it was meanwhile.
    /// - Throws: `PostgresError` from the server.
    static func readOnce(
        on connection: PostgresConnection,
        helpedFrom settings: ConnectionSettings? = nil
    ) async throws -> (catalog: Catalog, state: SchemaState) {
        let reading = CatalogReading()
        guard let settings else {
            let links = try await reading.read(on: connection)
            return (try await reading.catalog(links), try links.state)
        }
        let (snapshots, announcement) = AsyncStream.makeStream(of: Snapshot.self, bufferingPolicy: .bufferingNewest(1))
        async let help: Void = reading.readDefinitions(from: settings, in: snapshots)
        defer { announcement.finish() }
        let links = try await reading.read(on: connection) { announcement.yield($0) }
        if await reading.isHelped { try await help }
        return (try await reading.catalog(links), try links.state)
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
