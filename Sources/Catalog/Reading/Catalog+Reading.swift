import Postgres
import SQLSyntax

extension Catalog {
    /// Reads the schema of a database, in one snapshot and in a fixed number of queries at most.
    ///
    /// Given where the database is, a second session in the same snapshot takes a part of the queries, if it finds a place
    /// on the server in time.
    ///
    /// - Parameters:
    ///   - connection: a connection outside of a transaction.
    ///   - settings: where a second session can be opened; nil for one session alone.
    /// - Returns: the catalog, and what the snapshot saw of the schema; nil where nothing was written since.
    /// - Throws: `PostgresError` from the server.
    static func readOnce(
        on connection: PostgresConnection,
        helpedFrom settings: ConnectionSettings? = nil
    ) async throws -> (catalog: Catalog, state: SchemaState?) {
        let reading = CatalogReading()
        guard let settings else {
            let state = try await reading.read(on: connection)
            return (try await reading.catalog(), state)
        }
        let (snapshots, announcement) = AsyncStream.makeStream(of: Snapshot.self, bufferingPolicy: .bufferingNewest(1))
        async let help: Void = reading.help(from: settings, in: snapshots)
        defer { announcement.finish() }
        let state = try await reading.read(on: connection) { announcement.yield($0) }
        if await reading.isHelped { try await help }
        return (try await reading.catalog(), state)
    }
}

extension CatalogQuery {
    /// The pipelines that come first: the columns, which are the most, and what is said of objects of every kind.
    static func reserved(for server: ServerVersion) -> [[CatalogQuery]] {
        [
            [columns(for: server), columnDetails(for: server), populations(for: server)],
            [
                CatalogQuery(SystemCatalogs.allAliases, content: .link(.aliases)),
                CatalogQuery(SystemCatalogs.comments, content: .link(.comments)),
                CatalogQuery(SystemCatalogs.privileges, content: .link(.privileges)),
                CatalogQuery(SystemCatalogs.labels, content: .link(.labels)),
                CatalogQuery(SystemCatalogs.dependencies, content: .link(.dependencies)),
                CatalogQuery(SystemCatalogs.notModelled, content: .link(.notModelled)),
            ],
        ]
    }

    /// The other pipelines, of queries that each are in a file for their group of kinds.
    ///
    /// At the beginning stand those for which the server opens the tables, to print what is said of their columns: it is
    /// best done by one session.
    static func shared(for server: ServerVersion) -> [[CatalogQuery]] {
        [
            [constraints], [indexes],
            [views, rules, triggers, policies.unlessEmpty("pg_policy")],
            [tables, functions],
            [
                schemas, extensions, enumerations.unlessEmpty("pg_type WHERE typtype = 'e' AND oid >= 16384"),
                compositeTypes.unlessEmpty("pg_class WHERE relkind = 'c' AND oid >= 16384"),
                domains.unlessEmpty("pg_type WHERE typtype = 'd' AND oid >= 16384"),
                baseTypes.unlessEmpty(
                    "pg_type WHERE oid >= 16384 AND (NOT typisdefined OR typtype = 'b' AND typarray <> 0)"
                ),
                CatalogQuery(SystemCatalogs.unknownToThisVersion, content: .link(.unknown))
                    .unlessEmpty(SystemCatalogs.otherCatalogs(than: server)),
                statistics.unlessEmpty("pg_statistic_ext"), subscriptions(for: server),
                sequences.unlessEmpty("pg_sequence WHERE seqrelid >= 16384"),
                aggregates.unlessEmpty("pg_aggregate WHERE aggfnoid >= 16384"),
                rangeTypes.unlessEmpty("pg_range WHERE rngtypid >= 16384"),
                domainConstraints.unlessEmpty("pg_constraint WHERE contypid >= 16384"),
                languages.unlessEmpty("pg_language"), accessMethods.unlessEmpty("pg_am"),
                collations(for: server).unlessEmpty("pg_collation"), conversions.unlessEmpty("pg_conversion"),
                operators.unlessEmpty("pg_operator"), operatorFamilies.unlessEmpty("pg_opfamily"),
                operatorClasses.unlessEmpty("pg_opclass"), casts.unlessEmpty("pg_cast"),
                transforms.unlessEmpty("pg_transform"),
                textSearchParsers.unlessEmpty("pg_ts_parser"), textSearchTemplates.unlessEmpty("pg_ts_template"),
                textSearchDictionaries.unlessEmpty("pg_ts_dict"),
                textSearchConfigurations.unlessEmpty("pg_ts_config"),
                foreignDataWrappers.unlessEmpty("pg_foreign_data_wrapper"),
                servers.unlessEmpty("pg_foreign_server"), userMappings.unlessEmpty("pg_foreign_server"),
                eventTriggers.unlessEmpty("pg_event_trigger"), publications(for: server).unlessEmpty("pg_publication"),
                defaultPrivileges.unlessEmpty("pg_default_acl"),
            ],
        ]
    }

    /// Which of the system catalogs that hold the rarer kinds have anything in them: to plan a query for nothing takes the
    /// server as long as one of a small schema takes it.
    private static func populations(for server: ServerVersion) -> CatalogQuery {
        let sources = Set(shared(for: server).joined().compactMap(\.source)).sorted()
        let arms = sources.map { source in
            let rows = source.contains("WHERE") ? source : source + " WHERE oid >= 16384"
            return "SELECT \(StringLiteral.quote(source))::text WHERE EXISTS (SELECT FROM pg_catalog.\(rows))"
        }
        return CatalogQuery(arms.joined(separator: " UNION ALL "), content: .populations)
    }
}
