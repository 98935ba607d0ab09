import COpenSSL
import HTTPTypes
import Postgres

/// Does what a request asks for once, however often it is sent, by its key (`Idempotency-Key`).
///
/// The key is a row that is written in the transaction of what the request does: a process that dies in between leaves neither, and
/// of two that get the same request at once one waits for the other's end. What it answered is kept for a day.
struct Idempotency: Sendable {
    /// An answer, as it is stored.
    struct Answer: Sendable, Hashable {
        let status: Int
        let body: String
        /// Whether it was given before.
        var isRepeated = false
    }

    let pool: PostgresPool

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - key: what the client sent; nil for a request that may be done each time it comes.
    ///   - principal: who sent it: keys of two do not meet.
    ///   - request: what makes two requests the same.
    ///   - work: does it, in the transaction.
    /// - Returns: the answer, of now or of the first time.
    /// - Throws: ``Problem`` 422 if the key belongs to another request; what the work throws.
    func once(
        _ key: String?,
        of principal: String,
        _ request: [UInt8],
        work: (PostgresConnection) async throws -> Answer
    ) async throws -> Answer {
        try await pool.withConnection { connection in
            try await connection.withTransaction { connection in
                guard let key else { return try await work(connection) }
                if let known = try await Self.claim(key, of: principal, Self.digest(request), on: connection) {
                    return known
                }
                let answer = try await work(connection)
                try await connection.query(
                    "UPDATE http_idempotency SET status = $3, response = $4 WHERE principal = $1 AND key = $2",
                    principal,
                    key,
                    answer.status,
                    answer.body
                )
                return answer
            }
        }
    }

    /// Writes the key down, or finds what was answered before; a key that is older than a day is free again.
    private static func claim(
        _ key: String,
        of principal: String,
        _ digest: String,
        on connection: PostgresConnection
    ) async throws -> Answer? {
        let isNew =
            try await connection.query(
                """
                INSERT INTO http_idempotency AS i (principal, key, request) VALUES ($1, $2, decode($3, 'hex'))
                ON CONFLICT (principal, key) DO UPDATE
                SET request = excluded.request, status = NULL, response = NULL, created_at = now()
                WHERE i.created_at < now() - interval '1 day'
                RETURNING key
                """,
                principal,
                key,
                digest
            ).count == 1
        if isNew { return nil }
        let rows = try await connection.query(
            """
            SELECT status, response, request = decode($3, 'hex') FROM http_idempotency
            WHERE principal = $1 AND key = $2 AND status IS NOT NULL
            """,
            principal,
            key,
            digest
        )
        guard let row = rows.first else {
            throw Problem.unavailable("the same request is being answered", retryAfter: 1)
        }
        let (status, body, isSame) = try row.decode(Int.self, String.self, Bool.self)
        guard isSame else {
            throw Problem(
                .unprocessableContent,
                "idempotency-key-reused",
                "another request was sent with this Idempotency-Key",
                next: "give every request a key of its own, and send it again only unchanged"
            )
        }
        return Answer(status: status, body: body, isRepeated: true)
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        SHA256(bytes, bytes.count, &digest)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
