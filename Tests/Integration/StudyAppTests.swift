import Migrator
import Postgres
import StudyPlatform
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("The back end of the incident")
struct StudyAppTests {
    /// The back end on a database, with the project's own migrations and queries.
    private func app(on url: String, in folder: TemporaryFolder) -> StudyProcess {
        StudyProcess(
            folder: folder,
            environment: [
                "DATABASE_URL": url, "LASTRO_MIGRATIONS": StudyPlatform.migrations,
                "STUDY_QUERIES": StudyPlatform.root + "/queries",
            ]
        )
    }

    @Test(
        "refuses the legacy database and says what is missing; once that is migrated it starts, and a job of one minute runs"
    )
    func endsTheIncident() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run(try StudyPlatform.incident("legacy.sql"), on: url)
            let app = app(on: url, in: folder)
            let refused = try await app("serve", "--port", "0", "--probe-port", "0")
            #expect(refused.status == 1)
            #expect(refused.errors.contains("pending"), "\(refused.errors)")
            #expect(refused.errors.contains("scheduled_for"), "\(refused.errors)")
            #expect(refused.errors.contains("run `lastro migrate`"))
            #expect(!refused.output.contains("ready"))
            var lastro = lastro
            lastro.environment = ["DATABASE_URL": url, "LASTRO_MIGRATIONS": StudyPlatform.migrations]
            let migrated = try await lastro("migrate")
            #expect(migrated.status == 0, "\(migrated.errors)")

            let ended = try await app.serving { started in
                #expect(started.said.contains("scheduled   3 jobs"))
                for name in ["progress-rollup", "recommendation-refresh", "backup"] {
                    #expect(started.said.contains("\(name): "), "\(started.said)")
                }
                #expect(started.said.contains("health      UP: database, schema"), "\(started.said)")
                #expect(started.said.contains("none are made"))
                // The seed of the legacy database has an admin or not: whoever is missing is told how to come in.
                try await withTemporaryFolder { folder in
                    let other = self.app(on: url, in: folder)
                    let staff = try await other("admin", "list").output
                    #expect(started.said.contains("study-app admin create") == staff.isEmpty, "\(staff)")
                    let second = try await other("serve", "--port", "\(started.port)", "--probe-port", "0")
                    #expect(second.status == 4)
                    let taken = "HTTP cannot be served on 127.0.0.1:\(started.port): Address already in use\n  state: "
                    #expect(second.errors.contains(taken), "\(second.errors)")
                }
                try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                    let id = try await connection.query(
                        """
                        INSERT INTO jobs (name, type, scheduled_for)
                        VALUES ('Resumo', 'progress-rollup', now() + interval '1 minute') RETURNING id::text
                        """
                    ).single.decode(String.self)
                    let early = try await connection.query("SELECT status FROM jobs WHERE id = $1", id).single
                    #expect(try early.decode(String.self) == "pending")
                    // The clock is moved on by a minute, for all that waits.
                    try await connection.query(
                        "UPDATE jobs SET scheduled_for = scheduled_for - interval '1 minute' WHERE status = 'pending'"
                    )
                    try await connection.wait(until: "SELECT status = 'completed' FROM jobs WHERE id = '\(id)'")
                }
                for _ in 0..<20 { _ = try await started.curl("http://127.0.0.1:\(started.port)/login") }
                let metrics = try await started.curl("http://127.0.0.1:\(started.probePort)/metrics")
                #expect(try errorRate(in: metrics) == "0.00 %")
                let ready = try await started.curl("http://127.0.0.1:\(started.probePort)/readyz")
                #expect(ready.contains("\"database\":\"up\""), "\(ready)")
            }
            #expect(ended.status == 0, "\(ended.errors)")
            #expect(!ended.errors.contains("scheduled_for"), "\(ended.errors)")
            let errors = ended.errors.split(separator: "\n").filter { $0.contains("\"level\":\"error\"") }
            #expect(errors == [])

            // A schema that somebody has changed by hand is told, or refused, where that is wanted.
            try await run("ALTER TABLE jobs ADD COLUMN by_hand text", on: url)
            var strict = app
            strict.environment["STUDY_DRIFT"] = "refuse"
            let drifted = try await strict("serve", "--port", "0", "--probe-port", "0")
            #expect(drifted.status == 1 && drifted.errors.contains("jobs.by_hand"), "\(drifted.errors)")
            strict.environment["STUDY_DRIFT"] = "yes"
            let unread = try await strict("serve")
            #expect(unread.status == 2 && unread.errors.contains("write off, report or refuse"), "\(unread.errors)")
        }
    }

    /// Requests and jobs that failed, of all.
    private func errorRate(in metrics: String) throws -> String {
        var (all, failed) = (0.0, 0.0)
        for line in metrics.split(separator: "\n") {
            let isRequest = line.hasPrefix("http_server_request_duration_seconds_count{")
            guard isRequest || line.hasPrefix("lastro_jobs_finished_total{"),
                let count = line.split(separator: " ").last.flatMap({ Double($0) })
            else { continue }
            all += count
            if line.contains("http_response_status_code=\"5") || line.contains("outcome=\"failed\"")
                || line.contains("outcome=\"retry\"")
            {
                failed += count
            }
        }
        try #require(all > 20, "\(metrics)")
        let hundredths = Int((10_000 * failed / all).rounded())
        return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10) %"
    }

    @Test("lets the first admin in by a link that is printed once and logged nowhere")
    func admitsAdmin() async throws {
        try await withProject([:]) { _, folder, url in
            var app = app(on: url, in: folder)
            app.environment["STUDY_LOG_LEVEL"] = "trace"
            try await Migrator(directory: StudyPlatform.migrations, database: ConnectionSettings(url)).migrate()()
            let made = try await app("admin", "create", "ana@example.com", "--name", "Ana", "--valid", "5min")
            #expect(made.status == 0, "\(made.errors)")
            let link = String(made.output.prefix { $0 != "\n" })
            #expect(link.hasPrefix("http://127.0.0.1:3333/account/link#lnk_"))
            let code = String(link.split(separator: "#").last ?? "")
            #expect(!made.errors.contains(code))
            let again = try await app("admin", "create", "ana@example.com", "--name", "Ana")
            #expect(again.status == 1 && again.errors.contains("study-app admin link ana@example.com"))
            #expect(try await app("admin", "create", "ana", "--name", "Ana").status == 2)
            #expect(try await app("admin", "list").output.hasPrefix("ana@example.com  admin, learner  Ana\n"))
            let ended = try await app.serving(["--no-scheduler"]) { started in
                let base = "http://127.0.0.1:\(started.port)"
                let json = ["-H", "Content-Type: application/json"]
                let set = try await started.curl(
                    "-w",
                    "%{http_code}",
                    json[0],
                    json[1],
                    "-d",
                    "{\"code\":\"\(code)\",\"password\":\"um cavalo certo\"}",
                    "\(base)/api/auth/link"
                )
                #expect(set == "204")
                let tokens = try await started.curl(
                    json[0],
                    json[1],
                    "-d",
                    "{\"email\":\"ana@example.com\",\"password\":\"um cavalo certo\"}",
                    "\(base)/api/auth/login"
                )
                #expect(tokens.contains("\"access_token\":\"acc_"))
                let access = tokens.components(separatedBy: "\"access_token\":\"").last?.prefix { $0 != "\"" } ?? ""
                let me = try await started.curl("-H", "Authorization: Bearer \(access)", "\(base)/api/auth/me")
                #expect(me.contains("\"admin\""), "\(me)")
                let jobs = try await started.curl("-H", "Authorization: Bearer \(access)", "\(base)/api/jobs")
                #expect(jobs.hasPrefix("{"), "\(jobs)")
                let shut = try await started.curl("-o", "/dev/null", "-w", "%{http_code}", "\(base)/api/jobs")
                #expect(shut == "401")
                let form = try await started.curl(
                    "-o",
                    "/dev/null",
                    "-D",
                    "-",
                    "-d",
                    "email=ana%40example.com&password=um+cavalo+certo",
                    "\(base)/login"
                )
                let cookie = String(form.components(separatedBy: "Set-Cookie: ").last?.prefix { $0 != ";" } ?? "")
                let lower = String(form.components(separatedBy: "set-cookie: ").last?.prefix { $0 != ";" } ?? "")
                let shown = cookie.hasPrefix("study=") ? cookie : lower
                let dashboard = try await started.curl("-H", "Cookie: \(shown)", "\(base)/dashboard")
                #expect(dashboard.contains("</html>") && dashboard.contains("dashboard"), "\(dashboard.prefix(500))")
                #expect(!started.log.contains(access))
            }
            #expect(ended.status == 0)
            for secret in [code, "um cavalo certo", "acc_", "ref_", "ses_"] {
                #expect(!ended.errors.contains(secret), "\(secret) is in the log")
            }
        }
    }

    @Test("has an exit status for each kind of end, and finds what is wrong with the queue")
    func endsWithStatus() async throws {
        try await withProject([".env": "STUDY_PORT=http\n"]) { _, folder, url in
            var app = app(on: url, in: folder)
            let port = try await app("serve", "--probe-port", "0")
            #expect(
                port.status == 2 && port.errors.contains(".env:1:1: STUDY_PORT: \"http\" cannot be read"),
                "\(port.errors)"
            )
            try folder.delete(".env")
            #expect(try await app("serve", "--port").status == 2)
            #expect(try await app("serve", "--port", "").status == 2)
            #expect(try await app("jobs", "why", "x").status == 2)
            let misspelt = try await app("jobs", "lisst")
            #expect(misspelt.status == 2 && misspelt.errors.contains("Did you mean `study-app jobs list`?"))
            #expect(try await app("jobs", "list", "--status", "broken").status == 2)
            var lost = app
            lost.environment["DATABASE_URL"] = "postgresql://u:secret@127.0.0.1:1/x?connect_timeout=2"
            let unreachable = try await lost("jobs", "list")
            #expect(unreachable.status == 3 && !unreachable.errors.contains("secret"))
            lost.environment["DATABASE_URL"] = ""
            lost.environment["STUDY_EMBEDDED"] = "off"
            try folder.write("DATABASE_URL=x", to: "sub/.env")
            let nowhere = try await lost("jobs", "list")
            #expect(nowhere.status == 2 && nowhere.errors.contains("no database is configured"))
            #expect(nowhere.errors.contains("sub/.env: is there, but is not read"), "\(nowhere.errors)")
            // From .env, as lastro reads it.
            try folder.write("export DATABASE_URL='\(url)' # here\n", to: ".env")
            app.environment["DATABASE_URL"] = nil
            try await Migrator(directory: StudyPlatform.migrations, database: ConnectionSettings(url)).migrate()()
            #expect(try await app("jobs", "list").output == "no jobs\n")
            #expect(try await app("jobs", "fsck").status == 0)
            let id = "0193a0b0-0000-7000-8000-000000000001"
            try await run(
                "INSERT INTO jobs (id, name, type, status, started_at) VALUES ('\(id)', 'x', 'x', 'running', now())",
                on: url
            )
            #expect(try await app("jobs", "list").output.hasPrefix("\(id)  running  x  0/3  "))
            #expect(try await app("jobs", "list", "--status", "running", "--type", "y").output == "no jobs\n")
            let found = try await app("jobs", "fsck", "--format", "json")
            #expect(found.status == 1 && found.output.contains("\"rule\":\"running-without-claim\""), "\(found.output)")
            #expect(try await app("jobs", "fsck").output.contains("--repair mends it"))
            #expect(try await app("jobs", "fsck", "--repair").status == 1)
            #expect(try await app("jobs", "fsck").status == 0)
            let mended =
                "SELECT kind || ' ' || actor || ' ' || (details ->> 'rule') FROM job_events WHERE kind = 'repaired'"
            #expect(try await ask(mended, on: url) == "repaired tester running-without-claim")
            #expect(try await app("jobs", "why", id).output == "no live worker has a handler for type x\n")
            #expect(try await app("jobs", "cancel", id).output == "\(id)  cancelled\n")
            #expect(try await app("jobs", "cancel", id).status == 1)
            // Output that goes nowhere is said, and is no crash.
            let full = try await app.shell("exec \"$0\" jobs list >/dev/full 2>log")
            let told = try folder.read("log")
            #expect(full == 4 && told.contains("standard output cannot be written"), "\(told)")
            #expect(try await app.shell("exec \"$0\" jobs list >&- 2>log") == 4)
            #expect(try await app.shell("\"$0\" jobs list --format json | head -c 1 >/dev/null") == 0)
            #expect(try await app("jobs", "redrive", "--all").output == "0 put back\n")
            #expect(try await app("jobs", "retry", id).output == "1 put back, 0 that waited run now\n")
            try await run("UPDATE jobs SET scheduled_for = now() + interval '1 hour'", on: url)
            #expect(try await app("jobs", "retry", id, "--by", "ana").output == "0 put back, 1 that waited run now\n")
            #expect(try await app("jobs", "retry", id).status == 1)
            try await run("UPDATE jobs SET status = 'failed', completed_at = now()", on: url)
            #expect(try await app("jobs", "redrive", "--type", "x").output == "1 put back\n")
            #expect(try await app("jobs", "list", "--status", "pending").output.hasPrefix("\(id)  pending  x  0/3  "))
            #expect(try await app("jobs", "why", "0193a0b0-0000-7000-8000-00000000000f").status == 1)
        }
    }

    @Test("runs on the project's private server where no database is configured, and leaves none running")
    func runsEmbedded() async throws {
        try await withTemporaryFolder { folder in
            let app = StudyProcess(folder: folder, environment: ["LASTRO_MIGRATIONS": StudyPlatform.migrations])
            let ended = try await app.serving { started in
                #expect(started.said.contains("the project's private server"), "\(started.said)")
                let page = try await started.curl("http://127.0.0.1:\(started.port)/login")
                #expect(page.contains("<form"))
            }
            #expect(ended.status == 0, "\(ended.errors)")
            let lastro = LastroProcess(folder: folder.path)
            #expect(try await lastro("dev", "status").output.contains("stopped"))
        }
    }
}
