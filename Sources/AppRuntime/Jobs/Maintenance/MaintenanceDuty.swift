public import Postgres

/// Something that the leading process does again and again.
public struct MaintenanceDuty: Sendable {
    let name: String
    let interval: Duration
    let timeout: Duration
    let work: @Sendable (PostgresConnection, LeaderTerm) async throws -> Void

    /// Makes a duty.
    ///
    /// - Parameters:
    ///   - name: what logs call it.
    ///   - interval: how long after its end it is done again.
    ///   - timeout: after how long the process gives up the lead, so that another may try.
    ///   - work: the duty; each of its statements is stopped by the server after the timeout.
    public init(
        _ name: String,
        every interval: Duration,
        timeout: Duration = .seconds(30),
        _ work: @escaping @Sendable (PostgresConnection, LeaderTerm) async throws -> Void
    ) {
        self.name = name
        self.interval = interval
        self.timeout = timeout
        self.work = work
    }
}

/// In whose name a leader writes: a statement that names both is refused once another leads.
public struct LeaderTerm: Sendable, Hashable {
    /// The process.
    public let holder: String
    /// How often the lead had changed when it got it.
    public let term: Int
}
