import Postgres
import TestSupport
import Testing

@Suite("What the program does with a skipped statement")
struct SkipCommandTests {
    private static let file = """
        create table if not exists t (a int, b int);
        create table if not exists u (a int);
        create collation if not exists c from "C";
        """
    private static let before = "create table t (a int); create table u (a int); create collation c from \"C\""

    @Test("is to fail with status 4, unless a flag, a variable or lastro.yaml says otherwise")
    func takesTheRule() async throws {
        try await withProject(["m/0001_t.sql": Self.file]) { lastro, folder, url in
            var lastro = lastro
            try await run(Self.before, on: url)
            let failed = try await lastro("migrate")
            #expect(failed.status == 4)
            #expect(failed.errors.contains("m/0001_t.sql:1:1: statement 1 of 3: table t was there already"))
            let dry = try await lastro("migrate", "--dry-run")
            #expect(dry.status == 0 && dry.output.contains("pending  0001_t"))
            let wrong = try await lastro("migrate", "--on-skip", "maybe")
            #expect(wrong.status == 2)
            #expect(wrong.errors.contains("one of verify, warn, ignore"), "\(wrong.errors)")

            try folder.write("on-skip: ignore\n", to: "lastro.yaml")
            lastro.environment["LASTRO_ON_SKIP"] = "verify"
            #expect(try await lastro("migrate").status == 4)
            let warned = try await lastro("migrate", "--on-skip", "warn")
            #expect(warned.status == 0)
            #expect(
                warned.errors.hasSuffix(
                    """
                    warning  0001_t: m/0001_t.sql:1:1: table t: column b is missing
                    warning  0001_t: m/0001_t.sql:3:1: collation c: not compared: the attributes of a collation
                    0001_t: table u was there already, and is as declared

                    """
                ),
                "\(warned.errors)"
            )
            lastro.environment["LASTRO_ON_SKIP"] = nil
            try folder.write(Self.file, to: "m/0002_t.sql")
            let ignored = try await lastro("migrate")
            #expect(ignored.status == 0)
            #expect(!ignored.errors.contains("as declared") && !ignored.errors.contains("warning"))
        }
    }

    @Test("is an event as JSON")
    func tellsAsJSON() async throws {
        try await withProject(["m/0001_t.sql": Self.file]) { lastro, _, url in
            try await run(Self.before, on: url)
            let outcome = try await lastro("migrate", "--on-skip", "warn", "--format", "json")
            #expect(outcome.status == 0)
            let line = try #require(outcome.output.split(separator: "\n").first { $0.contains(#""event":"skipped""#) })
            #expect(
                line == #"""
                    {"count":1,"event":"skipped","migration":"0001_t","number":1,"statements":[\#
                    {"column":1,"differences":["column b is missing"],"file":"m/0001_t.sql","line":1,"not_compared":[],\#
                    "object":"table t","result":"differs"},\#
                    {"column":1,"differences":[],"file":"m/0001_t.sql","line":2,"not_compared":[],"object":"table u",\#
                    "result":"as-declared"},\#
                    {"column":1,"differences":[],"file":"m/0001_t.sql","line":3,\#
                    "not_compared":["the attributes of a collation"],"object":"collation c","result":"not-compared"}]}
                    """#
            )
        }
    }

    @Test("is the same in many schemas, each by itself")
    func worksOnMany() async throws {
        let files = ["m/0001_t.sql": "create table if not exists t (a int, b int);\n"]
        try await withProject(files) { lastro, _, url in
            try await run(
                "create schema s1; create schema s2; create schema s3; create table s2.t (a int); "
                    + "create table s3.t (a int, b int); create table public.t (c int)",
                on: url
            )
            let outcome = try await lastro("migrate", "--schemas", "s?", "--on-failure", "continue")
            #expect(outcome.status == 4)
            #expect(outcome.errors.contains("ALTER TABLE s2.t ADD COLUMN b int;"), "\(outcome.errors)")
            #expect(outcome.output.contains("2 migrated, 1 failed"), "\(outcome.output)")
            #expect(try await ask("select to_regclass('s1.t') is not null", on: url))
        }
    }

    @Test("keeps `lastro run` from starting the program")
    func stopsTheProgram() async throws {
        let files = ["m/0001_t.sql": "create table if not exists t (a int, b int);\n"]
        try await withProject(files) { lastro, _, url in
            try await run("create table t (a int)", on: url)
            let outcome = try await lastro("run", "--", "echo", "started")
            #expect(outcome.status == 4 && outcome.output.isEmpty)
            let warned = try await lastro("run", "--on-skip", "warn", "--", "echo", "started")
            #expect(warned.status == 0 && warned.output == "started\n")
        }
    }
}
