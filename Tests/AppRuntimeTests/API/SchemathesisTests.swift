import AppRuntime
import Postgres
import TestSupport
import Testing

/// Holds the API against its own description with a tool that makes requests from it, well-formed ones and others.
@Suite("The jobs API before Schemathesis")
struct SchemathesisTests {
    @Test("answers what its document says, and with 500 never", .timeLimit(.minutes(5)))
    func keepsItsWord() async throws {
        try await withJobDatabase { settings in
            try await withAPI(on: settings) { api in
                let ids = try await api.queue.insert(contentsOf: (0..<120).map { Add(a: $0, b: 1) })
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.query(
                        "UPDATE jobs SET status = 'failed', completed_at = now(), error = 'no' WHERE id = ANY ($1::uuid[])",
                        Array(ids.prefix(40))
                    )
                }
                let run = try await Schemathesis.run(
                    on: api.port,
                    authorization: "Bearer operator-token",
                    examples: isLongTest ? 200 : 8
                )
                #expect(run.isPassed, "\(run.output)")
            }
        }
    }
}
