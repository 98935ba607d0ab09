/// The limits that a server, a database or a role may set on how long a session works or waits.
enum SessionTimeouts {
    /// The SQL that lifts them all, on servers of every version (PostgreSQL manual, Client Connection Defaults).
    ///
    /// A session that only holds a lock or a snapshot is idle for as long as others work.
    static let lifted = """
        SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
        WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout',
            'idle_in_transaction_session_timeout')
        """
}
