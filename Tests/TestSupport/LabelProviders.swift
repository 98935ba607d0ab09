import Postgres
import Subprocess

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lends a test a private server that knows the providers `lastro_one` and `lastro "two"` of security labels.
///
/// - Parameters:
///   - major: the server's major version, 15 to 17.
///   - body: the test.
/// - Throws: what the test throws, or what keeps the providers from being built or loaded.
public func withLabelProviders(major: Int, _ body: (TestServer) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        let library = folder.file("labels.so")
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Labels/labels.c").path
        let result = try await run(
            .name("clang"),
            arguments: ["-shared", "-fPIC", "-DMAJOR=\(major)", "-o", library, source],
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else { throw NoLabels(words: result.standardError) }
        // The server runs as another user.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        let server = TestServer(major: major)
        try await withPostgresConnection(to: server.superuser()) { connection in
            _ = try await connection.script("ALTER ROLE ALL SET session_preload_libraries = '\(library)'")
        }
        try await body(server)
    }
}

/// The providers of labels cannot be built.
public struct NoLabels: Error, CustomStringConvertible {
    let words: String

    /// What the compiler said.
    public var description: String { "clang builds no Tests/TestSupport/Labels/labels.c: \(words)" }
}
