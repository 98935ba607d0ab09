import Postgres
import TestSupport
import Testing

/// A server of a later version than the standard one, shared by tests.
struct NewerServer: CustomTestStringConvertible, Sendable {
    let major: Int
    let server: TestServer

    init(_ major: Int) {
        self.major = major
        server = TestServer(major: major)
    }

    var testDescription: String { "PostgreSQL \(major)" }

    /// Whether there is one on this machine.
    var isInstalled: Bool {
        get async throws { try await PostgresInstallation.all().contains { $0.version.major == major } }
    }
}
