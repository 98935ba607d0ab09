import Postgres
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("Tables that are read in binary form")
struct BinaryTableTests {
    private let sql = """
        CREATE TYPE pair AS (a integer, b text[]); CREATE DOMAIN few AS integer CHECK (VALUE < 2000);
        CREATE TABLE facts (id few PRIMARY KEY, at timestamptz, value double precision, part pair, parts text[], span int8range, empty text);
        INSERT INTO facts SELECT n, timestamptz '2020-01-01' + n * interval '1 min', n / 7.0, ROW(n, ARRAY['x', NULL])::pair, ARRAY['a', NULL],
            int8range(n, n + 1), NULL FROM generate_series(1, 1500) n;
        CREATE TABLE none (n integer); CREATE TABLE other AS SELECT E'a\\n' || n AS t FROM generate_series(1, 50) n;
        CREATE TABLE pairs (p pair[]); INSERT INTO pairs VALUES (ARRAY[ROW(1, '{}')::pair]); CREATE TABLE rights (a aclitem[]); INSERT INTO rights VALUES ('{=r/lastro}'), (NULL)
        """

    @Test("come back the same, by every way; where a type has no such form, the text is read")
    func areEqual() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                try await withPostgresConnection(to: settings) { _ = try await $0.script(sql) }
                var creation = test.creation(of: settings)
                creation.binaryTables = ["facts", "public.none", "rights", "pairs"]
                let notes = Notes()
                creation.note = { notes.add($0) }
                let snapshot = try await creation()
                #expect(notes.all.contains("public.rights is read as text: type aclitem has no binary form"))
                #expect(
                    notes.all.contains {
                        $0.hasPrefix("public.pairs is read as text: type ")
                            && $0.hasSuffix("[] has another binary form in each database")
                    }
                )
                let manifest = try test.manifest()
                #expect(Set(manifest.tables.filter { $0.form == .binary }.map(\.name)) == ["facts", "none"])
                #expect(manifest.tables.first { $0.name == "facts" }?.rows == 1500)
                var verification = SnapshotVerification(of: test.repository)
                verification.identities = test.identities
                #expect(try await verification().problems.isEmpty)
                // The same rows give the same chunks.
                let again = try await creation()
                #expect(again.addedBytes < snapshot.addedBytes / 2)

                let database = settings["dbname"] ?? ""
                let (copy, script) = (
                    settings.with(database: database + "_copy"), settings.with(database: database + "_script")
                )
                let result = try await test.restoration(to: copy)()
                #expect(result.schemaIsEqual && result.rows == 1553)
                try await test.restoreWithScript(to: script)
                let sum = "SELECT md5(string_agg(f::text, ',' ORDER BY id)) FROM facts f"
                let expected = try await ask(sum, on: settings)
                for target in [copy, script] { #expect(try await ask(sum, on: target) == expected) }

                try await withPostgresConnection(to: copy) {
                    _ = try await $0.script("TRUNCATE facts, none, other, rights, pairs")
                }
                var addition = test.restoration(to: copy)
                addition.options.isDataOnly = true
                #expect(try await addition().rows == 1553)
                #expect(try await ask(sum, on: copy) == expected)
                try await withPostgresConnection(to: settings) { connection in
                    for target in [copy, script] {
                        _ = try await connection.query("DROP DATABASE \(target["dbname"] ?? "") WITH (FORCE)")
                    }
                }

                creation.binaryTables = ["absent"]
                await #expect(throws: BackupError.self) { try await creation() }
            }
        }
    }

    private func ask(_ sql: String, on settings: ConnectionSettings) async throws -> String {
        try await withPostgresConnection(to: settings) { try await $0.query(sql).single.decode(String.self) }
    }
}
