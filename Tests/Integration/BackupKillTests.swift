import Postgres
import TestSupport
import Testing

@Suite("lastro backup create that is killed")
struct BackupKillTests {
    @Test(
        "while it waits for a table, while pg_dump does, or while it reads, leaves no snapshot and no session behind",
        arguments: ["locking", "dumping", "reading"]
    )
    func isKilled(stage: String) async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run("CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 200000) n", on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let create = ["backup", "create", "--repository", "r", "--recipient", recipient]
            let others = """
                FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND application_name IN ('lastro', 'pg_dump')
                """
            let settings = try ConnectionSettings(url)
            let superuser = try await TestServer.standard.superuser().with(database: settings["dbname"] ?? "")
            try await withPostgresConnection(to: superuser) { holder in
                // Transforms are a matter of pg_dump's alone.
                let table = ["locking": "public.t", "dumping": "pg_catalog.pg_transform"][stage]
                try await holder.script("BEGIN")
                if let table { try await holder.script("LOCK TABLE \(table) IN ACCESS EXCLUSIVE MODE") }
                let condition =
                    switch stage {
                    case "locking": "wait_event_type = 'Lock' AND application_name = 'lastro'"
                    case "dumping": "wait_event_type = 'Lock' AND application_name = 'pg_dump'"
                    default: "query LIKE 'COPY %'"
                    }
                let killed = try await lastro.killed(create + (stage == "reading" ? ["--max-rate", "1kB"] : [])) {
                    try await wait(until: "SELECT EXISTS (SELECT \(others) AND \(condition))", on: url)
                }
                #expect(killed.status == 128 + 9, "\(killed.text)")
                try await holder.script("ROLLBACK")
            }
            try await wait(until: "SELECT NOT EXISTS (SELECT \(others))", on: url)
            #expect(try await lastro("backup", "list", "--repository", "r").output == "there is no snapshot\n")
            #expect(try await lastro(create).status == 0)
            let full = try await lastro("backup", "verify", "--repository", "r", "--full", "--identity", "key.txt")
            #expect(full.status == 0, "\(full.text)")
            // Nobody but the sweep of the next backup has to know of what was left.
            #expect(try folder.names(in: "r/tmp").isEmpty)
        }
    }
}
