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
    func searchPath(beginningWith schema: String?) async throws -> String? {
        guard let schema else { return nil }
        let configured = try await query("SELECT pg_catalog.current_setting('search_path')").single.decode(String.self)
        return Identifier.quote(schema) + (configured.isEmpty ? "" : ", \(configured)")
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
