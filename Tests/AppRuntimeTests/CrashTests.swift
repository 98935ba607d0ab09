import AppRuntime
import Foundation
import Postgres
import Subprocess
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Real processes, killed and stopped while they hold jobs.
@Suite("Workers that die")
struct CrashTests {
    @Test("lose no job, and none is completed twice, under SIGKILL and SIGSTOP [T3, T4, T5]")
    func crashes() async throws {
        let jobs = isLongTest ? 8000 : 200
        let workers = isLongTest ? 12 : 3
        let rounds = isLongTest ? 12 : 2
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.script(Self.trace)
                try await connection.query(
                    """
                    INSERT INTO jobs (type, max_attempts, data)
                    SELECT 'turn', 50, jsonb_build_object('milliseconds', CASE WHEN i % 20 = 0 THEN 900 ELSE 20 END)
                    FROM generate_series(1, $1) AS i
                    """,
                    jobs
                )
                let end = End()
                try await withThrowingTaskGroup { group in
                    for index in 0..<workers {
                        group.addTask {
                            var round = 0
                            while !end.isReached.withLock({ $0 }) {
                                defer { round += 1 }
                                let fate =
                                    round >= rounds ? Fate.live : (round + index).isMultiple(of: 2) ? .kill : .stop
                                try await Self.run(settings, fate, until: end)
                            }
                        }
                    }
                    try await wait(
                        on: connection,
                        until: "SELECT count(*) = \(jobs) FROM jobs WHERE status = 'completed'"
                    )
                    end.isReached.withLock { $0 = true }
                    try await group.waitForAll()
                }
                let twice = try await connection.query(
                    "SELECT count(*) FROM (SELECT job_id FROM trace GROUP BY 1 HAVING count(*) > 1) t"
                ).single.decode(Int.self)
                let usurped = try await connection.query("SELECT count(*) FROM trace WHERE usurped").single.decode(
                    Int.self
                )
                let rescued = try await connection.query(
                    "SELECT count(*) FROM job_events WHERE kind = 'rescued'"
                ).single.decode(Int.self)
                #expect(twice == 0 && usurped == 0)
                #expect(rescued > 0, "no process died with jobs in its hands")
                try await wait(on: connection, until: "SELECT count(*) = 0 FROM job_claims")
            }
        }
    }

    @Test("tell nobody that they stop: after SIGTERM every job is given back and the process ends [T6, T7]")
    func termination() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query(
                    """
                    INSERT INTO jobs (type, data) SELECT 'turn', '{"milliseconds": 60000}' FROM generate_series(1, 5)
                    """
                )
                let result = try await Self.start(settings) { process in
                    try await wait(on: connection, until: "SELECT count(*) = 5 FROM jobs WHERE status = 'running'")
                    process.send(SIGTERM)
                }
                #expect(result == .exited(0))
                let jobs = try await connection.query("SELECT status, attempts FROM jobs").decode(
                    as: (String, Int).self
                )
                #expect(jobs.allSatisfy { $0 == ("pending", 0) } && jobs.count == 5)
                #expect(try await connection.query("SELECT count(*) FROM job_workers").decode(as: Int.self) == [0])
            }
        }
    }

    private final class End: Sendable {
        let isReached = Mutex(false)
    }

    private enum Fate { case kill, stop, live }

    /// A process that gets signals.
    private struct Target: Sendable {
        let pid: pid_t

        func send(_ signal: Int32) { kill(pid, signal) }
    }

    private static func run(_ settings: ConnectionSettings, _ fate: Fate, until over: End) async throws {
        try await start(settings) { process in
            if fate == .live {
                while !over.isReached.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(20)) }
            } else {
                try await isAtWork(process, settings, until: over)
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...(isLongTest ? 600 : 100))))
            }
            switch fate {
            case .kill: process.send(SIGKILL)
            case .stop:
                process.send(SIGSTOP)
                try await Task.sleep(for: .milliseconds(1500))
                process.send(SIGCONT)
                try await Task.sleep(for: .milliseconds(300))
                process.send(SIGKILL)
            case .live: process.send(SIGTERM)
            }
        }
    }

    /// Waits until a process holds a job: on a busy machine it takes its time until then.
    private static func isAtWork(_ process: Target, _ settings: ConnectionSettings, until over: End) async throws {
        try await withPostgresConnection(to: settings) { connection in
            while !over.isReached.withLock({ $0 }) {
                let holds = try await connection.query(
                    """
                    SELECT EXISTS (SELECT FROM job_workers w JOIN job_claims k ON k.worker_id = w.id WHERE w.pid = $1)
                    """,
                    Int(process.pid)
                ).single.decode(Bool.self)
                if holds { return }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @discardableResult
    private static func start(
        _ settings: ConnectionSettings,
        _ body: @Sendable (Target) async throws -> Void
    ) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(workerProgram),
            arguments: [settings.description, "800", "10"],
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            try await body(Target(pid: execution.processIdentifier.value))
        }.terminationStatus
    }

    private func wait(on connection: PostgresConnection, until sql: String) async throws {
        let limit = ContinuousClock.now + .seconds(isLongTest ? 900 : 60)
        while try await connection.query(sql).decode(as: Bool.self) != [true] {
            try #require(ContinuousClock.now < limit, "still not so: \(sql)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Notes each completion, and whether the claim that went with it was another worker's than the one that said so.
    private static let trace = """
        CREATE TABLE trace (job_id uuid, usurped boolean);
        CREATE FUNCTION trace_completion() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO trace VALUES (NEW.id, false);
            RETURN NULL;
        END $$;
        CREATE TRIGGER trace AFTER UPDATE ON jobs FOR EACH ROW
            WHEN (NEW.status = 'completed' AND OLD.status <> 'completed') EXECUTE FUNCTION trace_completion();
        CREATE FUNCTION trace_claim() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_setting('application_name') LIKE 'lastro jobs: acknowledge %'
                AND current_setting('application_name') <> 'lastro jobs: acknowledge ' || left(OLD.worker_id::text, 8) THEN
                INSERT INTO trace VALUES (OLD.job_id, true);
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER trace AFTER DELETE ON job_claims FOR EACH ROW EXECUTE FUNCTION trace_claim();
        """
}

/// The program that works on jobs and can be killed; it lies beside the tests' own.
private let workerProgram = FilePath(Bundle.main.executablePath ?? "/").removingLastComponent().appending("job-worker")
