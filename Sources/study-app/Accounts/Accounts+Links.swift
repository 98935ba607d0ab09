import AppRuntime
import Foundation
import Postgres

/// A link to set a password with: good once, and not for long.
struct PasswordLink: Sendable {
    let token: SecretToken
    let account: String
    let expiresAt: Date
}

extension Accounts {
    /// Makes an account of somebody who runs the platform, without a password, and a link to set one.
    ///
    /// - Parameters:
    ///   - email: the address.
    ///   - name: the name.
    ///   - role: what it may do.
    ///   - validity: how long the link is good.
    /// - Returns: the link, whose secret is nowhere else.
    /// - Throws: ``AccountError`` with code `account-exists` or `invalid`; `PostgresError`.
    func create(_ email: String, name: String, role: Role, linkFor validity: Duration) async throws -> PasswordLink {
        try Self.check(email, name)
        return try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                let id: String?
                do {
                    id = try await connection.query(
                        """
                        INSERT INTO users (email, nome, papel) VALUES ($1, $2, $3)
                        ON CONFLICT (lower(email)) WHERE deleted_at IS NULL DO NOTHING RETURNING id::text
                        """,
                        email,
                        name,
                        role.column
                    ).decode(as: String.self).first
                } catch let error as PostgresError where error.sqlState?.rawValue == "23514" {
                    throw AccountError.invalid("\(email) is no address of mail")
                }
                guard let id else { throw AccountError.accountExists(email) }
                if role == .operator { try await grantOperator(to: id, on: connection) }
                try await Audit(actor: nil).record(
                    .created,
                    "users",
                    id,
                    after: ["email": email, "papel": role.rawValue],
                    on: connection
                )
                return try await makeLink(for: id, email: email, lasting: validity, on: connection)
            }
        }
    }

    /// Makes another link for an account; those that were made before are good no more.
    ///
    /// - Throws: ``AccountError`` with code `no-account`; `PostgresError`.
    func link(for email: String, lasting validity: Duration) async throws -> PasswordLink {
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                let id = try await open(email, on: connection)
                return try await makeLink(for: id, email: email, lasting: validity, on: connection)
            }
        }
    }

    /// Gives an account a role.
    ///
    /// - Throws: ``AccountError`` with code `no-account`; `PostgresError`.
    func grant(_ role: Role, to email: String) async throws {
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                let id = try await open(email, on: connection)
                if role == .operator {
                    try await grantOperator(to: id, on: connection)
                } else {
                    try await connection.query("UPDATE users SET papel = $2 WHERE id = $1", id, role.column)
                }
                try await Audit(actor: nil).record(
                    .changed,
                    "users",
                    id,
                    after: ["papel": role.rawValue],
                    on: connection
                )
            }
        }
    }

    /// Closes an account to whoever has its password, and ends its sessions.
    ///
    /// - Throws: ``AccountError`` with code `no-account`; `PostgresError`.
    func disable(_ email: String) async throws {
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                let id = try await open(email, on: connection)
                try await connection.query("UPDATE users SET ativo = false WHERE id = $1", id)
                try await endSessions(of: id, on: connection)
                try await Audit(actor: nil).record(
                    .changed,
                    "users",
                    id,
                    after: ["ativo": "false"],
                    on: connection
                )
            }
        }
    }

    /// Those who do more than learn.
    func staff() async throws -> [Account] {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                SELECT * FROM (
                    SELECT u.id::text, u.email::text, u.nome, \(Account.roleWords) AS words
                    FROM users u WHERE u.ativo AND u.deleted_at IS NULL
                ) s WHERE s.words && ARRAY['admin', 'editor', 'professor', 'operador'] ORDER BY 2
                """
            ).map { row in
                Account(
                    id: try String(postgres: row[0]),
                    email: try String(postgres: row[1]),
                    name: try String(postgres: row[2]),
                    roles: Account.roles(of: try [String](postgres: row[3]))
                )
            }
        }
    }

    /// Sets a password with a link, which is used up then, and ends all sessions of the account.
    ///
    /// - Throws: ``AccountError`` with code `ended-token` or `weak-password`; `PostgresError`.
    func setPassword(_ password: String, with shown: String, from visitor: Visitor) async throws {
        let code = shown.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let token = SecretToken(code, kind: .link) else { throw AccountError.endedToken("the link") }
        try Self.check(password: password)
        // Looked at first, so that a stranger's guesses cost no hash; and again when it is used.
        let isGood = try await pool.withConnection { connection in
            try await !connection.query(
                "SELECT FROM auth_password_resets WHERE token_hash = $1 AND usado_em IS NULL AND expira_em > now()",
                token.hash
            ).isEmpty
        }
        guard isGood else { throw AccountError.endedToken("the link") }
        let hash = try await hasher.hash(password)
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                let user = try await connection.query(
                    """
                    UPDATE auth_password_resets r SET usado_em = now() FROM users u
                    WHERE r.token_hash = $1 AND r.usado_em IS NULL AND r.expira_em > now() AND u.id = r.user_id
                        AND u.ativo AND u.deleted_at IS NULL
                    RETURNING u.id::text
                    """,
                    token.hash
                ).decode(as: String.self).first
                guard let user else { throw AccountError.endedToken("the link") }
                try await store(hash, of: user, from: visitor, on: connection)
            }
        }
    }

    /// Changes a password for who knows the one that was, and ends the account's sessions.
    ///
    /// - Throws: ``AccountError``; `PostgresError`.
    func changePassword(of user: String, from old: String, to new: String, by visitor: Visitor) async throws {
        try Self.check(password: new)
        let email = try await pool.withConnection { connection in
            try await connection.query("SELECT email::text FROM users WHERE id = $1::uuid", user).decode(
                as: String.self
            )
        }.first
        _ = try await verify(email: email ?? "", password: old, from: visitor)
        let hash = try await hasher.hash(new)
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                try await store(hash, of: user, from: visitor, on: connection)
            }
        }
    }

    private func store(
        _ hash: String,
        of user: String,
        from visitor: Visitor,
        on connection: PostgresConnection
    ) async throws {
        try await connection.query("UPDATE users SET password_hash = $2 WHERE id = $1", user, hash)
        try await connection.query(
            "UPDATE auth_password_resets SET usado_em = now() WHERE user_id = $1 AND usado_em IS NULL",
            user
        )
        try await endSessions(of: user, on: connection)
        try await Audit(actor: user, address: visitor.address).record(
            .changed,
            "users",
            user,
            after: ["senha": "nova"],
            on: connection
        )
    }

    private func endSessions(of user: String, on connection: PostgresConnection) async throws {
        try await connection.query(
            "UPDATE user_sessions SET revogada_em = now() WHERE user_id = $1 AND revogada_em IS NULL",
            user
        )
    }

    private func open(_ email: String, on connection: PostgresConnection) async throws -> String {
        let id = try await connection.query(
            "SELECT id::text FROM users WHERE lower(email) = lower($1) AND deleted_at IS NULL AND ativo FOR UPDATE",
            email
        ).decode(as: String.self).first
        guard let id else { throw AccountError.noAccount(email) }
        return id
    }

    private func makeLink(
        for user: String,
        email: String,
        lasting validity: Duration,
        on connection: PostgresConnection
    ) async throws -> PasswordLink {
        let token = try SecretToken(.link)
        try await connection.query(
            "UPDATE auth_password_resets SET usado_em = now() WHERE user_id = $1 AND usado_em IS NULL",
            user
        )
        let end = try await connection.query(
            """
            INSERT INTO auth_password_resets (user_id, token_hash, expira_em)
            VALUES ($1, $2, now() + make_interval(secs => $3)) RETURNING expira_em
            """,
            user,
            token.hash,
            validity / .seconds(1)
        ).single.decode(Date.self)
        try await Audit(actor: nil).record(.created, "auth_password_resets", user, on: connection)
        return PasswordLink(token: token, account: email, expiresAt: end)
    }

    private func grantOperator(to user: String, on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            INSERT INTO auth_user_roles (user_id, role_id) SELECT $1, id FROM auth_roles WHERE nome = 'operador'
            ON CONFLICT DO NOTHING
            """,
            user
        )
    }

    private static func check(_ email: String, _ name: String) throws(AccountError) {
        guard email.utf8.count <= 320, email.contains("@"), !email.utf8.contains(0) else {
            throw .invalid("\(email) is no address of mail")
        }
        guard (1...200).contains(name.count), !name.utf8.contains(0) else {
            throw .invalid("a name has 1 to 200 characters")
        }
    }

    /// What a password has to be: long, since nothing else makes it hard to guess.
    private static func check(password: String) throws(AccountError) {
        guard password.count >= 12 else { throw .weakPassword(.short) }
        guard password.utf8.count <= 1024 else { throw .weakPassword(.long) }
        guard Set(password.lowercased()).count >= 5 else { throw .weakPassword(.repetitive) }
    }
}

extension Role {
    /// What `users.papel` says of it.
    fileprivate var column: String {
        switch self {
        case .learner, .operator: "aluno"
        case .editor: "editor"
        case .admin: "admin"
        }
    }
}
