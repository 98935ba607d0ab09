import Postgres
import TestSupport
import Testing

@Suite("lastro backup on a repository")
struct BackupRepositoryTests {
    @Test("makes a key for each database, writes all anew with --full, and reads again what is due")
    func hasKeys() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run("CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 20000) n", on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let create = ["backup", "create", "--repository", "r", "--recipient", recipient, "--format", "json"]
            #expect(try await lastro(create).status == 0)
            #expect(try folder.names(in: ".lastro").count == 2)
            func added(_ outcome: LastroProcess.Outcome) throws -> Int {
                let text = outcome.output.split(separator: "\"added_bytes\":").dropFirst().first ?? ""
                return try #require(Int(text.prefix(while: \.isNumber)), "\(outcome.text)")
            }
            let second = try await lastro(create)
            let full = try await lastro(create + ["--full"])
            #expect(try added(second) < 10_000 && added(full) > 200_000)
            // All of what is referenced is read again on each run: what was changed, at its size, is written anew.
            let damage = """
                file=$(find r/objects -name '*.payload' -printf '%s %p\\n' | sort -n | tail -n 1 | cut -d ' ' -f 2)
                for file in $(find r/objects -name '*.payload' -size "$(stat -c %s "$file")c"); do
                    chmod u+w "$file"
                    printf x | dd of="$file" bs=1 seek=100 conv=notrunc status=none
                done
                """
            #expect(try await lastro.shell(damage).status == 0)
            let healed = try await lastro(create + ["--recheck-within", "1s"])
            #expect(healed.status == 0 && healed.errors.contains("is not what was written: it is written anew"))
            #expect(try added(healed) > 200_000)
            #expect(try await lastro("backup", "verify", "--repository", "r").status == 0)
            // With keys of other names.
            let other = try await lastro(create + ["--dedup-key", "d.key", "--sign-with", "none.key"])
            #expect(other.status == 2 && other.errors.contains("there is no key that signs in none.key"))
            #expect(try await lastro("backup", "keygen", "--signing", "--output", "s.key").status == 0)
            let named = try await lastro(create + ["--dedup-key", "d.key", "--sign-with", "s.key"])
            #expect(named.status == 0 && named.errors.hasPrefix("made d.key\n"))
            #expect(try added(named) > 200_000)
        }
    }

    @Test("says what no rule keeps, marks it, and takes it back")
    func prunes() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run("CREATE TABLE t AS SELECT n FROM generate_series(1, 100) n", on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let create = ["backup", "create", "--repository", "r", "--recipient", recipient, "--quiet"]
            for number in 1...3 {
                try await run("INSERT INTO t VALUES (\(number))", on: url)
                #expect(try await lastro(create).status == 0)
            }
            let prune = ["backup", "prune", "--repository", "r"]
            #expect(try await lastro(prune).status == 2)
            let dry = try await lastro(prune + ["--keep-last", "1"])
            #expect(dry.status == 0 && dry.output.contains("no rule keeps it\n"))
            #expect(dry.output.hasSuffix("would be marked\n") && dry.output.contains("keep     20"))
            #expect(try folder.names.contains("r") && !folder.names(in: "r").contains("prune"))
            let marked = try await lastro(prune + ["--keep-last", "1", "--delete"])
            #expect(marked.status == 0 && marked.output.contains("they go with the first `prune --delete` after"))
            #expect(try await lastro("backup", "list", "--repository", "r").output.contains("  goes after 20"))
            let short = try await lastro(prune + ["--keep-last", "1", "--delete", "--grace", "0s"])
            #expect(short.status == 2, "\(short.text)")
            let taken = try await lastro(prune + ["--unmark"])
            #expect(taken.status == 0 && taken.output.hasPrefix("2 snapshots and "))
            #expect(!(try await lastro("backup", "list", "--repository", "r").output.contains("goes after")))
            #expect(try await lastro("backup", "verify", "--repository", "r").status == 0)
        }
    }

    @Test("rotates to other recipients, and says what that does not revoke")
    func rotates() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run("CREATE TABLE t AS SELECT n FROM generate_series(1, 100) n", on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let new = String(try await lastro("backup", "keygen", "--output", "new.txt").output.dropLast())
            #expect(try await lastro("backup", "create", "--repository", "r", "--recipient", recipient).status == 0)
            let rotate = ["backup", "rotate", "--repository", "r", "--recipient", new, "--identity"]
            #expect(try await lastro(rotate + ["new.txt"]).status != 0)
            let rotated = try await lastro(rotate + ["key.txt"])
            #expect(rotated.status == 0 && rotated.output.hasPrefix("rotated  20"))
            #expect(rotated.errors.contains("this revokes nothing"))
            let verify = ["backup", "verify", "--repository", "r", "--full", "--identity"]
            #expect(try await lastro(verify + ["new.txt"]).status == 0)
            #expect(try await lastro(verify + ["key.txt"]).status != 0)
            let again = try await lastro("backup", "create", "--repository", "r", "--recipient", new)
            #expect(again.status == 0 && again.errors.isEmpty)
        }
    }

    @Test("keeps all of it in an object store, and says what it lacks there")
    func usesObjectStore() async throws {
        let endpoint = try await Moto.shared.endpoint()
        try await withProject([:]) { lastro, folder, url in
            try await run("CREATE TABLE t AS SELECT n FROM generate_series(1, 100) n", on: url)
            var lastro = lastro
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let bucket = "journey-\(UInt32.random(in: .min ... .max))"
            let create = [
                "backup", "create", "--repository", "s3://\(bucket)/app", "--endpoint", endpoint, "--recipient",
                recipient,
            ]
            let keyless = try await lastro(create)
            #expect(keyless.status == 2 && keyless.errors.contains("there is no key for the object store"))
            lastro.environment["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE"
            lastro.environment["AWS_SECRET_ACCESS_KEY"] = "not-to-be-seen"
            lastro.environment["AWS_ENDPOINT_URL_S3"] = endpoint
            let missing = try await lastro(create)
            #expect(missing.status == 4 && missing.errors.contains("make the bucket first"))
            #expect(!missing.text.contains("not-to-be-seen"))
            let made = try await lastro.shell(
                """
                exec python3 -c 'import urllib.request as u
                u.urlopen(u.Request("\(endpoint)/\(bucket)", method="PUT"))'
                """
            )
            #expect(made.status == 0, "\(made.errors)")
            #expect(try await lastro(create).status == 0)
            let place = ["--repository", "s3://\(bucket)/app"]
            #expect(try await lastro(["backup", "verify"] + place).status == 0)
            let drill = try await lastro(["backup", "drill", "--identity", "key.txt"] + place)
            #expect(drill.status == 0, "\(drill.errors)")
            #expect(try await lastro(["backup", "list"] + place).output.contains("  drilled 20"))
            let prune = try await lastro(["backup", "prune", "--keep-last", "1", "--delete"] + place)
            #expect(prune.status == 0 && prune.output.hasPrefix("keep     20"))
        }
    }

    @Test("drills with checks, on a given server too, and writes figures for a monitor")
    func drills() async throws {
        try await withProject([
            "good.sql": "SELECT count(*) = 100 FROM t", "bad.sql": "SELECT true;\nSELECT count(*) = 5 FROM t;\n",
        ]) { lastro, folder, url in
            try await run("CREATE TABLE t AS SELECT n FROM generate_series(1, 100) n", on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let place = ["--repository", "r", "--metrics", "backup.prom"]
            #expect(try await lastro(["backup", "create", "--recipient", recipient] + place).status == 0)
            #expect(try folder.read("backup.prom").contains("lastro_backup_last_success_timestamp_seconds{database=\""))
            let drill = ["backup", "drill", "--identity", "key.txt", "--scratch", url] + place
            let failed = try await lastro(drill + ["--check", "good.sql", "--check", "bad.sql"])
            #expect(
                failed.status == 4 && failed.errors.hasPrefix("bad.sql:2:1: this check gave false\n"),
                "\(failed.text)"
            )
            let list = ["backup", "list", "--repository", "r"]
            let listed = try await lastro(list).output
            #expect(listed.contains("drill failed 20") && listed.contains(" (other-content), never passed"))
            let shown = try await lastro("backup", "show", "--repository", "r").output
            #expect(shown.contains("drill failed 20") && shown.contains(" (other-content), never passed"))
            #expect(try folder.read("backup.prom").contains("lastro_backup_last_drill_passed{"))
            let passed = try await lastro(drill + ["--check", "good.sql", "--format", "json"])
            #expect(passed.status == 0 && passed.output.contains(#""missing":[],"#), "\(passed.text)")
            #expect(try await lastro(list).output.contains("  drilled 20"))
            #expect(try await lastro(drill + ["--check", "none.sql"]).status == 2)
            #expect(try await lastro(["backup", "drill", "--identity", "key.txt"] + place).status == 0)
            let unwritable = try await lastro(drill + ["--metrics", "none/backup.prom"])
            #expect(
                unwritable.status == 2 && unwritable.errors.hasPrefix("--metrics none/backup.prom cannot be written")
            )
        }
    }

    @Test("writes itself down where the database has tables for that, as their owner, and runs its commands")
    func isWrittenDown() async throws {
        let tables = """
            CREATE TYPE backup_estado AS ENUM ('completo', 'falhou');
            CREATE TABLE backup_metadata (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, repositorio text, snapshot text,
                estado backup_estado, iniciado_em timestamptz, concluido_em timestamptz, bytes bigint, bytes_gravados bigint,
                writer name DEFAULT current_user, UNIQUE (repositorio, snapshot), CHECK (concluido_em >= iniciado_em));
            CREATE TABLE restore_history (backup_id bigint NOT NULL REFERENCES backup_metadata, ensaio boolean, destino text,
                iniciado_em timestamptz, concluido_em timestamptz, sucesso boolean)
            """
        try await withProject([:]) { lastro, folder, url in
            try await run(tables, on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let create = ["backup", "create", "--repository", "r", "--recipient", recipient]
            let superuser = try await TestServer.standard.superuser().with(
                database: ConnectionSettings(url)["dbname"] ?? ""
            ).url
            let made = try await lastro(
                create + [
                    "--database", superuser, "--before", "echo first > before", "--after",
                    "echo $LASTRO_SNAPSHOT > after",
                    "--on-failure", "touch failure",
                ]
            )
            #expect(made.status == 0 && !made.errors.contains("backup_metadata"), "\(made.text)")
            let id = try folder.read("after").dropLast()
            #expect(made.output.hasPrefix("snapshot \(id) "))
            #expect(try folder.names.contains("failure") == false)
            let row = "SELECT snapshot || ' ' || estado || ' ' || repositorio || ' ' || writer FROM backup_metadata"
            #expect(try await ask(row, on: url, as: String.self) == "\(id) completo r lastro")

            let refused = try await lastro(
                create + ["--before", "echo why >&2; exit 3", "--on-failure", "printf %s \"$LASTRO_ERROR\" > failure"]
            )
            #expect(
                refused.status == 4 && refused.errors.hasPrefix("why\nthe command of --before ended with status 3\n")
            )
            #expect(try folder.read("failure").hasPrefix("the command of --before ended with status 3"))
            let late = try await lastro(create + ["--after", "false"])
            #expect(late.status == 4 && late.errors.contains("is there, and whole"))
            #expect(try await lastro("backup", "list", "--repository", "r").output.split(separator: "\n").count == 2)

            let settings = try ConnectionSettings(url)
            let copy = settings.with(database: (settings["dbname"] ?? "") + "_copy").url
            let restore = ["backup", "restore", "--repository", "r", "--identity", "key.txt", "--database", copy]
            let restored = try await lastro(restore)
            #expect(restored.status == 0 && !restored.errors.contains("restore_history"), "\(restored.text)")
            let history = """
                SELECT count(*) FROM restore_history r JOIN backup_metadata b ON b.id = r.backup_id
                WHERE sucesso AND NOT ensaio AND destino = current_database()
                """
            #expect(try await ask(history, on: copy, as: Int.self) == 1)
            // Tables of other columns are somebody else's.
            try await run("ALTER TABLE backup_metadata DROP COLUMN bytes", on: url)
            #expect(try await lastro(create).status == 0)
            // And what cannot be written is said, and fails nothing.
            try await run("ALTER TABLE backup_metadata ADD COLUMN bytes bigint CHECK (bytes < 0)", on: url)
            let noted = try await lastro(create)
            #expect(noted.status == 0 && noted.errors.contains("is not in backup_metadata"), "\(noted.text)")
            try await run("DROP DATABASE \(settings["dbname"] ?? "")_copy", on: url)
        }
    }
}
