import Postgres
import SQLSyntax

/// Puts a restored database into the place of one that is there, which is kept under another name.
///
/// First is written down what is done, and the old database closed, in one transaction; then its sessions are ended; then
/// both get their names, in one transaction again. Whoever finds the record of a dead run goes on from there.
struct DatabaseExchange: Sendable {
    let draft: String
    let record: DraftRecord
    let exchange: DraftRecord.Exchange
    let administrator: PostgresConnection
    /// How long sessions that do not end are waited for.
    var patience: Duration = .seconds(60)

    /// The database that has a name already; nil if there is none.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - administrator: a connection to the server.
    ///   - mustBeReplaceable: whether who restores has to be able to put another into its place.
    /// - Returns: what there is to know of it.
    /// - Throws: ``BackupError`` if it cannot be replaced.
    static func old(
        _ name: String,
        on administrator: PostgresConnection,
        checking mustBeReplaceable: Bool
    ) async throws -> OldDatabase? {
        let row = try await administrator.query(
            """
            SELECT d.oid::bigint, d.datallowconn, pg_has_role(d.datdba, 'MEMBER'), d.datistemplate,
                shobj_description(d.oid, 'pg_database')
            FROM pg_database d WHERE d.datname = $1
            """,
            name
        ).first
        guard let row else { return nil }
        let isReplaceable =
            try Bool(postgres: row[2]) && !Bool(postgres: row[3]) && !["postgres", "template1"].contains(name)
        guard isReplaceable || !mustBeReplaceable else { throw BackupError.irreplaceable(name) }
        return OldDatabase(
            oid: try Int(postgres: row[0]),
            allowsConnections: try Bool(postgres: row[1]),
            comment: row[4].text
        )
    }

    struct OldDatabase: Sendable {
        let oid: Int
        let allowsConnections: Bool
        let comment: String?
    }

    /// A name for the old database that nothing has yet.
    static func keptName(for name: String, at time: String, on administrator: PostgresConnection) async throws -> String
    {
        let suffix = "_before_" + Timestamp.digits(time).lowercased()
        var number = 1
        while true {
            let tail = number == 1 ? suffix : suffix + "_\(number)"
            var head = name[...]
            while head.utf8.count + tail.utf8.count > Identifier.maximumLength { head = head.dropLast() }
            let rows = try await administrator.query("SELECT FROM pg_database WHERE datname = $1", head + tail)
            if rows.isEmpty { return head + tail }
            number += 1
        }
    }

    /// Writes down what is done, and closes the old database.
    ///
    /// - Throws: ``BackupError`` if another one has its name meanwhile; then nothing is changed.
    func close() async throws {
        try await administrator.withTransaction { administrator in
            try await checkName()
            try await administrator.script(
                """
                COMMENT ON DATABASE \(draft) IS \(StringLiteral.quote(try record.comment));
                ALTER DATABASE \(Identifier.quote(record.database)) ALLOW_CONNECTIONS false
                """
            )
            // From here on nobody can give the name away.
            try await checkName()
        }
    }

    private func checkName() async throws {
        guard try await nameOfOld() == record.database else {
            throw BackupError.otherDatabaseMeanwhile(record.database)
        }
    }

    /// Opens the old database again, whatever it is called by now, and forgets what was written down.
    func reopen() async throws {
        guard let name = try await nameOfOld() else { return }
        var plain = record
        plain.exchange = nil
        try await administrator.script(
            """
            BEGIN;
            COMMENT ON DATABASE \(draft) IS \(StringLiteral.quote(try plain.comment));
            ALTER DATABASE \(Identifier.quote(name)) ALLOW_CONNECTIONS \(exchange.allowedConnections);
            COMMIT
            """
        )
    }

    /// Ends the sessions of the old database, and exchanges the names.
    ///
    /// - Returns: whether it was done; if not, the old database is another one meanwhile.
    func finish(_ observe: (Step) async throws -> Void = { _ in }) async throws -> Bool {
        let limit = ContinuousClock.now + patience
        while true {
            guard try await nameOfOld() == record.database else { return false }
            let sessions = try await endSessions()
            if sessions == 0 {
                try await observe(.cleared)
                do {
                    try await rename()
                    return true
                } catch let error as PostgresError where error.sqlState == "55006" {
                    await administrator.rollBack()  // somebody is on the way out, or has a prepared transaction
                }
            }
            guard ContinuousClock.now < limit else { throw BackupError.staysConnected(record.database, sessions) }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    enum Step: Hashable, Sendable, CaseIterable {
        /// The restored database is whole, and has the old one's owner, grants and settings.
        case ready
        /// It is written down, and the old database is closed.
        case closed
        /// The old database has no session any more.
        case cleared
        /// Both have their names.
        case exchanged
    }

    private func rename() async throws {
        let (new, kept) = (Identifier.quote(record.database), Identifier.quote(exchange.keptAs))
        let comment = exchange.comment.map(StringLiteral.quote) ?? "NULL"
        try await administrator.script(
            """
            BEGIN;
            ALTER DATABASE \(new) RENAME TO \(kept);
            ALTER DATABASE \(draft) RENAME TO \(new);
            ALTER DATABASE \(kept) ALLOW_CONNECTIONS \(exchange.allowedConnections);
            COMMENT ON DATABASE \(new) IS \(comment);
            COMMIT
            """
        )
    }

    /// What the old database is called now; nil if it is gone.
    private func nameOfOld() async throws -> String? {
        try await administrator.query("SELECT datname::text FROM pg_database WHERE oid = \(exchange.old)")
            .decode(as: String.self).first
    }

    /// Ends the sessions that we may end.
    ///
    /// - Returns: how many there were.
    private func endSessions() async throws -> Int {
        try await administrator.query(
            """
            SELECT count(*), count(CASE WHEN NOT r.rolsuper OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
                THEN CASE WHEN pg_has_role(a.usesysid, 'MEMBER') OR pg_has_role('pg_signal_backend', 'MEMBER')
                    THEN pg_terminate_backend(a.pid) END END)
            FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid
            WHERE a.datid = \(exchange.old) AND a.pid <> pg_backend_pid()
            """
        ).single.decode(Int.self, Int.self).0
    }
}

extension DatabaseExchange {
    /// The statements that give a database the owner, the privileges and the settings of another one.
    static func attributes(
        of old: Int,
        for draft: String,
        on administrator: PostgresConnection
    ) async throws -> [String] {
        let settings = try await DatabaseSetting.all(of: old, on: administrator).compactMap { $0.statement(for: draft) }
        let attributes = try await DatabaseAttributes.read(of: old, on: administrator)
        return settings + attributes.statements(for: draft).map(\.sql)
    }
}
