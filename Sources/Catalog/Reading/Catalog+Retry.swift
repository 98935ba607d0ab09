public import Postgres

extension Catalog {
    /// How often a schema is read that others change meanwhile.
    private static let tries = 5

    /// Reads the schema of a database over two sessions in one snapshot, once more where somebody changed it meanwhile.
    ///
    /// - Parameter settings: where the database is.
    /// - Returns: the catalog.
    /// - Throws: `PostgresError` from the server; ``CatalogError`` where the schema did not stay as it was, however often
    ///   it was read.
    public static func read(from settings: ConnectionSettings) async throws -> Catalog {
        try await withPostgresConnection(to: settings) { try await readAgain(on: $0, helpedFrom: settings) }
    }

    /// Reads the schema of a database over one connection, once more where somebody changed it meanwhile.
    ///
    /// - Parameter connection: a connection; within a transaction of the caller's own the schema is read once.
    /// - Returns: the catalog.
    /// - Throws: `PostgresError` from the server; ``CatalogError`` where the schema did not stay as it was, however often
    ///   it was read.
    public static func read(on connection: PostgresConnection) async throws -> Catalog {
        guard await connection.transactionStatus == .idle else { return try await readOnce(on: connection).catalog }
        return try await readAgain(on: connection)
    }

    private static func readAgain(
        on connection: PostgresConnection,
        helpedFrom settings: ConnectionSettings? = nil
    ) async throws -> Catalog {
        for attempt in 1...tries {
            if attempt > 1 { try await Task.sleep(for: .milliseconds(50 * attempt)) }
            if let catalog = try await readWhole(on: connection, helpedFrom: settings) { return catalog }
        }
        throw CatalogError.changedMeanwhile(tries: tries)
    }

    /// Reads the schema; returns nil where it did not stay as it was.
    private static func readWhole(
        on connection: PostgresConnection,
        helpedFrom settings: ConnectionSettings?
    ) async throws -> Catalog? {
        let reading: (catalog: Catalog, state: SchemaState?)
        do {
            reading = try await readOnce(on: connection, helpedFrom: settings)
        } catch let error as PostgresError where error.isOfSomethingGone {
            return nil
        }
        return try await reading.state?.holds(on: connection) ?? true ? reading.catalog : nil
    }
}

extension PostgresError {
    /// Whether the server missed something that the snapshot still has: `cache lookup failed`, `could not open relation`,
    /// a label of an enum, or a name that is gone.
    fileprivate var isOfSomethingGone: Bool {
        let states: [SQLState] = ["XX000", "22P03", "42P01", "42703", "42704", "42883", "3F000"]
        return sqlState.map(states.contains) ?? false
    }
}
