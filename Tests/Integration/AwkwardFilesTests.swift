import Postgres
import Subprocess
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Files as people and programs leave them")
struct AwkwardFilesTests {
    @Test(
        "run",
        arguments: [
            ("0002_b.sql", "create table b (i int);\r\n\r\ninsert into b\r\n  values (1);\r\n"),
            ("0002_b.sql", "\u{FEFF}create table b as select 1 as i"),
            ("0002_b.sql", "create table b as select 1 as i -- end"),
            ("0002_b.sql", "create table b as select 1 as i /* end */"),
            ("0002_Ünïcode mit Leerzeichen & 'Strich'.sql", "create table b as select 1 as i;"),
            ("0002_" + String(repeating: "long_", count: 49) + ".sql", "create table b as select 1 as i;"),
            ("0002_b.sql", "create table b (i int);\ncopy b from stdin;\r\n1\r\n\\.\r\n"),
            ("0002_b.sql", "create table b (i int);\ncopy b from stdin;\n1\n\\.\n"),
            ("0002_b.sql", "create table b (i int);\ncopy b from stdin;\n1\n\\."),
        ]
    )
    func runAsTheyAre(name: String, text: String) async throws {
        try await withProject(["m/0001_a.sql": "", "m/\(name)": text, "m/0003_c.sql": "-- nothing\n"]) {
            lastro,
            _,
            url in
            let outcome = try await lastro("migrate")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try await ask("select string_agg(i::text, ' ') from b", on: url) == "1")
            #expect(try await ask("select count(*) from schema_migrations", on: url) == 3)
            #expect(try await lastro("verify").status == 0)
            #expect(try await lastro("migrate").output.hasPrefix("nothing to do: "))
        }
    }

    @Test("have the errors' places in them, whatever ends their lines")
    func placesErrors() async throws {
        let text = "\u{FEFF}-- é\r\ncreate table b (i int);\r\n/* ü */ select nope;\r\n"
        try await withProject(["m/0001_ä.sql": text]) { lastro, _, _ in
            let outcome = try await lastro("migrate")
            #expect(outcome.status == 4)
            #expect(
                outcome.errors.hasPrefix("m/0001_ä.sql:3:16: statement 2 of 2: column \"nope\""),
                "\(outcome.errors)"
            )
        }
    }

    @Test("roll back wholly at whatever statement fails, which is named in the server's words", arguments: 1...5)
    func rollBack(failing: Int) async throws {
        let statements = [
            "create table b (i int)", "insert into a values (2)", "alter table a add column j int",
            "create function f() returns int language sql as 'select 1'", "grant select on a to public",
        ]
        let lines = statements.enumerated().map { $0 + 1 == failing ? "insert into nowhere values (1);" : "\($1);" }
        let files = ["m/0001_a.sql": "create table a (i int);", "m/0002_b.sql": lines.joined(separator: "\n")]
        try await withProject(files) { lastro, _, url in
            #expect(try await lastro("migrate", "--to", "1").status == 0)
            let before = try await catalog(on: url)
            let outcome = try await lastro("migrate")
            #expect(outcome.status == 4)
            #expect(outcome.output == "")
            #expect(
                outcome.errors.hasPrefix(
                    "m/0002_b.sql:\(failing):13: statement \(failing) of 5: relation \"nowhere\" does not exist (SQLSTATE 42P01)\n  state: rolled back; the last applied migration is 0001_a\n"
                ),
                "\(outcome.errors)"
            )
            #expect(try await catalog(on: url) == before)
        }
    }

    @Test("of pg_dump run as they are, with data, functions and an empty search_path")
    func runDumps() async throws {
        try await withTestDatabase { source in
            try await run(
                """
                create type mood as enum ('sad', 'happy; ''very''');
                create table t (id bigint generated always as identity primary key, s text default E'a\\\\b\\n', m mood);
                insert into t (s, m) values (E'tab\\there', 'sad'), (E'line\\nbreak \\\\.', null), ('\\.', 'happy; ''very''');
                create table u (t_id bigint references t, at timestamptz default now());
                insert into u select id from t;
                create index on u (at);
                create function f() returns int language sql begin atomic; select 1; select 2; end;
                create function g() returns trigger language plpgsql as $$ begin new.s := 'x;y'; return new; end $$;
                create trigger g before update on t for each row execute function g();
                create view v as select count(*) from t; create materialized view mv as select * from t;
                comment on table t is 'it''s; a comment';
                """,
                on: source.url
            )
            let dump = try await self.dump(source)
            try await withProject(["m/0001_base.sql": dump, "m/0002_next.sql": "create table unqualified (i int);"]) {
                lastro,
                folder,
                url in
                // Newer versions of pg_dump put two commands of psql around the dump.
                if !dump.contains("\n\\restrict ") {
                    let framed = "-- a dump\n\n\\restrict aWord\n\n\(dump)\n\\unrestrict aWord\n\n"
                    try folder.write(framed, to: "m/0001_base.sql")
                }
                let outcome = try await lastro("migrate")
                #expect(outcome.status == 0, "\(outcome.errors)")
                let content = "select string_agg(t::text, ' ' order by id) || (select count(*) from u) || f() from t"
                let copied = try await ask(content, on: url, as: String.self)
                #expect(try await ask(content, on: source.url) == copied)
                #expect(try await ask("select to_regclass('public.unqualified') is not null", on: url))
            }
        }
    }

    @Test(
        "with commands of psql are refused at their place, and nothing runs",
        arguments: [
            ("\\i other.sql", "\\i"), ("\\connect other", "\\connect"), ("select 1 \\gset", "\\gset"),
            ("\\restrict word\n\\unrestrict word", "\\restrict"),
        ]
    )
    func refuseMetaCommands(line: String, command: String) async throws {
        try await withProject(["m/0001_a.sql": "create table a (i int);", "m/0002_b.sql": "select 1;\n\(line)\n"]) {
            lastro,
            _,
            url in
            let outcome = try await lastro("migrate")
            #expect(outcome.status == 1)
            #expect(outcome.errors.hasPrefix("m/0002_b.sql:2:"), "\(outcome.errors)")
            #expect(outcome.errors.contains(command))
            #expect(outcome.errors.contains("\n  state: nothing was run\n"))
            #expect(try await ask("select to_regclass('a') is null", on: url))
        }
    }

    @Test(
        "are refused when they are no text",
        arguments: [
            ([0x61, 0x00, 0x62], "m/0002_b.sql:1:2: "), ([0x0A, 0x61, 0xC3, 0x28], "m/0002_b.sql:2:2: "),
            ([0xFF, 0xFE, 0x61, 0x00], "m/0002_b.sql"), ([0xFE, 0xFF, 0x00, 0x61], "m/0002_b.sql"),
        ] as [([UInt8], String)]
    )
    func refuseOtherBytes(bytes: [UInt8], place: String) async throws {
        try await withProject(["m/0001_a.sql": "create table a (i int);"]) { lastro, folder, url in
            try folder.write(bytes, to: "m/0002_b.sql")
            let outcome = try await lastro("migrate")
            #expect(outcome.status == 1)
            #expect(outcome.errors.hasPrefix(place), "\(outcome.errors)")
            #expect(outcome.errors.contains("\n  next:  "))
            #expect(try await ask("select to_regclass('a') is null", on: url))
        }
    }

    @Test("are refused when they are a folder, a link that leads nowhere or in a circle, or two of one version")
    func refuseOtherThings() async throws {
        func refusal(_ make: (TemporaryFolder) throws -> Void) async throws -> LastroProcess.Outcome {
            try await withProject(["m/0001_a.sql": "create table a (i int);"]) { lastro, folder, url in
                try make(folder)
                let outcome = try await lastro("migrate")
                let isUntouched = try await ask("select to_regclass('a') is null", on: url, as: Bool.self)
                #expect(isUntouched)
                #expect(outcome.errors.contains("\n  state: nothing was run\n"), "\(outcome.errors)")
                return outcome
            }
        }
        let manager = FileManager.default
        let aFolder = try await refusal { try $0.write("select 1", to: "m/0002_b.sql/inner.sql") }
        #expect(aFolder.status == 1)
        #expect(aFolder.errors.hasPrefix("m/0002_b.sql: "))
        let circle = try await refusal {
            try manager.createSymbolicLink(atPath: $0.file("m/0002_b.sql"), withDestinationPath: "0003_c.sql")
            try manager.createSymbolicLink(atPath: $0.file("m/0003_c.sql"), withDestinationPath: "0002_b.sql")
        }
        #expect(circle.status == 1)
        #expect(circle.errors.contains("m/0002_b.sql"))
        let nowhere = try await refusal {
            try manager.createSymbolicLink(atPath: $0.file("m/0002_b.sql"), withDestinationPath: "gone.sql")
        }
        #expect(nowhere.status == 1)
        #expect(nowhere.errors.contains("m/0002_b.sql"))
        let cases = try await refusal {
            try $0.write("select 1", to: "m/0002_b.sql")
            try $0.write("select 2", to: "m/0002_B.sql")
        }
        #expect(cases.status == 1)
        #expect(cases.errors.contains("0002_b.sql") && cases.errors.contains("0002_B.sql"))
        let repeatables = try await refusal {
            try $0.write("select 1", to: "m/R__view.sql")
            try $0.write("select 2", to: "m/R__View.sql")
        }
        #expect(repeatables.status == 1)
        let folderCircle = try await withProject([:]) { lastro, folder, _ in
            try manager.createSymbolicLink(atPath: folder.file("m"), withDestinationPath: "m")
            return try await lastro("migrate")
        }
        #expect(folderCircle.status == 2)
        #expect(folderCircle.errors.contains("m"))
    }

    @Test("may be links to files elsewhere")
    func followLinks() async throws {
        try await withProject(["other/x": "create table a (i int);", "m/0002_b.sql": "select 1"]) {
            lastro,
            folder,
            url in
            try FileManager.default.createSymbolicLink(
                atPath: folder.file("m/0001_a.sql"),
                withDestinationPath: "../other/x"
            )
            #expect(try await lastro("migrate").status == 0)
            #expect(try await ask("select to_regclass('a') is not null", on: url))
        }
    }

    @Test("may be large: one statement of many megabytes, which is not held many times in memory")
    func areLarge() async throws {
        let size = isLongTest ? 70 << 20 : 12 << 20
        try await withProject([:]) { lastro, folder, url in
            var bytes = Array("create table t (s text);\ninsert into t values ('".utf8)
            bytes += repeatElement(UInt8(ascii: "x"), count: size)
            bytes += Array("');\ncreate table marker (i int);\n".utf8)
            try folder.write(bytes, to: "m/0001_large.sql")
            bytes = []
            let (outcome, peak) = try await lastro.measured("migrate")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try await ask("select octet_length(s) from t", on: url) == size)
            #expect(try await ask("select to_regclass('marker') is not null", on: url))
            #expect(peak > size, "the measurement shows less than the file")
            // The file, the text that is sent, libpq's two copies of it, and the program itself.
            #expect(peak < 4 * size + (56 << 20), "\(peak >> 20) MiB for a file of \(size >> 20) MiB")
        }
    }

    private func catalog(on url: String) async throws -> String {
        try await ask(
            """
            select (select string_agg(c::text, ' ' order by oid) from pg_class c where relname !~ '^(pg_|lastro_|schema_m)')
                || (select string_agg(attname || attrelid, ' ' order by attrelid, attnum) from pg_attribute
                    where attrelid >= 16384)
                || (select count(*) from pg_proc) || (select count(*) from a) || (select count(*) from schema_migrations)
            """,
            on: url
        )
    }

    private func dump(_ settings: ConnectionSettings) async throws -> String {
        let installation = try await PostgresInstallation.find()
        let result = try await Subprocess.run(
            .path(installation.program("pg_dump")),
            arguments: ["--no-owner", "--no-privileges", settings.url],
            output: .string(limit: 1 << 22),
            error: .string(limit: 1 << 16)
        )
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        return result.standardOutput
    }
}
