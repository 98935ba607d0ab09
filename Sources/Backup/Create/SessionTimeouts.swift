/// The limits that a server, a database or a role may set on how long a session works or waits.
enum SessionTimeouts {
    /// The SQL that lifts them all, on servers of every version (PostgreSQL manual, Client Connection Defaults).
    ///
    /// A session that only holds a lock or a snapshot is idle for as long as others work.
    static let lifted = """
        SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;
        SELECT CASE WHEN pg_catalog.current_setting(name, true) IS NOT NULL THEN pg_catalog.set_config(name, '0', false) END
        FROM (VALUES ('transaction_timeout'), ('idle_session_timeout')) t (name)
        """
}
