import Postgres
import TestSupport
import Testing

@Suite("A server that is killed")
struct ServerCrashTests {
    @Test("has every migration wholly, not at all or on record when it is up again, and the runner knows which")
    func leavesNothingHalfDone() async throws {
        let rounds = isLongTest ? 200 : 20
        var generator = SeededGenerator(seed: testSeed)
        try await withOwnServer { server in
            try await server.initialise()
            var partial = 0
            for round in 0..<rounds {
                let rows = Int.random(in: 1...16, using: &generator)
                let delay = Duration.milliseconds(Int.random(in: 0...15, using: &generator))
                let settings = try server.superuser().with(database: "crash\(round)").with("user", "lastro")
                let url = settings.url
                try await withTemporaryFolder(MixedMigrations.files) { folder in
                    let lastro = LastroProcess(in: folder, on: settings)
                    let outcome = try await server.whileRunning { server in
                        try await withPostgresConnection(to: server.superuser()) { connection in
                            _ = try await connection.script("create database crash\(round) owner lastro")
                        }
                        return try await crash(server, under: lastro, atRow: rows, after: delay, on: url)
                    }
                    if outcome.found.isPartial { partial += 1 }
                    #expect(outcome.found.isConsistent, "round \(round), \(outcome.found); LASTRO_SEED=\(testSeed)")
                    #expect(outcome.end == .complete)
                }
            }
            #expect(partial >= rounds / 2, "only \(partial) of \(rounds) crashes were in the middle of a run")
        }
    }

    private func crash(
        _ server: OwnServer,
        under lastro: LastroProcess,
        atRow rows: Int,
        after delay: Duration,
        on url: String
    ) async throws -> (found: MixedMigrations.Traces, end: MixedMigrations.Traces) {
        let first = try await lastro.running("migrate") {
            try await MixedMigrations.wait(forRows: rows, on: url)
            try await Task.sleep(for: delay)
            // Up again before the runner gives up asking what became of its transaction.
            try await server.crash()
        }
        #expect([0, 3, 4].contains(first.status))
        if first.status != 0 {
            #expect(first.errors.contains("\n  state: "), "\(first.errors)")
            #expect(!first.errors.contains("could not be reached"), "\(first.errors)")
        }
        let found = try await MixedMigrations.Traces(on: url)
        let again = try await lastro("migrate")
        #expect(again.status == 0, "\(again.errors)")
        return (found, try await MixedMigrations.Traces(on: url))
    }
}
