import AppRuntime
import CoreMetrics
import Foundation
import HummingbirdCore
import Migrator
import Postgres
import TestSupport
import Testing

@Suite("The probes")
struct ProbeTests {
    @Test("answer while a migration runs that waits for a lock, and while another process's is waited for [T20]")
    func answerDuringAMigration() async throws {
        let files = [
            "0001_a.sql": "CREATE TABLE a (i int);",
            "0002_b.sql": "SELECT pg_advisory_xact_lock(77); CREATE TABLE b (i int);",
        ]
        try await withTestDatabase { database in
            try await withTemporaryFolder(files) { folder in
                var migrator = Migrator(directory: folder.path, database: database)
                migrator.options.lockTimeout = nil
                let (first, second) = (BootGate(migrator, mode: .migrate), BootGate(migrator, mode: .migrate))
                try await withPostgresConnection(to: database) { holder in
                    _ = try await holder.query("SELECT pg_advisory_lock(77)")
                    try await withProbes(first.status) { [first] port in
                        async let opening: Void = first.open()
                        let startup = try await ask(port, "/startupz") { try $0.field("name") == "0002_b" }
                        #expect(startup.status == 503)
                        #expect(try startup.field("phase") == "migrating")
                        #expect(try startup.field("migration") == "2")
                        #expect(try startup.field("of") == "2")
                        #expect(try startup.field("elapsed") != nil)
                        let live = try await get(port, "/livez")
                        #expect(live.status == 200)
                        let unready = try await get(port, "/readyz")
                        #expect(unready.status == 503)
                        try await withProbes(second.status) { [second] other in
                            async let waiting: Void = second.open()
                            let answer = try await ask(other, "/startupz") {
                                try $0.field("phase") == "waiting-for-migration" && $0.field("holder") != nil
                            }
                            #expect(answer.status == 503)
                            #expect(try await get(other, "/livez").status == 200)
                            _ = try await holder.query("SELECT pg_advisory_unlock(77)")
                            try await waiting
                        }
                        try await opening
                        first.status.enter(.ready)
                        #expect(try await get(port, "/startupz").status == 200)
                    }
                }
            }
        }
    }

    @Test("follow a database that stops and comes back, while the process counts as alive all along [T23]")
    func followAnOutage() async throws {
        try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
            try await withOwnServer { server in
                try await server.initialise()
                let runtime = try runtime(folder, database: try server.superuser())
                try await whileRunning(runtime) { port in
                    try await server.whileRunning { _ in
                        let ready = try await ask(port, "/readyz") { $0.status == 200 }
                        #expect(ready.body.contains("\"database\":\"up\""))
                    }
                    let down = try await ask(port, "/readyz") { $0.status == 503 }
                    #expect(down.body.contains("\"database\":\"down\""), "\(down.body)")
                    #expect(try await get(port, "/livez").status == 200)
                    // It has started, and a start that is over is not begun again.
                    #expect(try await get(port, "/startupz").status == 200)
                    try await server.whileRunning { _ in
                        try await ask(port, "/readyz") { $0.status == 200 }
                        #expect(try await get(port, "/livez").status == 200)
                    }
                }
            }
        }
    }

    @Test("say that a server which has stopped answering is down, without waiting for it [T23]")
    func doNotWait() async throws {
        try await withTestDatabase { database in
            try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
                let runtime = try runtime(folder, database: database)
                try await whileRunning(runtime) { port in
                    try await ask(port, "/readyz") { $0.status == 200 }
                    let superuser = try await TestServer.standard.superuser()
                    try await withPostgresConnection(to: superuser) { connection in
                        let pids = try await connection.query(
                            "SELECT pid FROM pg_stat_activity WHERE application_name = 'lastro-probe' AND datname = $1",
                            database["dbname"] ?? ""
                        ).decode(as: Int.self)
                        let pid = try #require(pids.first)
                        #expect(pids.count == 1)
                        // Its process sleeps: the connection stands, and nothing comes.
                        kill(pid_t(pid), SIGSTOP)
                        defer { kill(pid_t(pid), SIGCONT) }
                        let down = try await ask(port, "/readyz") { $0.status == 503 }
                        #expect(down.body.contains("\"database\":\"down\""), "\(down.body)")
                    }
                    try await ask(port, "/readyz") { $0.status == 200 }
                }
            }
        }
    }

    @Test("are ready without what is optional, and not without what is required [T24]")
    func tellOptionalFromRequired() async throws {
        try await withTestDatabase { database in
            try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
                for isRequired in [false, true] {
                    var runtime = try runtime(folder, database: database)
                    let nowhere = try ConnectionSettings("host=127.0.0.1 port=1 connect_timeout=2")
                    runtime.checks = [
                        HealthCheck("redis", isRequired: isRequired) {
                            // Any server will do that is not there.
                            do {
                                try await PostgresConnection.open(nowhere).close()
                                return .up
                            } catch {
                                return .down("nobody listens")
                            }
                        }
                    ]
                    try await whileRunning(runtime) { port in
                        let word = isRequired ? "down" : "degraded"
                        let answer = try await ask(port, "/readyz") {
                            $0.body.contains("\"redis\":\"\(word)\"") && $0.body.contains("\"phase\":\"ready\"")
                                && $0.body.contains("\"schema\":\"up\"") && $0.body.contains("\"database\":\"up\"")
                        }
                        #expect(answer.status == (isRequired ? 503 : 200))
                        let health = try await get(port, "/health", headers: ["Authorization": "Bearer s3cret-token"])
                        #expect(health.status == (isRequired ? 503 : 200))
                        #expect(try health.field("status") == (isRequired ? "DOWN" : "DEGRADED"))
                        #expect(health.body.contains("nobody listens"))
                    }
                }
            }
        }
    }

    @Test("say that the schema is not as it was, and do not mind a newer one")
    func watchTheSchema() async throws {
        try await withTestDatabase { database in
            try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
                let runtime = try runtime(folder, database: database)
                try await whileRunning(runtime) { port in
                    try await ask(port, "/readyz") { $0.status == 200 }
                    _ = try await withTemporaryFolder([
                        "0001_a.sql": "CREATE TABLE a (i int);", "0002_b.sql": "CREATE TABLE b (i int);",
                    ]) { newer in
                        try await Migrator(directory: newer.path, database: database).migrate()()
                    }
                    let newer = try await ask(port, "/readyz") { $0.body.contains("\"schema\":\"degraded\"") }
                    #expect(newer.status == 200)
                    try await withPostgresConnection(to: database) { connection in
                        _ = try await connection.query("DELETE FROM schema_migrations")
                    }
                    let gone = try await ask(port, "/readyz") { $0.body.contains("\"schema\":\"down\"") }
                    #expect(gone.status == 503)
                }
            }
        }
    }

    @Test("tell details and numbers only to those who may know")
    func keepSecrets() async throws {
        let metrics = PrometheusRegistry()
        metrics.makeCounter(label: "lastro_jobs_enqueued", dimensions: []).increment(by: 3)
        try await withProbes(RuntimeStatus(), token: "s3cret-token", metrics: metrics) { port in
            for header in [
                "Bearer s3cret-tokem", "Bearer s3cret-toke", "Bearer s3cret-tokens3cret-token", "Bearer ",
                "s3cret-token",
            ] {
                let answer = try await get(port, "/health", headers: ["Authorization": header])
                #expect(answer.status == 401, "\(header)")
            }
            #expect(try await get(port, "/health").status == 401)
            #expect(try await get(port, "/health", headers: ["Authorization": "bearer s3cret-token"]).status == 503)
            let text = try await get(port, "/metrics")
            #expect(text.status == 200)
            #expect(text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(text.body.contains("\nlastro_jobs_enqueued_total 3\n"))
            // A proxy on this machine asks for somebody else.
            #expect(try await get(port, "/metrics", headers: ["X-Forwarded-For": "192.0.2.1"]).status == 401)
            let shown = ["X-Forwarded-For": "192.0.2.1", "Authorization": "Bearer s3cret-token"]
            #expect(try await get(port, "/metrics", headers: shown).status == 200)
        }
        try await withProbes(RuntimeStatus()) { port in
            let empty = try await get(port, "/health", headers: ["Authorization": "Bearer "])
            #expect(empty.status == 401)
            let nowhere = try await get(port, "/nowhere")
            #expect(nowhere.status == 404)
        }
        let token = try #require(BearerToken("s3cret-token"))
        #expect("\(token)" == "***")
        #expect(BearerToken("") == nil)
    }

    private func runtime(_ folder: TemporaryFolder, database: ConnectionSettings) throws -> ApplicationRuntime {
        let gate = BootGate(Migrator(directory: folder.path, database: database), mode: .migrate)
        let probes = ProbeListener(
            gate.status,
            address: .hostname("127.0.0.1", port: 0),
            token: BearerToken("s3cret-token")
        )
        var runtime = ApplicationRuntime(gate: gate, probes: probes)
        runtime.catchesSignals = false
        return runtime
    }
}

/// Runs an application while a test asks its probes, and ends it behind that.
func whileRunning(
    _ runtime: ApplicationRuntime,
    _ body: @Sendable @escaping (Int) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await runtime.run() }
        defer { group.cancelAll() }
        try await body(runtime.probes.port())
    }
}
