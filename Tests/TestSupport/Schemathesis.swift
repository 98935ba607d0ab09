import Foundation

/// A tool that makes requests from an API's OpenAPI document, well-formed ones and others, and holds the answers against it.
public enum Schemathesis {
    /// What a run has found.
    public struct Run: Sendable {
        /// Whether nothing was wrong.
        public let isPassed: Bool
        /// What the tool has said.
        public let output: String
    }

    /// Runs it against a server on this machine.
    ///
    /// - Parameters:
    ///   - port: the server's port; the document is `/openapi.json` there.
    ///   - authorization: the header by which requests are let in.
    ///   - examples: how many requests to make up for each route.
    /// - Returns: what was found.
    /// - Throws: ``MissingEnvironment`` if the tool is not installed.
    public static func run(on port: Int, authorization: String, examples: Int) async throws -> Run {
        let python = try PythonEnvironment.python(of: "schemathesis")
        return try await withTemporaryFolder { folder in
            let process = Process()
            process.executableURL = URL(filePath: python).deletingLastPathComponent().appending(path: "schemathesis")
            process.arguments = [
                "run", "http://127.0.0.1:\(port)/openapi.json", "--header", "Authorization: \(authorization)",
                "--seed", "20261129", "--max-examples", "\(examples)", "--no-shrink",
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
            // The server that it asks may run in this process: nobody may hold a thread of the tasks' meanwhile.
            while process.isRunning { try await Task.sleep(for: .milliseconds(50)) }
            let text = try folder.read("out")
            let hasPassed = text.contains("No issues found") || text.contains("passed")
            return Run(isPassed: process.terminationStatus == 0 && hasPassed, output: text)
        }
    }
}
