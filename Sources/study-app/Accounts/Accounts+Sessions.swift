import AppRuntime
import Postgres

/// What a program shows with its requests, and what gets it the next.
struct AccessGrant: Sendable {
    let access: SecretToken
    let refresh: SecretToken
    /// How long the access is good.
    let lifetime: Duration
}

extension Accounts {
    /// Logs a browser in.
    ///
    /// - Returns: what its cookie holds.
    /// - Throws: as ``verify(email:password:from:)``.
    func logIn(email: String, password: String, from visitor: Visitor) async throws -> (SecretToken, Account) {
        let account = try await verify(email: email, password: password, from: visitor)
        return (try await beginSession(of: account, from: visitor), account)
    }

    /// Begins a browser's session.
    func beginSession(of account: Account, from visitor: Visitor) async throws -> SecretToken {
        let token = try SecretToken(.session)
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                _ = try await insertSession(token, of: account, lasting: lifetimes.idle, from: visitor, on: connection)
            }
        }
        return token
    }

    /// Logs a program in.
    ///
    /// - Returns: its first tokens.
    /// - Throws: as ``verify(email:password:from:)``.
    func grant(email: String, password: String, from visitor: Visitor) async throws -> (AccessGrant, Account) {
        let account = try await verify(email: email, password: password, from: visitor)
        let (access, refresh) = (try SecretToken(.access), try SecretToken(.refresh))
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                let session = try await insertSession(
                    access,
                    of: account,
                    lasting: lifetimes.access,
                    from: visitor,
                    on: connection
                )
                try await connection.query(
                    """
                    INSERT INTO refresh_tokens (session_id, familia, token_hash, expira_em)
                    VALUES ($1, gen_random_uuid(), $2, now() + make_interval(secs => $3))
                    """,
                    session,
                    refresh.hash,
                    lifetimes.refresh / .seconds(1)
                )
            }
        }
        return (AccessGrant(access: access, refresh: refresh, lifetime: lifetimes.access), account)
    }

    /// Exchanges a refresh token for new tokens; it is good once.
    ///
    /// One that comes a second time was stolen, or was the thief's: the sign-in that it belongs to ends, with all that came of
    /// it (the trigger `trg_refresh_tokens_reuso` sees to that).
    ///
    /// - Throws: ``AccountError`` with code `ended-token`.
    func refresh(_ shown: String, from visitor: Visitor) async throws -> AccessGrant {
        guard let token = SecretToken(shown, kind: .refresh) else { throw AccountError.endedToken("the refresh token") }
        let (access, next) = (try SecretToken(.access), try SecretToken(.refresh))
        let isRotated = try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                // Whoever comes second waits here for the first, and then sees that the token was used.
                let row = try await connection.query(
                    """
                    SELECT r.id::text, r.session_id::text, r.familia::text, r.usado_em IS NOT NULL,
                        r.expira_em > now() AND s.revogada_em IS NULL AND u.ativo AND u.deleted_at IS NULL, u.id::text
                    FROM refresh_tokens r JOIN user_sessions s ON s.id = r.session_id JOIN users u ON u.id = s.user_id
                    WHERE r.token_hash = $1 FOR UPDATE OF r
                    """,
                    token.hash
                ).first
                guard let row else { return false }
                let (id, session, family) = (
                    try String(postgres: row[0]), try String(postgres: row[1]), try String(postgres: row[2])
                )
                guard try !Bool(postgres: row[3]) else {
                    try await revokeFamily(ofUsed: id, family: family, user: row[5].text, from: visitor, on: connection)
                    return false
                }
                guard try Bool(postgres: row[4]) else { return false }
                try await connection.query(
                    """
                    WITH n AS (
                        INSERT INTO refresh_tokens (session_id, familia, token_hash, expira_em)
                        VALUES ($2, $3, $4, now() + make_interval(secs => $5)) RETURNING id
                    ), s AS (
                        UPDATE user_sessions SET token_hash = $6, vista_em = now(), expira_em = now() + make_interval(secs => $7)
                        WHERE id = $2
                    )
                    UPDATE refresh_tokens SET usado_em = now(), substituido_por_id = (SELECT id FROM n) WHERE id = $1
                    """,
                    id,
                    session,
                    family,
                    next.hash,
                    lifetimes.refresh / .seconds(1),
                    access.hash,
                    lifetimes.access / .seconds(1)
                )
                return true
            }
        }
        guard isRotated else { throw AccountError.endedToken("the refresh token") }
        return AccessGrant(access: access, refresh: next, lifetime: lifetimes.access)
    }

    private func revokeFamily(
        ofUsed id: String,
        family: String,
        user: String?,
        from visitor: Visitor,
        on connection: PostgresConnection
    ) async throws {
        try await connection.query("UPDATE refresh_tokens SET usado_em = clock_timestamp() WHERE id = $1", id)
        try await Audit(actor: user, address: visitor.address).record(
            .changed,
            "refresh_tokens",
            family,
            after: ["motivo": "um token usado duas vezes", "revogada": "true"],
            on: connection
        )
    }

    /// Who shows a token of a session or of a program; nil for nobody, and for what has ended.
    ///
    /// A browser's session goes on for as long as requests come, up to its end.
    func holder(of token: SecretToken) async throws -> Account? {
        try await pool.withConnection { connection in
            let row = try await connection.query(
                """
                SELECT u.id::text, u.email::text, u.nome, \(Account.roleWords), s.id::text,
                    s.vista_em < now() - interval '1 minute'
                FROM user_sessions s JOIN users u ON u.id = s.user_id
                WHERE s.token_hash = $1 AND s.revogada_em IS NULL AND s.expira_em > now() AND u.ativo
                    AND u.deleted_at IS NULL
                """,
                token.hash
            ).first
            guard let row else { return nil }
            if try Bool(postgres: row[5]), token.secret.hasPrefix(SecretToken.Kind.session.rawValue) {
                try await connection.query(
                    """
                    UPDATE user_sessions SET vista_em = now(), expira_em = least(
                        now() + make_interval(secs => $2), criada_em + make_interval(secs => $3))
                    WHERE id = $1
                    """,
                    row[4].text,
                    lifetimes.idle / .seconds(1),
                    lifetimes.session / .seconds(1)
                )
            }
            return Account(
                id: try String(postgres: row[0]),
                email: try String(postgres: row[1]),
                name: try String(postgres: row[2]),
                roles: Account.roles(of: try [String](postgres: row[3]))
            )
        }
    }

    /// Ends the session of a token, and with it what a program could refresh.
    func logOut(_ token: SecretToken, from visitor: Visitor) async throws {
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                let ended = try await connection.query(
                    """
                    UPDATE user_sessions SET revogada_em = now() WHERE token_hash = $1 AND revogada_em IS NULL
                    RETURNING id::text, user_id::text
                    """,
                    token.hash
                ).decode(as: (String, String).self).first
                guard let (session, user) = ended else { return }
                try await Audit(actor: user, address: visitor.address).record(
                    .changed,
                    "user_sessions",
                    session,
                    after: ["revogada": "true"],
                    on: connection
                )
            }
        }
    }

    private func insertSession(
        _ token: SecretToken,
        of account: Account,
        lasting lifetime: Duration,
        from visitor: Visitor,
        on connection: PostgresConnection
    ) async throws -> String {
        let session = try await connection.query(
            """
            INSERT INTO user_sessions (user_id, token_hash, ip, agente, expira_em)
            VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5)) RETURNING id::text
            """,
            account.id,
            token.hash,
            visitor.address,
            visitor.agent,
            lifetime / .seconds(1)
        ).single.decode(String.self)
        try await Audit(actor: account.id, address: visitor.address).record(
            .entered,
            "user_sessions",
            session,
            on: connection
        )
        return session
    }
}
