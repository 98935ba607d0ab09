import Foundation
import Postgres
import Synchronization

/// Whether this process is the one that does what only one may do, by a row with a term and an end.
///
/// No advisory lock: a row survives a pooler in transaction mode, and its term lets the server refuse what a former
/// leader still writes.
final class Leadership: Sendable {
    static let role = "maintenance"

    let holder = UUID().uuidString.lowercased()
    private let timeToLive: Duration
    private let hold = Mutex<(term: Int, until: ContinuousClock.Instant)?>(nil)

    init(timeToLive: Duration = .seconds(15)) {
        self.timeToLive = timeToLive
    }

    /// The term, while this process leads as far as its own clock tells.
    var term: Int? {
        hold.withLock { hold in hold.flatMap { $0.until > .now ? $0.term : nil } }
    }

    /// Takes the lead if it is free, or keeps it.
    ///
    /// - Returns: whether this process leads.
    func claim(on connection: PostgresConnection) async throws -> Bool {
        let asked = ContinuousClock.now
        let term = try await connection.query(
            """
            INSERT INTO runtime_leader AS l (role, holder, term, expires_at)
            VALUES ($1, $2::uuid, 1, clock_timestamp() + make_interval(secs => $3))
            ON CONFLICT (role) DO UPDATE SET
                term = l.term + (l.holder <> excluded.holder OR l.expires_at < clock_timestamp())::int,
                holder = excluded.holder, expires_at = excluded.expires_at
            WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
            RETURNING term
            """,
            Self.role,
            holder,
            timeToLive / .seconds(1)
        ).decode(as: Int.self).first
        // Counted from before the question, and a second short: the server's row always outlasts what is believed here.
        hold.withLock { $0 = term.map { ($0, asked + timeToLive - .seconds(1)) } }
        return term != nil
    }

    /// Gives the lead up, so that another process need not wait for its end.
    func resign(on connection: PostgresConnection) async throws {
        hold.withLock { $0 = nil }
        try await connection.query(
            "UPDATE runtime_leader SET expires_at = clock_timestamp() WHERE role = $1 AND holder = $2::uuid",
            Self.role,
            holder
        )
    }
}
