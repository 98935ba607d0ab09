/// What PgBouncer says by itself, in the server's place (its manual, "Configuration").
enum PoolerRefusal {
    static let unsupportedParameter =
        "leave the parameter out (`options` is PGOPTIONS or options= in the address), or name it in the pooler's "
        + "ignore_startup_parameters"

    /// What it says to who waits for a connection to the server: no statement has been sent then.
    private static let waiting = [
        "query_wait_timeout", "server_login_retry", "server login has been failing", "server login failed",
        "pgbouncer cannot connect to server", "the database system is starting up",
    ]

    /// The error for a client that the pooler has let in and does not serve; nil for any other fatal error.
    static func unserved(_ words: String) -> PostgresError? {
        guard waiting.contains(where: { words.contains($0) }) else { return nil }
        return PostgresError(
            .connectionFailed,
            "the pooler gave no connection to the server: \(words)",
            state: "nothing was sent",
            next: words.contains("query_wait_timeout")
                ? "give this database a larger pool, raise query_wait_timeout, or connect directly"
                : "start the server behind the pooler, or see in the pooler's log why it does not let it in"
        )
    }

    /// What to do after the pooler has cut a connection; nil where it was another reason.
    static func remedy(afterCut words: String) -> String? {
        remedies.first { words.contains($0.words) }?.next
    }

    private static let remedies: [(words: String, next: String)] = [
        ("query timeout", "raise the pooler's query_timeout, or connect directly"),
        ("query_timeout", "raise the pooler's query_timeout, or connect directly"),
        ("idle transaction timeout", "raise the pooler's idle_transaction_timeout, or connect directly"),
        ("idle_transaction_timeout", "raise the pooler's idle_transaction_timeout, or connect directly"),
        ("client_idle_timeout", "raise the pooler's client_idle_timeout, or connect directly"),
        ("statement pooling mode", "give this database pool_mode = transaction or session, or connect directly"),
    ]
}

extension PostgresError {
    /// Whether a pooler let the client in and has no server for it.
    var isUnserved: Bool { code == .connectionFailed && PoolerRefusal.unserved(message) != nil }
}
