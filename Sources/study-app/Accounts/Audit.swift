import Postgres

/// Writes into the platform's trail of who did what; its rows are never changed.
struct Audit: Sendable {
    /// Whose doing it is; nil for somebody at the machine itself.
    let actor: String?
    /// Where from; nil for the machine itself.
    var address: String?

    /// What was done.
    enum Action: String, Sendable {
        case created = "criou"
        case changed = "alterou"
        case removed = "excluiu"
        case entered = "acessou"
    }

    /// Adds a row within the caller's transaction, so that it is there if what it tells of is.
    func record(
        _ action: Action,
        _ entity: String,
        _ id: String,
        after: [String: String]? = nil,
        on connection: PostgresConnection
    ) async throws {
        try await connection.query(
            """
            INSERT INTO audit_log (ator_id, acao, entidade, entidade_id, depois, ip)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            actor,
            action.rawValue,
            entity,
            id,
            after.map { PostgresJSON($0) },
            address
        )
    }
}
