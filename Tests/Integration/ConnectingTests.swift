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

    @Test("takes the password from a file, a command or a credential, and puts it nowhere but into the connection")
    func findsPasswords() async throws {
        try await withPasswordServer { _, superuser in
            try await withTemporaryFolder(["m/README": "nothing is pending"]) { folder in
                let socket = try #require(superuser["host"])
                let base = ["LASTRO_MIGRATIONS": "m", "DATABASE_URL": "postgresql://app@/postgres?host=\(socket)"]
                var lastro = LastroProcess(folder: folder.path)
                /// What COMMAND sees of a run; the password must be nowhere in it.
                func run(_ environment: [String: String], _ arguments: String = "") async throws
                    -> LastroProcess.Outcome
                {
                    lastro.environment = base.merging(environment) { _, given in given }
                    return try await lastro.shell(
                        "exec $lastro run \(arguments) -- sh -c 'env | grep -v ^PGPASSWORD; tr \"\\0\" \" \" </proc/$$/cmdline; echo up'"
                    )
                }
                func expect(_ isReached: Bool, _ outcome: LastroProcess.Outcome, _ what: Comment) {
                    #expect(outcome.status == (isReached ? 0 : 3), "\(what): \(outcome.errors)")
                    #expect(outcome.output.hasSuffix("up\n") == isReached, what)
                    #expect(!outcome.text.contains("p@ss"), what)
                }
                try folder.write(Self.password + "\r\nsecond line\n", to: "secret/lastro-password")
                try folder.write("wrong\n", to: "wrong/lastro-password")
                try folder.write(
                    "cat secret/lastro-password; env > seen; tr '\\0' ' ' </proc/$PPID/cmdline >> seen",
                    to: "ask"
                )
                let (right, wrong) = ("secret/lastro-password", "wrong/lastro-password")

                expect(false, try await run([:]), "no password")
                expect(true, try await run(["LASTRO_PASSWORD_FILE": right]), "a file")
                expect(true, try await run(["LASTRO_PASSWORD_COMMAND": "sh ask"]), "a command")
                #expect(try !folder.read("seen").contains("p@ss"))
                expect(true, try await run(["CREDENTIALS_DIRECTORY": folder.file("secret")]), "a credential")
                try folder.write(base["DATABASE_URL", default: ""] + "\n", to: "secret/lastro-database-url")
                expect(
                    true,
                    try await run(["CREDENTIALS_DIRECTORY": folder.file("secret"), "DATABASE_URL": ""]),
                    "credentials alone"
                )

                // The order: what is named first has it right, what comes behind has it wrong.
                let url = "postgresql://app:\(encoded)@/postgres?host=\(socket)"
                let rest = [
                    "LASTRO_PASSWORD_COMMAND": "touch asked; echo wrong", "CREDENTIALS_DIRECTORY": folder.file("wrong"),
                ]
                func with(_ more: [String: String]) -> [String: String] { rest.merging(more) { _, given in given } }
                expect(
                    true,
                    try await run(with(["DATABASE_URL": url, "PGPASSWORD": "wrong", "LASTRO_PASSWORD_FILE": wrong])),
                    "the address first"
                )
                expect(
                    true,
                    try await run(with(["PGPASSWORD": Self.password, "LASTRO_PASSWORD_FILE": wrong])),
                    "then PGPASSWORD"
                )
                expect(true, try await run(with(["LASTRO_PASSWORD_FILE": right])), "then the file")
                #expect(try !folder.names.contains("asked"))
                expect(
                    true,
                    try await run(["LASTRO_PASSWORD_COMMAND": "sh ask", "CREDENTIALS_DIRECTORY": folder.file("wrong")]),
                    "then the command"
                )
                try folder.write("*:*:*:app:wrong\n", to: "pgpass")
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.file("pgpass"))
                let pass = ["PGPASSFILE": folder.file("pgpass"), "CREDENTIALS_DIRECTORY": folder.file("secret")]
                expect(true, try await run(pass), "then the credential, and .pgpass last")

                // A stronger place comes before all of a weaker one.
                expect(true, try await run(["PGPASSWORD": "wrong"], "--password-file \(right)"), "a flag")
                try folder.write("PGPASSWORD=\(dotEnvQuoted)\n", to: ".env")
                try folder.write("database: {password-file: \(wrong)}\n", to: "lastro.yaml")
                expect(true, try await run([:]), ".env")
                expect(false, try await run(["LASTRO_PASSWORD_COMMAND": "echo wrong"]), "a variable over .env")

                let doctor = try await lastro("doctor")
                #expect(doctor.output.contains("password-command  *** from LASTRO_PASSWORD_COMMAND in the environment"))
                #expect(
                    doctor.output.contains("from the output of a command (LASTRO_PASSWORD_COMMAND in the environment)")
                )
                #expect(!doctor.text.contains("p@ss"))
            }
        }
    }

    @Test("says what is wrong with a password that is not to be had, and asks for none where none is needed")
    func explainsPasswords() async throws {
        try await withTemporaryFolder(["m/0001_a.sql": "select 1", "empty": "\n", "lastro.yaml": "migrations: m\n"]) {
            folder in
            var lastro = LastroProcess(folder: folder.path)
            func errors(_ environment: [String: String]) async throws -> String {
                lastro.environment = environment.merging(["PGHOST": "/nowhere"]) { given, _ in given }
                let outcome = try await lastro("status")
                #expect(outcome.status == 2)
                return outcome.errors
            }
            #expect(
                try await errors(["LASTRO_PASSWORD_FILE": "absent"]) == """
                    LASTRO_PASSWORD_FILE in the environment: absent cannot be read: No such file or directory
                      state: nothing was run
                      next:  its first line is taken for the password

                    """
            )
            #expect(
                try await errors(["LASTRO_PASSWORD_FILE": "empty"]).hasPrefix(
                    "LASTRO_PASSWORD_FILE in the environment: the first line of empty is empty\n"
                )
            )
            try folder.write(
                "migrations: m\ndatabase:\n  password-command: touch asked; echo no >&2; false\n",
                to: "lastro.yaml"
            )
            #expect(
                try await errors([:]) == """
                    lastro.yaml:3:21: database.password-command: the command ended with status 1; it said
                        no
                      state: nothing was run
                      next:  its first line is taken for the password

                    """
            )
            try folder.delete("asked")
            #expect(try await lastro("new", "next").status == 0)
            #expect(try await lastro("init").status == 0)
            #expect(try !folder.names.contains("asked"))
        }
    }

    private var encoded: String { Self.password.utf8.map { "%" + String($0, radix: 16) }.joined() }

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
