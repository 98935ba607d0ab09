import AppRuntime
import Postgres

/// What a right password gets.
struct LogIn: Sendable {
    let account: Account
    let sessionID: String
}

extension Accounts {
    /// Tries an address and a password.
    ///
    /// The try is on record as a wrong one before the password is looked at, so that many at once are no way around the
    /// count, and a crash is none either. An address that nobody has takes the same way and the same time.
    ///
    /// - Returns: the account.
    /// - Throws: ``AccountError`` with code `wrong-credentials`, `locked` or `busy`; `PostgresError`.
    func verify(email: String, password: String, from visitor: Visitor) async throws -> Account {
        let email = email.trimmingPrefix { $0.isWhitespace }
        guard email.utf8.count <= 320, password.utf8.count <= 4096, !email.utf8.contains(0) else {
            throw AccountError.wrongCredentials()
        }
        let attempt = try await record(String(email), from: visitor)
        let found = try await pool.withConnection { connection in
            try await connection.query(
                """
                SELECT u.id::text, u.email::text, u.nome, \(Account.roleWords), u.password_hash, u.ativo
                FROM users u WHERE lower(u.email) = lower($1) AND u.deleted_at IS NULL
                """,
                String(email)
            ).first.map(StoredAccount.init)
        }
        guard case .right(let isOutdated) = try await hasher.verify(password, against: found?.hash), let found,
            found.isOpen
        else { throw AccountError.wrongCredentials() }
        let newHash = isOutdated ? try await hasher.hash(password) : nil
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                try await connection.query(
                    "UPDATE login_attempts SET sucesso = true, motivo = NULL, user_id = $2 WHERE id = $1",
                    attempt,
                    found.account.id
                )
                try await connection.query("UPDATE users SET ultimo_acesso_em = now() WHERE id = $1", found.account.id)
                if let newHash {
                    // Unless somebody set another password meanwhile.
                    try await connection.query(
                        "UPDATE users SET password_hash = $2 WHERE id = $1 AND password_hash = $3",
                        found.account.id,
                        newHash,
                        found.hash
                    )
                }
            }
        }
        return found.account
    }

    /// Puts a try on record as a wrong one, unless none is free.
    ///
    /// - Returns: its number.
    /// - Throws: ``AccountError`` with code `locked`.
    private func record(_ email: String, from visitor: Visitor) async throws -> Int {
        let outcome: Result<Int, AccountError> = try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                // Tries for one account are counted one after the other.
                try await connection.query(
                    "SELECT pg_advisory_xact_lock(hashtextextended('login|' || lower($1), 0))",
                    email
                )
                let (failures, age, fromAddress) = try await connection.query(
                    Self.countStatement,
                    email,
                    visitor.address
                ).single.decode(Int.self, Double.self, Int.self)
                var left = lockOut.wait(after: failures) - .seconds(age)
                if fromAddress >= lockOut.perAddress { left = max(left, .seconds(900)) }
                let isLocked = left > .zero
                let id = try await connection.query(
                    "INSERT INTO login_attempts (email, ip, sucesso, motivo) VALUES ($1, $2, false, $3) RETURNING id",
                    email,
                    visitor.address,
                    isLocked ? "bloqueado" : "senha"
                ).single.decode(Int.self)
                return isLocked
                    ? .failure(.locked(seconds: Int((left / .seconds(1)).rounded(.up)))) : .success(id)
            }
        }
        return try outcome.get()
    }

    /// Wrong tries for an address since the last right one, how long ago the last was, and those from where this one comes.
    ///
    /// What was turned away does not count: it would let anybody lock an account for good.
    private static let countStatement = """
        SELECT count(a.id), coalesce(extract(epoch FROM clock_timestamp() - max(a.tentado_em)), 0)::float8,
            (SELECT count(*) FROM login_attempts x WHERE x.ip = $2::inet AND NOT x.sucesso AND x.motivo = 'senha'
                AND x.tentado_em > now() - interval '15 minutes')
        FROM login_attempts a
        WHERE lower(a.email) = lower($1) AND NOT a.sucesso AND a.motivo = 'senha'
            AND a.tentado_em > greatest(now() - interval '24 hours', (
                SELECT coalesce(max(b.tentado_em), '-infinity') FROM login_attempts b
                WHERE lower(b.email) = lower($1) AND b.sucesso
            ))
        """

    /// An account as the table has it.
    private struct StoredAccount: Sendable {
        let account: Account
        let hash: String?
        let isOpen: Bool

        init(_ row: PostgresRow) throws(PostgresError) {
            account = Account(
                id: try String(postgres: row[0]),
                email: try String(postgres: row[1]),
                name: try String(postgres: row[2]),
                roles: Account.roles(of: try [String](postgres: row[3]))
            )
            hash = row[4].text
            isOpen = try Bool(postgres: row[5])
        }
    }
}
