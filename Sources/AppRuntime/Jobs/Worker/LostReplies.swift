import Logging
import Postgres

/// Jobs that the server has given to a worker which never heard of it: the reply was lost behind the commit.
///
/// As long as the worker lives nobody else would find them. So after a fetch that failed its claims are compared with what it
/// holds; again after a while, since the server process of a cut connection may go on for some time.
struct LostReplies {
    private let timeToLive: Duration
    private var looks: [ContinuousClock.Instant] = []
    /// What the last look found unknown.
    ///
    /// An end may be on its way from its handler to the acknowledger just then, so one look alone proves nothing.
    private var suspects: Set<Int> = []

    private static let pause = Duration.seconds(1)

    init(timeToLive: Duration) {
        self.timeToLive = timeToLive
    }

    /// When the next look is due; nil where there is no reason for one.
    var next: ContinuousClock.Instant? { looks.first }

    mutating func noteFailure() {
        let now = ContinuousClock.now
        suspects = []
        looks = [now, now + Self.pause, now + timeToLive]
    }

    /// Gives back what the worker has claims on and does not hold, if a look is due.
    ///
    /// - Throws: ``PostgresError``; then the look is still due.
    mutating func look(in session: WorkerSession) async throws {
        guard let due = looks.first, due <= .now else { return }
        let claims = try await Self.unknown(to: session, on: session.fetcher)
        looks.removeFirst()
        let lost = claims.filter { suspects.contains($0.token) }
        suspects = Set(claims.map(\.token)).subtracting(lost.map(\.token))
        if !suspects.isEmpty {
            let again = ContinuousClock.now + Self.pause
            looks = [again] + looks.filter { $0 > again }
        }
        Self.giveBack(lost, of: session)
    }

    /// Gives back what a worker has claims on and does not hold, where no job runs any more and all ends are with the acknowledger.
    static func giveBackAll(of session: WorkerSession, on connection: ReopenedConnection) async throws {
        giveBack(try await unknown(to: session, on: connection), of: session)
    }

    private static func unknown(
        to session: WorkerSession,
        on connection: ReopenedConnection
    ) async throws -> [(token: Int, job: String)] {
        // In this order: what ends meanwhile is in the second of these, or has no claim any more.
        let known = session.running.tokens.union(session.acknowledger.tokens)
        return try await connection.open().query(
            "SELECT token, job_id::text FROM job_claims WHERE worker_id = $1",
            session.id
        ).decode(as: (Int, String).self).filter { !known.contains($0.0) }.map { (token: $0.0, job: $0.1) }
    }

    private static func giveBack(_ lost: [(token: Int, job: String)], of session: WorkerSession) {
        guard !lost.isEmpty else { return }
        session.logger.warning(
            "giving back jobs of which the reply was lost",
            metadata: ["jobs": "\(lost.map(\.job))"]
        )
        for (token, job) in lost {
            let acknowledgement = Acknowledgement(
                jobID: job,
                token: token,
                outcome: .interrupted,
                error: "the reply to the fetch was lost"
            )
            session.acknowledger.add(Acknowledger.Item(acknowledgement: acknowledgement))
        }
    }
}
