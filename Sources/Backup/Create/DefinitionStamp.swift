import Postgres

/// The versions of what no lock of ours holds still: views, sequences, functions, types.
///
/// Programs that print definitions ask the server for some of them as they are now, and not as a snapshot sees them.
struct DefinitionStamp: Hashable, Sendable {
    private let versions: Set<String>

    /// Reads them as the connection sees them.
    static func read(on connection: PostgresConnection) async throws -> DefinitionStamp {
        let rows = try await connection.query(
            """
            WITH own AS (SELECT oid FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_')
            SELECT concat_ws(' ', 'relation', oid, xmin) FROM pg_class
                WHERE relkind IN ('v', 'S', 'c', 'f') AND relnamespace IN (SELECT oid FROM own)
            UNION ALL SELECT concat_ws(' ', 'rule', r.oid, r.xmin) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
                WHERE c.relnamespace IN (SELECT oid FROM own)
            UNION ALL SELECT concat_ws(' ', 'routine', oid, xmin) FROM pg_proc WHERE pronamespace IN (SELECT oid FROM own)
            UNION ALL SELECT concat_ws(' ', 'type', oid, xmin) FROM pg_type
                WHERE typtype IN ('e', 'd', 'r', 'm') AND typnamespace IN (SELECT oid FROM own)
            UNION ALL SELECT concat_ws(' ', 'label', oid, xmin) FROM pg_enum
            """
        )
        return DefinitionStamp(versions: Set(try rows.decode(as: String.self)))
    }

    /// Whether all of it is still so; what came since is in no snapshot of before.
    func holds(in later: DefinitionStamp) -> Bool { versions.isSubset(of: later.versions) }
}

extension PostgresError {
    /// Whether something went away that was there when a list of it was made.
    var tellsOfChange: Bool {
        guard let state = sqlState?.rawValue else { return false }
        // No such table, function, object, schema; and what a look into the server's own caches says.
        return ["42P01", "42883", "42704", "3F000", "XX000"].contains(state)
    }
}
