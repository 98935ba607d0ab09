import Postgres
import TestSupport
import Testing

@Suite("Comparing schemas on the command line")
struct DiffCommandTests {
    private let files = [
        "m/0001_a.sql": "create table users (id int primary key, name varchar(20));\n",
        "want.sql": "create table users (id int primary key, name varchar(20), email text);\n"
            + "create index users_email on users (email);\n",
    ]

    @Test("ends with 0 where schemas are equal, with 1 where they differ, with 2 where a source is not there")
    func endsWithStatus() async throws {
        try await withProject(files) { lastro, _, url in
            try await run("create table users (id int primary key, name varchar(20))", on: url)
            let equal = try await lastro("diff", url, "m")
            #expect(equal.status == 0)
            #expect(equal.output == "the schemas are equal\n")
            let differing = try await lastro("diff", url, "want.sql")
            #expect(differing.status == 1)
            #expect(differing.output.contains("+ public.users.email"))
            #expect(differing.output.contains("2 objects differ; hazards: index-build, not-transactional\n"))
            #expect(try await lastro("diff", url, "nothing.sql").status == 2)
            #expect(try await lastro("diff", url).status == 2)
            #expect(try await lastro("diff", "postgresql:///x?host=/nowhere", "empty").status == 3)
            #expect(try await ask("select count(*) from pg_class where relname = 'users'", on: url, as: Int.self) == 1)
        }
    }

    @Test("prints a script that can be run once its hazards are allowed")
    func printsScripts() async throws {
        try await withProject(files) { lastro, folder, url in
            try await run("create table users (id int primary key, name varchar(20))", on: url)
            let refused = try await lastro("diff", url, "want.sql", "--format", "sql")
            #expect(refused.status == 1)
            #expect(refused.output.split(separator: "\n").allSatisfy { $0.hasPrefix("--") })
            #expect(refused.errors.contains("--allow-hazards index-build,not-transactional"))
            let script = try await lastro("diff", url, "want.sql", "--format", "sql", "--allow-hazards", "all")
            #expect(script.output.contains("SET lock_timeout = '5000ms';"))
            #expect(script.output.contains("\nCREATE INDEX CONCURRENTLY users_email ON public.users"))
            let offline = try await lastro(
                "diff",
                url,
                "want.sql",
                "--format",
                "sql",
                "--offline",
                "--allow-hazards",
                "all"
            )
            #expect(!offline.output.contains("CONCURRENTLY"))
            #expect(try await lastro("diff", url, "want.sql", "--allow-hazards", "nothing").status == 2)
            try folder.write(script.output, to: "plan.sql")
            let outcome = try await lastro.shell("psql -X -q -v ON_ERROR_STOP=1 -d \"$DATABASE_URL\" -f plan.sql")
            #expect(outcome.status == 0)
            #expect(try await lastro("diff", url, "want.sql").status == 0)
        }
    }

    @Test("carries out a plan that was written down, and refuses it on another schema")
    func carriesOutPlans() async throws {
        try await withProject(files) { lastro, _, url in
            try await run("create table users (id int primary key, name varchar(20))", on: url)
            #expect(try await lastro("diff", url, "want.sql", "--plan", "plan.json").status == 1)
            let refused = try await lastro("diff", "--apply", "plan.json")
            #expect(refused.status == 1)
            #expect(
                refused.errors.hasPrefix("the plan has hazards that are not allowed: index-build, not-transactional\n")
            )
            let done = try await lastro(
                "diff",
                "--apply",
                "plan.json",
                "--allow-hazards",
                "index-build,not-transactional"
            )
            #expect(done.status == 0)
            #expect(done.output == "2 statements run; the schema is as planned\n")
            let again = try await lastro("diff", "--apply", "plan.json", "--allow-hazards", "all")
            #expect(again.output == "nothing to do: the schema is as planned already\n")
            try await run("alter table users drop column name", on: url)
            let moved = try await lastro("diff", "--apply", "plan.json", "--allow-hazards", "all")
            #expect(moved.status == 1)
            #expect(moved.errors.contains("compare again, and make a new plan"))
        }
    }

    @Test("makes a migration that leads there, and its down side that leads back")
    func makesMigrations() async throws {
        try await withProject(files) { lastro, folder, url in
            let migrated = try await lastro("migrate")
            #expect(migrated.status == 0)
            #expect(try await lastro("diff", "m", "want.sql", "--write", "add email").status == 0)
            #expect(try folder.names(in: "m") == ["0001_a.sql", "0002_add_email.down.sql", "0002_add_email.sql"])
            #expect(try await lastro("migrate").status == 0)
            #expect(try await lastro("diff", url, "want.sql").status == 0)
            #expect(try await lastro("undo").status == 0)
            #expect(try await lastro("diff", "want.sql", url).status == 1)
            #expect(
                try await ask("select count(*) from pg_attribute where attname = 'email'", on: url, as: Int.self) == 0
            )
        }
    }

    @Test("tries a plan on a copy with rows before it is told")
    func provesPlans() async throws {
        try await withProject(files) { lastro, _, url in
            try await run("create table users (id int primary key, name varchar(20))", on: url)
            let outcome = try await lastro("diff", url, "want.sql", "--prove")
            #expect(outcome.status == 1)
            let words = """
                proved on a copy: the plan leads to what is wanted, and the rows of 1 table are there
                pg_dump prints the same

                """
            #expect(outcome.errors == words)
        }
    }

    @Test("leaves out what the configuration ignores")
    func ignores() async throws {
        let settings = ["lastro.yaml": "diff:\n  ignore: \"table:legacy_*, index:*\"\n"]
        try await withProject(files.merging(settings) { $1 }) { lastro, _, url in
            try await run("create table users (id int primary key, name varchar(20), email text)", on: url)
            try await run("create table legacy_a (i int)", on: url)
            #expect(try await lastro("diff", url, "want.sql").status == 0)
        }
    }

    @Test("reads a folder as it was in a revision")
    func readsRevisions() async throws {
        try await withProject(files) { lastro, folder, _ in
            let commit = """
                git init -q . && git add m && git -c user.name=a -c user.email=a@b.c commit -q -m first
                """
            #expect(try await lastro.shell(commit).status == 0)
            try folder.write("alter table users add phone text;\n", to: "m/0002_b.sql")
            let outcome = try await lastro("diff", "git:HEAD:m", "m", "--format", "json")
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("\"object\":\"public.users.phone\""))
            #expect(try await lastro("diff", "git:HEAD:nowhere", "m").status == 2)
        }
    }
}
