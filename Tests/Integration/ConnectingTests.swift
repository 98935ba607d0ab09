import Postgres
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Connecting")
struct ConnectingTests {
    /// A password with whatever ends a word, a quote or a URL somewhere.
    private static let password = #"p@ss:w/o?r#d %41&'"\ $x é !()*+,-.;<=>[]^_`{|}~ ${x}"#

    @Test("reads URLs, .env, .pgpass, service files and several hosts as libpq does, whatever the password holds")
    func readsSettings() async throws {
        try await withPasswordServer { server, superuser in
            try await withTemporaryFolder(["m/0001_a.sql": "select 1"]) { folder in
                let socket = try #require(superuser["host"])
                var lastro = LastroProcess(folder: folder.path)
                func status(_ environment: [String: String], _ arguments: String...) async throws
                    -> LastroProcess.Outcome
                {
                    lastro.environment = environment.merging(["LASTRO_MIGRATIONS": "m"]) { given, _ in given }
                    return arguments.isEmpty
                        ? try await lastro("status") : try await lastro("status", "--database", arguments[0])
                }
                func expectReached(_ outcome: LastroProcess.Outcome, _ what: Comment) {
                    #expect(outcome.status == 0, "\(what): \(outcome.errors)")
                    #expect(!outcome.text.contains("p@ss"))
                }
                let encoded = Self.password.utf8.map { "%" + String($0 + 0, radix: 16) }.joined()
                let url = "postgresql://app:\(encoded)@/postgres?host=\(socket)"
                expectReached(try await status([:], url), "a URL")
                expectReached(try await status(["DATABASE_URL": url]), "DATABASE_URL")
                expectReached(
                    try await status([
                        "PGHOST": socket, "PGUSER": "app", "PGDATABASE": "postgres", "PGPASSWORD": Self.password,
                    ]),
                    "PG variables"
                )
                try folder.write(
                    "PGHOST=\(socket)\nPGUSER=app\nPGDATABASE=postgres\nPGPASSWORD=\(dotEnvQuoted)\n",
                    to: ".env"
                )
                expectReached(try await status([:]), ".env")
                try folder.delete(".env")

                try folder.write("*:*:*:app:\(passFileQuoted)\n", to: "pgpass")
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.file("pgpass"))
                let pass = ["PGPASSFILE": folder.file("pgpass")]
                expectReached(try await status(pass, "host=\(socket) user=app dbname=postgres"), ".pgpass")
                try folder.write("[app]\nhost=\(socket)\nuser=app\ndbname=postgres\n", to: "services")
                let service = pass.merging(["PGSERVICEFILE": folder.file("services")]) { given, _ in given }
                expectReached(try await status(service, "service=app"), "a service file")
                expectReached(
                    try await status(service.merging(["PGSERVICE": "app"]) { given, _ in given }),
                    "PGSERVICE"
                )
                expectReached(
                    try await status(pass, "postgresql://app@/postgres?host=/nowhere,\(socket)"),
                    "several hosts"
                )

                let wrong = try await status([:], "postgresql://app:hunter2@/postgres?host=\(socket)")
                #expect(wrong.status == 3)
                #expect(wrong.errors.contains("password authentication failed for user \"app\""))
                #expect(!wrong.errors.contains("hunter2"))
            }
        }
    }

    private var dotEnvQuoted: String {
        let escaped = Self.password.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    private var passFileQuoted: String { Self.password.replacing("\\", with: "\\\\").replacing(":", with: "\\:") }

    /// Runs a server on which the role `app` needs its password.
    private func withPasswordServer(_ body: (LocalServer, ConnectionSettings) async throws -> Void) async throws {
        try await withLocalServer { server in
            let superuser = try ConnectionSettings(server.connectionString())
            try await withPostgresConnection(to: superuser) { connection in
                let literal = try await connection.query("SELECT quote_literal($1)", Self.password).single.decode(
                    String.self
                )
                try await connection.script("CREATE ROLE app LOGIN PASSWORD \(literal)")
                let rules = "local all postgres trust\nlocal all app scram-sha-256\n"
                try Data(rules.utf8).write(to: URL(filePath: "\(server.path)/data/pg_hba.conf"))
                try await connection.query("SELECT pg_reload_conf()")
                try await connection.wait(
                    until: "SELECT EXISTS (SELECT FROM pg_hba_file_rules WHERE auth_method = 'scram-sha-256')"
                )
            }
            try await body(server, superuser)
        }
    }
}
