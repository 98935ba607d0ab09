import Postgres
import Synchronization

/// What handlers said of their jobs since it was last written: progress, of which the last counts, and lines of logs.
final class JobReports: Sendable {
    private struct State {
        var progress: [String: (Double, String?)] = [:]
        var lines: [JobLogLine] = []
        var dropped = 0
    }

    /// More lines than this are not kept while the server cannot be reached.
    private static let capacity = 10_000

    private let state = Mutex(State())

    func add(progress: Double, note: String?, of job: String) {
        state.withLock { $0.progress[job] = (progress, note.map(StorableText.error)) }
    }

    func add(_ line: JobLogLine) {
        var line = line
        line.message = StorableText.error(line.message)
        state.withLock { state in
            if state.lines.count < Self.capacity { state.lines.append(line) } else { state.dropped += 1 }
        }
    }

    /// What was said so far.
    var gathered: (progress: [String: (Double, String?)], lines: [JobLogLine]) {
        state.withLock { ($0.progress, $0.lines) }
    }

    /// Writes what has gathered; what cannot be written now is kept for the next time.
    ///
    /// - Returns: how many lines had to be dropped since the last time.
    func flush(on connection: PostgresConnection, worker: String) async throws -> Int {
        let (progress, lines, dropped) = state.withLock { state in
            defer { state = State() }
            return (state.progress, state.lines, state.dropped)
        }
        guard !progress.isEmpty || !lines.isEmpty else { return dropped }
        do {
            _ = try await connection.pipeline(try statements(progress, lines, worker: worker))
        } catch {
            state.withLock { state in
                state.progress.merge(progress) { newer, _ in newer }
                state.lines = Array((lines + state.lines).prefix(Self.capacity))
                state.dropped += dropped
            }
            throw error
        }
        return dropped
    }

    private func statements(
        _ progress: [String: (Double, String?)],
        _ lines: [JobLogLine],
        worker: String
    ) throws(PostgresError) -> [PostgresStatement] {
        let jobs = progress.keys.sorted()
        return [
            try PostgresStatement(
                """
                UPDATE job_claims k SET progress = p.fraction, progress_note = p.note
                FROM unnest($1::uuid[], $2::float8[], $3::text[]) AS p (job_id, fraction, note)
                WHERE k.job_id = p.job_id AND k.worker_id = $4::uuid
                """,
                jobs,
                jobs.map { progress[$0]?.0 },
                jobs.map { progress[$0]?.1 },
                worker
            ),
            // A job that was deleted meanwhile takes no lines.
            try PostgresStatement(
                """
                INSERT INTO job_logs (job_id, attempt, level, message)
                SELECT l.job_id, l.attempt, l.level, l.message
                FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS l (job_id, attempt, level, message)
                JOIN jobs j ON j.id = l.job_id
                """,
                lines.map(\.jobID),
                lines.map(\.attempt),
                lines.map(\.level.rawValue),
                lines.map(\.message)
            ),
        ]
    }
}
