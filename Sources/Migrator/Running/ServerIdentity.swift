import Postgres

/// Which server it is, so that another one in its place is noticed.
struct ServerIdentity: Hashable, Sendable {
    /// The number that a cluster and its standbys have from its beginning; nil where the role may not read it.
    let system: String?
    /// The timeline that the server writes: a standby that is promoted begins a new one.
    let timeline: Int?

    /// The query; everybody may ask this of a primary, unless somebody took the right away.
    ///
    /// The timeline is that of the WAL: the control file has the new one only after the next checkpoint.
    fileprivate static let query = """
        SELECT (SELECT system_identifier::text FROM pg_catalog.pg_control_system()),
        ('x' || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8))::bit(32)::int
        """

    /// Reads it on a connection without a transaction.
    ///
    /// - Returns: nil where it cannot be read.
    static func read(on connection: PostgresConnection) async -> ServerIdentity? {
        let rows = try? await connection.script(query)  // without it a cut is judged by the history alone
        return rows?.last.flatMap { try? $0.decode(as: (String?, Int?).self).first }
            .map { ServerIdentity(system: $0, timeline: $1) }
    }

    /// What is another one about the server that answers now, in words; nil if it is the same as far as is known.
    func change(to now: ServerIdentity?) -> String? {
        guard let now else { return nil }
        if let system, let other = now.system, other != system {
            return "the server that answers now is another system (\(other), it was \(system))"
        }
        if let timeline, let other = now.timeline, other != timeline {
            return "the server that answers now is on timeline \(other), it was \(timeline): a standby has taken over"
        }
        return nil
    }
}

extension RunLock {
    /// Which server the lock is on; nil where the role may not ask.
    func serverIdentity() async throws -> ServerIdentity? {
        do {
            // A simple query in a savepoint, as every look on this connection: a refusal must not cost the lock.
            let results = try await connection.script(
                "SAVEPOINT lastro_look; \(ServerIdentity.query); RELEASE SAVEPOINT lastro_look"
            )
            let (system, timeline) = try results[1].single.decode(String?.self, Int?.self)
            return ServerIdentity(system: system, timeline: timeline)
        } catch let error as PostgresError where error.code == .server {
            try await connection.script("ROLLBACK TO SAVEPOINT lastro_look; RELEASE SAVEPOINT lastro_look")
            return nil
        }
    }
}
