import Postgres
import SQLSyntax

/// Writes a shell script that restores a snapshot with nothing but `age`, `zstd`, `pg_restore` and `psql`.
///
/// It names tables and files and holds no secret; the identity is read when it runs.
public struct RestoreScript: Sendable {
    private let repository: Repository
    private let identities: [AgeIdentity]

    /// Makes ready to write scripts.
    ///
    /// - Parameters:
    ///   - repository: where the snapshot is.
    ///   - identities: who decrypts its manifest.
    public init(of repository: Repository, with identities: [AgeIdentity]) {
        self.repository = repository
        self.identities = identities
    }

    /// Writes the script for a snapshot.
    ///
    /// - Parameters:
    ///   - name: the snapshot's name or the beginning of it; nil for the newest.
    ///   - folder: the repository's folder, as the script is to find it; nil if that is to be said when it runs.
    /// - Returns: the script.
    /// - Throws: ``BackupError`` if the snapshot cannot be read.
    public func callAsFunction(_ name: String? = nil, folder: String?) throws -> String {
        let index = try repository.index(of: repository.snapshot(named: name)).index
        let manifest = try Manifest.read(of: index, in: repository, with: identities)
        let reader = ChunkReader(of: index, in: repository, with: identities)
        var script = Self.head(index, manifest.database, folder: folder)
        script += try section(
            "roles",
            ["content \(words(manifest.roles, reader)) > \"$work/roles.sql\"", "sql -f \"$work/roles.sql\""]
        )
        if manifest.database.lacksPublicSchema == true {
            script += "\n# The original has no schema public.\nsql -c 'DROP SCHEMA IF EXISTS public' || true\n"
        }
        script += try section(
            "the schema, as far as it comes before the data",
            [
                "content \(words(manifest.schema, reader)) > \"$work/schema\"",
                "pg_restore --section=pre-data --exit-on-error --dbname=\"$DATABASE_URL\" \"$work/schema\"",
            ]
        )
        script += Self.takingChecksAway
        for table in manifest.tables {
            let columns = table.columns.map { Identifier.quote($0) }.joined(separator: ", ")
            let name = Identifier.quote(table.schema) + "." + Identifier.quote(table.name)
            let list = columns.isEmpty ? "" : " (\(columns))"
            let isBinary = table.form == .binary
            let form = isBinary ? "FORMAT binary" : "ENCODING '\(manifest.database.encoding)'"
            let copy = "COPY \(name)\(list) FROM STDIN (\(form));"
            for unit in table.units where unit.rows > 0 {
                script +=
                    "\(isBinary ? "load_binary" : "load") \(Self.quoted(copy)) \(try words(unit.chunks, reader))\n"
            }
        }
        for unit in manifest.largeObjects?.units ?? [] {
            script += "load_objects \(try words(unit.chunks, reader))\n"
        }
        script += "\n# where sequences stand, and the rest of the schema\n"
        let calls = manifest.sequences.map { sequence in
            let name = Identifier.quote(sequence.schema) + "." + Identifier.quote(sequence.name)
            let literal = "'" + name.replacing("'", with: "''") + "'"
            return
                "SELECT pg_catalog.setval(\(literal)::pg_catalog.regclass, \(sequence.lastValue), \(sequence.isCalled));"
        }
        if !calls.isEmpty { script += "\(Self.piped(["BEGIN;"] + calls + ["COMMIT;"])) > /dev/null\n" }
        script +=
            "pg_restore --section=post-data --exit-on-error --jobs=2 --dbname=\"$DATABASE_URL\" \"$work/schema\"\n"
        script += "sql -f \"$work/checks.sql\"\n"
        script += "sql -c ANALYZE\n"
        let settings = (manifest.database.settings ?? []).compactMap(Self.making)
        // Last, since they hold for each session from then on.
        if !settings.isEmpty {
            script += "\n# what is set for the database, as far as it may be done\n\(Self.piped(settings))\n"
        }
        return script + "echo \(Self.quoted("snapshot \(index.id) is restored")) >&2\n"
    }

    /// Takes away what ``LateChecks`` are, and writes down how they are made anew: the last one first, and without a look at the rows
    /// where these do not hold any more.
    private static let takingChecksAway = """

        # Checks that call functions of the database's own may look for rows of other tables: they wait until all rows are there.
        : > "$work/checks.sql"
        while :; do
            sql -At -c "SET search_path = ''" -c \(quoted(makingAnew)) > "$work/some.sql"
            [ -s "$work/some.sql" ] || break
            sql -At -c \(quoted(takingAway)) > "$work/drops.sql"
            sql -f "$work/drops.sql"
            cat "$work/checks.sql" >> "$work/some.sql"
            mv "$work/some.sql" "$work/checks.sql"
        done

        # the data

        """

    private static let takingAway = """
        SELECT format('ALTER TABLE %I.%I DROP CONSTRAINT %I;', n.nspname, t.relname, c.conname)
        \(LateChecks.choice)
        ORDER BY c.oid
        """

    private static let makingAnew = """
        SELECT format('BEGIN; SET LOCAL ROLE %I; DO %L; %s COMMIT;', r.owner,
            format('BEGIN %s; EXCEPTION WHEN check_violation THEN RAISE WARNING %L, %L, SQLERRM; %s NOT VALID; END', a.sql,
                'check % does not hold for the rows that were backed up, and is NOT VALID: %', r.name, a.sql),
            format('COMMENT ON CONSTRAINT %I ON %s IS ', r.name, r.place) || quote_literal(r.comment) || ';')
        FROM (SELECT c.oid, c.conname AS name, pg_get_userbyid(t.relowner) AS owner, format('%I.%I', n.nspname, t.relname) AS place,
            pg_get_constraintdef(c.oid) AS definition, obj_description(c.oid, 'pg_constraint') AS comment
        \(LateChecks.choice)) r, format('ALTER TABLE %s ADD CONSTRAINT %I %s', r.place, r.name, r.definition) a (sql)
        ORDER BY r.oid DESC
        """

    private func section(_ title: String, _ lines: [String]) throws -> String {
        "\n# \(title)\n" + lines.joined(separator: "\n") + "\n"
    }

    /// The objects that hold chunks, as arguments: for each the header's file and the payload's.
    private func words(_ chunks: [Manifest.Chunk], _ reader: ChunkReader) throws -> String {
        try chunks.flatMap { chunk in
            let object = try reader.object(chunk)
            return [object.header.name, object.payload.name]
        }.joined(separator: " ")
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// Has statements run, however many they are: printf is the shell's own, to which no limit of arguments applies.
    private static func piped(_ statements: [String]) -> String {
        "printf '%s\\n' \(quoted(statements.joined(separator: "\n"))) | sql"
    }

    /// The statement that makes a setting, or warns of why that cannot be done; nil if it cannot be read.
    private static func making(_ setting: DatabaseSetting) -> String? {
        guard let assignment = DatabaseSetting.assignment(setting.text) else { return nil }
        let role = setting.role.map { "ROLE \(Identifier.quote($0)) IN " } ?? ""
        let parameter = setting.text.prefix { $0 != "=" }
        let name = StringLiteral.quote("\(parameter)\(setting.role.map { " of \($0)" } ?? "")")
        let (alter, set) = (StringLiteral.quote("ALTER \(role)DATABASE "), StringLiteral.quote(" SET \(assignment)"))
        return "DO "
            + StringLiteral.quote(
                "BEGIN EXECUTE \(alter) || quote_ident(current_database()) || \(set); "
                    + "EXCEPTION WHEN OTHERS THEN RAISE WARNING 'the setting % was not made: %', \(name), SQLERRM; END"
            ) + ";"
    }

    private static func head(_ index: SnapshotIndex, _ database: Manifest.Database, folder: String?) -> String {
        let form = database.form(on: ServerVersion(number: database.serverVersion)).replacing("\n", with: " ")
        let place =
            folder.map { "-'\($0.replacing("'", with: "'\\''"))'" } ?? "?names no folder with a copy of the repository"
        return """
            #!/usr/bin/env bash
            # Restores snapshot \(index.id), taken \(index.time), into an empty database.
            # Needed: age, zstd, pg_restore, psql, and the files of the repository.
            #   DATABASE_URL    the empty database, best made as the original was:
            #                   CREATE DATABASE … \(form)
            #   AGE_IDENTITY    the file of the key that decrypts
            #   REPOSITORY      the folder of the repository, if it has moved or is a copy of an object store
            set -euo pipefail
            : "${DATABASE_URL:?names no database}" "${AGE_IDENTITY:?names no file of a key}"
            repository=${REPOSITORY:\(place)}
            export PGCLIENTENCODING=UTF8
            work=$(mktemp -d)
            trap 'rm -rf "$work"' EXIT

            # Decrypts and unpacks pieces, each a header and a payload.
            content() {
                while [ $# -gt 0 ]; do
                    cat "$repository/$1" "$repository/$2" | age --decrypt --identity "$AGE_IDENTITY" | zstd -dcq || return 1
                    shift 2
                done
            }
            sql() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="$DATABASE_URL" "$@"; }
            # Loads a part of a table. It is committed only when its last piece was found to be authentic.
            load() {
                local copy=$1
                shift
                { printf 'BEGIN;\\n%s\\n' "$copy" && content "$@" && printf '\\\\.\\nCOMMIT;\\n'; } | sql
            }
            # Loads a part in binary form, which psql takes from a file alone: it is whole before anything is sent.
            load_binary() {
                local copy=$1
                shift
                { printf 'PGCOPY\\n\\377\\r\\n\\0\\0\\0\\0\\0\\0\\0\\0\\0' && content "$@" && printf '\\377\\377'; } > "$work/part"
                sql -c "$copy" < "$work/part"
            }
            # Loads a range of large objects in the same way.
            load_objects() {
                { printf '%s\\n' \(quoted("BEGIN;\n" + LargeObjectLoad.stage + ";\n" + LargeObjectLoad.copy + ";"))
                    content "$@"
                    printf '%s\\n' '\\.' \(quoted(LargeObjectLoad.placing(asOwners: true) + ";\nCOMMIT;"))
                } | sql
            }

            """
    }
}
