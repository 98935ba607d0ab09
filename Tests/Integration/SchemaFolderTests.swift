import Postgres
import StudyPlatform
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A folder as the maintained source")
struct SchemaFolderCommandTests {
    private static let schema = """
        create table teams (id int primary key);
        create table users (id serial primary key, name text not null, team int references teams);
        create view names as select name from users;
        create table "Users" (id int);
        """

    @Test("is written, compared, and follows the database file by file")
    func followsTheDatabase() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run(Self.schema, on: url)
            let written = try await lastro("inspect", url, "--sql-dir", "db")
            #expect(written.status == 0)
            #expect(written.output.contains("written  schema/public/tables/users.sql\n"))
            #expect(written.output.contains("written  schema/public/tables/%55sers.sql\n"))
            #expect(try await lastro("diff", "db", url).status == 0)
            #expect(try await lastro("diff", url, "db").status == 0)
            let unchanged = try await lastro("diff", "--pull", "db", url)
            #expect(unchanged.status == 0)
            #expect(unchanged.output.hasPrefix("nothing to do: db is as it should be\n"))
            let again = try await lastro("inspect", url, "--sql-dir", "db")
            #expect(again.output.hasPrefix("nothing to do: db is as it should be\n"))

            try folder.write("-- ours\ncreate schema own;\n", to: "db/ours.sql")
            try folder.write("what it is", to: "db/README")
            try folder.write(
                "-- by hand\n" + folder.read("db/schema/public/tables/teams.sql"),
                to: "db/schema/public/tables/teams.sql"
            )
            try await run(
                "alter table users add email text; create index on users (email); drop view names; "
                    + "create type mood as enum ('fine'); create schema own",
                on: url
            )
            #expect(try await lastro("diff", "db", url).status == 1)
            let pulled = try await lastro("diff", "--pull", "db", url)
            #expect(pulled.status == 1)
            #expect(
                pulled.output == """
                    written  schema/public/types/mood.sql
                    written  schema/public/tables/users.sql
                    removed  schema/public/views/names.sql
                    written  load.psql
                    the order of loading: db/load.psql

                    """
            )
            #expect(try folder.read("db/schema/public/tables/users.sql").contains("email text"))
            #expect(try folder.read("db/schema/public/tables/teams.sql").hasPrefix("-- by hand\n"))
            #expect(try folder.names(in: "db/schema/public") == ["tables", "types"])
            #expect(try folder.read("db/README") == "what it is")
            #expect(try await lastro("diff", "--pull", "db", url).status == 0)
            #expect(try await lastro("diff", "db", url).status == 0)
        }
    }

    @Test("is loaded by psql in the order that it says")
    func isLoadedByPsql() async throws {
        try await withProject([:]) { lastro, _, url in
            #expect(try await lastro("inspect", StudyPlatform.migrations, "--sql-dir", "db").status == 0)
            let loaded = try await lastro.shell("psql -X -q -v ON_ERROR_STOP=1 -d \"$DATABASE_URL\" -f db/load.psql")
            #expect(loaded.status == 0, "\(loaded.errors)")
            #expect(try await lastro("diff", url, StudyPlatform.migrations).status == 0)
            #expect(try await lastro("diff", "db", url).status == 0)
            #expect(try await lastro("diff", "--pull", "db", url).status == 0)
        }
    }

    @Test("is loaded by psql whatever its objects are called")
    func isLoadedWithHostileNames() async throws {
        let schema = """
            create schema "\\! touch hacked"; create table "\\! touch hacked"."a
            \\! touch hacked" (":x" int check (":x" > 0)); create table "Jobs" (id serial); create table jobs (id serial);
            create function "-- '" () returns text language sql as $$ select E'\\\\q\\n\\\\! touch hacked' $$;
            comment on table jobs is E'a\n\\\\! touch hacked\n:x'
            """
        try await withProject([:]) { lastro, folder, url in
            try await run(schema, on: url)
            #expect(try await lastro("inspect", url, "--sql-dir", "db").status == 0)
            try await withTestDatabase { other in
                let load = "psql -X -q -v ON_ERROR_STOP=1 -d \"\(other.url)\" -f db/load.psql"
                let loaded = try await lastro.shell(load)
                #expect(loaded.status == 0, "\(loaded.errors)")
                let outcome = try await lastro("diff", url, other.url)
                #expect(outcome.status == 0, "\(outcome.output)")
            }
            #expect(try folder.names == ["db"])
        }
    }

    @Test("removes its own files and nobody else's when it is written anew")
    func leavesOthersAlone() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run(Self.schema, on: url)
            #expect(try await lastro("inspect", url, "--sql-dir", "db").status == 0)
            try folder.write("select 1;\n", to: "db/schema/public/tables/notes.sql")
            try await run("drop table \"Users\"", on: url)
            let outcome = try await lastro("inspect", url, "--sql-dir", "db", "--format", "json")
            #expect(outcome.output.contains(#"{"change":"removed","path":"schema/public/tables/%55sers.sql"}"#))
            #expect(
                try folder.names(in: "db/schema/public/tables")
                    == ["notes.sql", "teams.sql", "users.foreign-keys.sql", "users.sql"]
            )
        }
    }

    @Test("is not pulled over definitions that lie in other files")
    func refusesOtherLayouts() async throws {
        try await withProject(["one/all.sql": "create table teams (id int);"]) { lastro, folder, url in
            try await run("create table teams (id int, name text)", on: url)
            let outcome = try await lastro("diff", "--pull", "one", url)
            #expect(outcome.status == 2)
            #expect(
                outcome.errors.hasPrefix("one defines table public.teams, and has no schema/public/tables/teams.sql\n")
            )
            #expect(try folder.names(in: "one") == ["all.sql"])
            #expect(try await lastro("diff", "--pull", url, "one").status == 2)
            #expect(try await lastro("diff", "--pull", "one", url, "--prove").status == 2)
        }
    }

    @Test("is whole, or made whole by the next call, whichever step a pull is killed before")
    func isKilledAnywhere() async throws {
        try await withProject([:]) { lastro, folder, url in
            let disk = try await FaultyDisk(in: folder, under: "db/")
            func with(_ variables: [String: String]) -> LastroProcess {
                var lastro = lastro
                lastro.environment.merge(variables) { $1 }
                return lastro
            }
            try await run(Self.schema, on: url)
            #expect(try await lastro("inspect", url, "--sql-dir", "before").status == 0)
            // With one file of either schema a view would have no column, or a table no parent.
            try await run(
                "alter table users rename name to title; drop table \"Users\"; create table notes (id int primary key)",
                on: url
            )
            #expect(try await lastro("inspect", url, "--sql-dir", "after").status == 0)
            func lay(_ name: String) async throws {
                #expect(try await lastro.shell("rm -rf db && cp -a \(name) db").status == 0)
            }
            func isSame(as name: String) async throws -> Bool {
                try await lastro.shell("diff -r -x '.*' db \(name)").status == 0
            }
            try await lay("before")
            let pulled = try await with(disk.recording)("diff", "--pull", "db", url)
            #expect(pulled.status == 1, "\(pulled.text)")
            #expect(try await isSame(as: "after"))
            let steps = try disk.takeSteps()
            let decision = try #require(steps.firstIndex { $0.hasPrefix("rename .lastro-change") })
            let end = steps.index(before: steps.endIndex)
            #expect(steps[end].hasPrefix("unlink .lastro-change"))
            // What comes before the note only writes beside the files: one step of it stands for the others.
            let chosen = isLongTest ? Array(steps.indices) : [decision / 2] + Array(decision...end)
            for number in chosen {
                try await lay("before")
                let killed = try await with(disk.environment(.kill, at: "any", number + 1))("diff", "--pull", "db", url)
                #expect(killed.status == 128 + SIGKILL, "step \(number): \(killed.text)")
                if number <= decision {
                    #expect(try await isSame(as: "before"), "killed before \(steps[number])")
                } else {
                    let compared = try await lastro("diff", "db", url)
                    #expect(compared.status == 2 && compared.errors.contains("was cut off"), "\(compared.text)")
                }
                let again = try await lastro("diff", "--pull", "db", url)
                #expect(again.status == (number <= decision ? 1 : 0), "killed before \(steps[number]): \(again.text)")
                #expect(try await isSame(as: "after"), "killed before \(steps[number])")
                #expect(try await lastro.shell("find db -name '.*' -type f").output.isEmpty)
            }
        }
    }

    @Test("goes on where a file could not be put in its place")
    func survivesFailures() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run(Self.schema, on: url)
            #expect(try await lastro("inspect", url, "--sql-dir", "db").status == 0)
            try await run("alter table users add email text", on: url)
            let path = "db/schema/public/tables/users.sql"
            let before = try folder.read(path)
            // A folder in the place of the file that is to be renamed there.
            try folder.delete(path)
            try folder.write(before, to: path + "/file.sql")
            let outcome = try await lastro("inspect", url, "--sql-dir", "db")
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("users.sql: it cannot be made or written"))
            #expect(try await lastro("diff", "db", url).errors.contains("was cut off"))
            try folder.delete(path)
            #expect(try await lastro("inspect", url, "--sql-dir", "db").status == 0)
            #expect(try folder.names(in: "db/schema/public/tables").allSatisfy { !$0.contains("lastro-new") })
            #expect(try await lastro("diff", "db", url).status == 0)
        }
    }
}
