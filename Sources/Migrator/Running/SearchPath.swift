import Postgres
import SQLSyntax

/// The search path of a run that works in a schema of its own.
enum SearchPath {
    /// The statement that sets a search path, for a transaction or for the session.
    ///
    /// A call and not SET: what the server says of its path is not always what SET would take.
    static func setting(_ path: String, isLocal: Bool) -> String {
        "SELECT pg_catalog.set_config('search_path', \(StringLiteral.quote(path)), \(isLocal))"
    }
}

extension PostgresConnection {
    /// The connection's search path with a schema before it; nil without a schema.
    ///
    /// The server passes over a schema that the role may not use, and one that is called `$user` cannot be named at all:
    /// migrations would then make their tables in the next schema. So it is asked which one comes first.
    ///
    /// - Throws: ``MigratorError`` if it is another one than this.
    func searchPath(beginningWith schema: String?, as role: String?) async throws -> String? {
        guard let schema else { return nil }
        let first = StringLiteral.quote(Identifier.quote(schema))
        let results = try await script(
            """
            BEGIN ISOLATION LEVEL READ COMMITTED; \(role.map { "SET LOCAL ROLE \(Identifier.quote($0)); " } ?? "")\
            SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', \(first), \
            nullif(pg_catalog.current_setting('search_path'), '')), true); \
            SELECT pg_catalog.current_setting('search_path'), pg_catalog.current_schema(); COMMIT
            """
        )
        let (path, current) = try results[results.count - 2].single.decode(String.self, String?.self)
        guard current == schema else { throw MigratorError.unusableSchema(schema, found: current) }
        return path
    }

    /// Runs a closure with another search path, in a transaction.
    func withSearchPath<Result>(
        _ path: String?,
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        guard let path else { return try await body(self) }
        return try await withTransaction(TransactionOptions(isolation: .readCommitted)) { connection in
            try await connection.script(SearchPath.setting(path, isLocal: true))
            return try await body(connection)
        }
    }
}
