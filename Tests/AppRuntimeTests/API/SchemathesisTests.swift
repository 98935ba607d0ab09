import AppRuntime
import Foundation
import Postgres
import TestSupport
import Testing

/// Holds the API against its own description with a tool that makes requests from it, well-formed ones and others.
@Suite("The jobs API before Schemathesis")
struct SchemathesisTests {
    @Test("answers what its document says, and with 500 never", .timeLimit(.minutes(5)))
    func keepsItsWord() async throws {
        let python = try PythonEnvironment.python(of: "schemathesis")
        try await withJobDatabase { settings in
            try await withAPI(on: settings) { api in
                let ids = try await api.queue.insert(contentsOf: (0..<120).map { Add(a: $0, b: 1) })
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.query(
                        "UPDATE jobs SET status = 'failed', completed_at = now(), error = 'no' WHERE id = ANY ($1::uuid[])",
                        Array(ids.prefix(40))
                    )
                }
                try await withTemporaryFolder { folder in
                    let process = Process()
                    process.executableURL = URL(filePath: python).deletingLastPathComponent().appending(
                        path: "schemathesis"
                    )
                    process.arguments = [
                        "run", "http://127.0.0.1:\(api.port)/openapi.json", "--header",
                        "Authorization: Bearer operator-token",
                        "--seed", "20261129", "--max-examples", isLongTest ? "200" : "8", "--no-shrink",
                        "--phases", "examples,coverage,fuzzing", "--checks",
                        "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
                            + "response_schema_conformance,negative_data_rejection,unsupported_method,ignored_auth",
                        "--continue-on-failure", "--warnings", "off", "--request-timeout", "60",
                    ]
                    process.environment = [
                        "PATH": "/usr/bin:/bin", "HOME": folder.path, "NO_COLOR": "1", "COLUMNS": "160",
                    ]
                    process.currentDirectoryURL = URL(filePath: folder.path)
                    try folder.write("", to: "out")
                    let output = FileHandle(forWritingAtPath: folder.file("out"))
                    process.standardOutput = output
                    process.standardError = output
                    try process.run()
                    process.waitUntilExit()
                    let text = try folder.read("out")
                    #expect(process.terminationStatus == 0, "\(text)")
                    #expect(text.contains("No issues found") || text.contains("passed"), "\(text)")
                }
            }
        }
    }
}
