import Postgres
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Settings")
struct SettingsTests {
    @Test("of an environment stand over the file's top level and under .env, the environment and flags")
    func layersEnvironments() async throws {
        let files = [
            "m/0001_a.sql": "select 1;\n",
            "lastro.yaml": """
            migrations: m
            role: top
            lock-timeout: 1s
            placeholders: {schema: top, owner: top}
            environments:
              staging:
                role: staging
                database: {url: "postgresql://staging.invalid/app"}
                placeholders: {schema: staging}
              production:
                role: production

            """,
        ]
        try await withTemporaryFolder(files) { folder in
            var lastro = LastroProcess(folder: folder.path)
            func values(_ arguments: String...) async throws -> [String] {
                let words = (["doctor", "--format", "json"] + arguments).map { "'\($0)'" }.joined(separator: " ")
                let outcome = try await lastro.shell("exec $lastro \(words)")
                let report = try JSONDecoder().decode(DoctorChecks.self, from: Data(outcome.output.utf8))
                return report.checks.map { "\($0.subject): \($0.finding)" }
            }
            let plain = try await values()
            #expect(plain.contains("role: top from lastro.yaml:2:7"))
            #expect(plain.contains("placeholders.schema: *** from lastro.yaml:4:24"))
            #expect(!plain.contains { $0.hasPrefix("environment:") })

            let flag = try await values("--env", "staging", "--placeholder", "owner=flag", "--lock-timeout", "off")
            #expect(flag.contains("environment: staging from --env"))
            #expect(flag.contains("role: staging from lastro.yaml:7:11, environment staging"))
            #expect(flag.contains("lock-timeout: off from --lock-timeout"))
            #expect(flag.contains("placeholders.schema: *** from lastro.yaml:9:28, environment staging"))
            #expect(flag.contains("placeholders.owner: *** from --placeholder"))
            #expect(
                flag.contains(
                    "database.url: dbname=app host=staging.invalid from lastro.yaml:8:21, environment staging"
                )
            )

            try folder.write("# the stage\nLASTRO_ENV=production\nLASTRO_ROLE='in file'\n", to: ".env")
            let dotEnv = try await values()
            #expect(dotEnv.contains("environment: production from LASTRO_ENV in .env:2:1"))
            #expect(dotEnv.contains("role: in file from LASTRO_ROLE in .env:3:1"))
            #expect(dotEnv.contains(".env: read \(folder.path)/.env"))
            lastro.environment = [
                "LASTRO_ENV": "staging", "LASTRO_ROLE": "", "LASTRO_PLACEHOLDER_SCHEMA": "x",
                "LASTRO_LOKC_TIMEOUT": "1",
                "LASTRO_DIRECT_DATABASE": "postgresql://u:hunter2@direct.invalid/app",
            ]
            let variables = try await values()
            #expect(variables.contains("environment: staging from LASTRO_ENV in the environment"))
            #expect(variables.contains("role: in file from LASTRO_ROLE in .env:3:1"))
            #expect(variables.contains("placeholders.schema: *** from LASTRO_PLACEHOLDER_SCHEMA in the environment"))
            #expect(
                variables.contains(
                    "LASTRO_LOKC_TIMEOUT: is set, but is no variable of Lastro's; did you mean LASTRO_LOCK_TIMEOUT?"
                )
            )
            #expect(
                variables.contains(
                    "database.direct-url: dbname=app host=direct.invalid password=*** user=u from LASTRO_DIRECT_DATABASE in the environment"
                )
            )
        }
    }

    @Test("that are wrong are told with their place and the way out")
    func explainsMistakes() async throws {
        let files = [
            "migration: m\n", "lock_timeout: 5s\n", "database:\n  password: hunter2\n", "databse: {url: x}\n",
            "frobnication: 1\n", "database: postgresql://u:hunter2@h/d\n", "migrations: [a, b]\n",
            "placeholders: on\n", "placeholders:\n  a: {b: c}\n", "lock-timeout: 5 parsecs\n",
            "statement-timeout: -1s\n", "lock-retries: many\n", "history:\n  table: a.b.c\n", "layout: liquibase\n",
            "environments: [staging]\n", "environments:\n  staging:\n    role: x\n    lockTimeout: 5s\n",
            "environments:\n  staging:\n    environments: {}\n", "role: a\nrole: b\n", "hooks: {before-all: x}\n",
            "database: {url: \"postgresql://u:hun/ter2@h/d\"}\n", "role: &a x\nmigrations: *a\n",
            "database: {url: [a]}\n", "migrations:\n", "environments:\n  staging:\n    role: \"\"\n",
        ]
        try await withTemporaryFolder(["migrations/0001_a.sql": "select 1"]) { folder in
            var lastro = LastroProcess(folder: folder.path, environment: ["PGUSER": "nobody"])
            var text = ""
            func add(_ what: String, _ outcome: LastroProcess.Outcome) {
                #expect(outcome.status == 2, "\(what)")
                #expect(outcome.output.isEmpty)
                text += "\(what.replacing("\n", with: "\\n"))\n\(outcome.errors)\n"
            }
            for file in files {
                try folder.write(file, to: "lastro.yaml")
                add(file, try await lastro("status"))
            }
            try folder.write([0xFF, 0xFE], to: "lastro.yaml")
            add("two bytes of UTF-16", try await lastro("status"))
            add("a file that is not there", try await lastro("status", "--config", "other.yaml"))
            add("a folder", try await lastro("status", "--config", "migrations"))
            try folder.write("environments:\n  staging:\n  production: {}\n", to: "lastro.yaml")
            add("--env prodution", try await lastro("status", "--env", "prodution"))
            add("--env ''", try await lastro("status", "--env", ""))
            add("--database ''", try await lastro("status", "--database", ""))
            add("--placeholder", try await lastro("migrate", "--placeholder", "hunter2"))
            add("--lock-timeout", try await lastro("migrate", "--lock-timeout", "1 fortnight"))
            add("--database URL", try await lastro("status", "--database", "postgres://u:p?a[ss@h:5432/d"))
            try folder.write("LASTRO_LOCK_RETRIES=-1\n", to: ".env")
            add(".env", try await lastro("status"))
            lastro.environment["LASTRO_LOCK_RETRIES"] = "1.5"
            add("a variable", try await lastro("status"))
            lastro.environment = ["LASTRO_ENV": "dev"]
            try folder.delete("lastro.yaml")
            add("LASTRO_ENV=dev", try await lastro("status"))
            // Passwords stand in the names of the cases alone.
            #expect(text.split(separator: "ter2", omittingEmptySubsequences: false).count == 4)
            try expectGolden(text, "settings-errors.txt")
        }
    }

    @Test("reach the migrations that they are for")
    func reachMigrations() async throws {
        let look = """
            do $$ begin
                raise notice 'lock %, statement %', current_setting('lock_timeout'), current_setting('statement_timeout');
            end $$;

            """
        try await withProject(["m/0001_a.sql": look, "m/0002_b.sql": look, "lastro.yaml": "lock-timeout: 7s\n"]) {
            lastro,
            _,
            _ in
            let first = try await lastro("migrate", "--steps", "1", "--statement-timeout", "2min")
            #expect(first.errors == "notice  0001_a: lock 7s, statement 2min\n")
            var lastro = lastro
            lastro.environment["LASTRO_LOCK_TIMEOUT"] = "off"
            lastro.environment["LASTRO_ROLE"] = "no such role"
            let second = try await lastro("migrate")
            #expect(second.status == 2)
            #expect(second.errors.contains("role \"no such role\" does not exist"))
            lastro.environment["LASTRO_ROLE"] = nil
            #expect(try await lastro("run", "--", "true").errors.hasPrefix("notice  0002_b: lock 0, statement 0\n"))
        }
    }

    @Test("of a direct address give way to a database that is named in a stronger place")
    func choosesAddresses() async throws {
        try await withProject(["m/0001_a.sql": "select 1"]) { lastro, folder, url in
            var lastro = lastro
            lastro.environment = ["LASTRO_MIGRATIONS": "m"]
            try folder.write(
                "database:\n  url: postgresql://pooled.invalid/x\n  direct-url: \"\(url)\"\n",
                to: "lastro.yaml"
            )
            #expect(try await lastro("status").status == 0)
            #expect(try await lastro("migrate").status == 0)
            #expect(try await lastro("run", "--", "true").status == 0)
            #expect(try await lastro("undo", "--direct-database", "postgresql://h.invalid/x").status == 3)
            let named = try await lastro("status", "--database", "postgresql://other.invalid/x")
            #expect(named.status == 3)
            #expect(named.errors.contains("other.invalid"))
            let doctor = try await lastro("doctor", "--database", "postgresql://other.invalid/x")
            #expect(doctor.output.contains("not used: the database itself is named in a stronger place"))
            let both = try await lastro(
                "status",
                "--database",
                "postgresql://other.invalid/x",
                "--direct-database",
                url
            )
            #expect(both.status == 0)
        }
    }
}

@Suite("The place of the database")
struct DatabasePlaceTests {
    @Test("is the environment over .env over lastro.yaml, whether a URL or PG* variables stand there")
    func takesTheStrongestPlace() async throws {
        try await withProject(["m/0001_a.sql": "select 1"]) { lastro, folder, url in
            var lastro = lastro
            let settings = try ConnectionSettings(url)
            let variables = ["PGHOST": settings["host"] ?? "", "PGDATABASE": settings["dbname"] ?? ""]
            let more = ["PGUSER": settings["user"] ?? "", "PGPORT": settings["port"] ?? "5432"]
            let wrong = "postgresql://other.invalid/x"
            let base = ["LASTRO_MIGRATIONS": "m"].merging(more) { $1 }
            lastro.environment = base.merging(variables) { $1 }
            for file in [".env", "lastro.yaml"] {
                let text = file == ".env" ? "DATABASE_URL=\(wrong)\n" : "database: {url: \"\(wrong)\"}\n"
                try folder.write(text, to: file)
                #expect(try await lastro("status").status == 0, "\(file)")
                let doctor = try await lastro("doctor")
                #expect(doctor.output.contains(" from PGHOST, PGDATABASE in the environment"))
                #expect(doctor.output.contains("not used: PG* variables of a stronger place name the database"))
                // Those that name no place fill in what an address leaves out.
                lastro.environment = base
                let filled = try await lastro("status")
                #expect(filled.status == 3)
                #expect(filled.errors.contains("other.invalid"))
                lastro.environment = base.merging(variables) { $1 }
                #expect(try await lastro("status", "--database", wrong).status == 3)
                try folder.delete(file)
            }
            lastro.environment = ["LASTRO_MIGRATIONS": "m"]
            try folder.write("database: {url: \"\(wrong)\", direct-url: \"\(wrong)\"}\n", to: "lastro.yaml")
            let lines = variables.merging(more) { $1 }.map { "\($0)='\($1)'\n" }.joined()
            try folder.write(lines, to: ".env")
            #expect(try await lastro("status").status == 0)
            #expect(try await lastro("doctor").output.contains(" from PGHOST, PGDATABASE in .env"))
            try folder.write(lines + "DATABASE_URL=\(wrong)\n", to: ".env")
            #expect(try await lastro("status").status == 3)
        }
    }

    @Test("may lack the password, which PGPASSWORD then gives")
    func takesPasswords() async throws {
        try await withTemporaryFolder(["m/0001_a.sql": "select 1"]) { folder in
            let lastro = LastroProcess(
                folder: folder.path,
                environment: ["LASTRO_MIGRATIONS": "m", "PGPASSWORD": "hunter2"]
            )
            try folder.write("DATABASE_URL=postgresql://u@other.invalid/x\n", to: ".env")
            let doctor = try await lastro("doctor")
            #expect(doctor.output.contains("from PGPASSWORD in the environment"))
            #expect(!doctor.text.contains("hunter2"))
        }
    }

    @Test("is told to be empty where it is")
    func tellsEmptyValues() async throws {
        try await withTemporaryFolder(["m/0001_a.sql": "select 1", ".env": "DATABASE_URL=\n"]) { folder in
            let lastro = LastroProcess(
                folder: folder.path,
                environment: ["LASTRO_MIGRATIONS": "m", "DATABASE_URL": ""]
            )
            let outcome = try await lastro("status")
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("PGSERVICE, …: not set (DATABASE_URL is empty)\n"))
            #expect(outcome.errors.contains("/.env: names no database (DATABASE_URL is empty)\n"))
            let flag = try await lastro("status", "--database", "")
            #expect(flag.status == 2)
            #expect(flag.errors.hasPrefix("--database is empty\n"))
        }
    }
}

/// What `doctor --format json` prints.
struct DoctorChecks: Decodable {
    let checks: [Check]

    struct Check: Decodable {
        let subject: String
        let finding: String
    }
}
