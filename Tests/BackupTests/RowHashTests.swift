import Postgres
import TestSupport
import Testing

@testable import Backup

@Suite("A hash of rows")
struct RowHashTests {
    private static let newer = TestServer(major: 18)

    private func withConnection(
        _ major: Int?,
        _ body: (PostgresConnection) async throws -> Void
    ) async throws {
        guard let major else {
            return try await withTestDatabase { try await withPostgresConnection(to: $0) { try await body($0) } }
        }
        guard try await PostgresInstallation.all().contains(where: { $0.version.major == major }) else {
            return print("skipped: PostgreSQL \(major) is not installed: script/servers brings it")
        }
        try await withPostgresConnection(to: try await Self.newer.superuser()) { connection in
            try await connection.script("CREATE SCHEMA hashed; SET search_path = hashed")
            try await body(connection)
        }
    }

    /// The columns of a table, and how its rows are hashed.
    private func hash(of table: String, on connection: PostgresConnection) async throws -> (RowHash, [Int]) {
        let columns = try await connection.query(
            """
            SELECT a.attname::text,
                (CASE y.typtype WHEN 'e' THEN \(BinaryRows.enumNumber) WHEN 'd' THEN y.typbasetype ELSE y.oid END)::bigint
            FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
            WHERE a.attrelid = '\(table)'::regclass AND a.attnum > 0 ORDER BY a.attnum
            """
        ).decode(as: (String, Int).self)
        let hash = try #require(RowHash(names: columns.map(\.0), typeNumbers: columns.map(\.1)))
        return (hash, columns.map(\.1))
    }

    private func sum(_ hash: RowHash, of table: String, on connection: PostgresConnection) async throws -> RowHash.Sum {
        let (_, count, hashes) = try await connection.query(hash.query(of: table)).single
            .decode(Int.self, Int.self, String.self)
        return RowHash.Sum(count: count, hashes: try #require(Int128(hashes)))
    }

    @Test("is the server's, for every type and value, and another one with every change", arguments: [nil, 18])
    func isTheServers(major: Int?) async throws {
        try await withConnection(major) { connection in
            let most = try await BinaryRowsTests.makeTable("t", on: connection)
            // The server itself sends an infinite number in more than one form.
            try await connection.script(
                """
                UPDATE t SET c17 = 5 WHERE c17 IN ('Infinity', '-Infinity');
                CREATE TYPE mood AS ENUM ('sad', 'ok');
                CREATE DOMAIN short AS varchar(9) CHECK (length(VALUE) > 1);
                ALTER TABLE t ADD "Mood" mood DEFAULT 'ok', ADD s short DEFAULT 'abc', ADD n integer GENERATED ALWAYS AS IDENTITY;
                INSERT INTO t (c0, c4) SELECT n, repeat('x', n) FROM generate_series(1, 40) n;
                CREATE TABLE u (LIKE t)
                """
            )
            let (hash, numbers) = try await hash(of: "t", on: connection)
            var text: [UInt8] = []
            for try await chunk in connection.copyOut("COPY t TO STDOUT") { text += chunk }
            let rows = try #require(BinaryRows(typeNumbers: numbers)).rows(in: text)
            let sent = SentRows(hash)
            try sent.add(text, as: rows)
            #expect(sent.sums.lines.count == 2 * most + 40)
            try await connection.copyIn(
                "COPY u FROM STDIN (FORMAT binary)",
                from: BinaryRows.head + rows + BinaryRows.end
            )
            let whole = try await sum(hash, of: "u", on: connection)
            #expect(whole == sent.sums.rows && whole.count == 2 * most + 40)

            // What is equal for the server is still another value, and so is the same value in another row.
            let changes =
                [
                    "c0 = c0 # 1", "c1 = -1", "c2 = c2 # 4294967297", "c3 = NOT c3", "c4 = c4 || ' '", "c4 = NULL",
                    "c5 = 'b'",
                    "c6 = 'b'", "c7 = '{\"a\":1}'", "c8 = '2'", "c9 = '00000000-0000-0000-0000-000000000001'",
                    "c10 = '\\x01'",
                    "c11 = '2026-01-01'", "c12 = c12 - interval '1 us'", "c13 = '2026-01-01 00:00Z'", "c15 = 2",
                    "c16 = 2",
                    "c17 = 10000.0", "c17 = NULL", "\"Mood\" = 'sad'", "s = 'abd'", "n = 0",
                ].map { "UPDATE u SET \($0) WHERE n = 3" }
                + [
                    "UPDATE u SET c15 = '-0' WHERE c15 = 0", "UPDATE u SET c15 = '0' WHERE c15 = 0",
                    "DELETE FROM u WHERE n = 3",
                    "INSERT INTO u SELECT * FROM u WHERE n = 3",
                ]
                + ["c0", "c4", "c11", "c17"].map { column in
                    "UPDATE u SET \(column) = o.\(column) FROM t o WHERE (u.n, o.n) IN ((1, 5), (5, 1))"
                }
            for change in changes {
                try await connection.script("BEGIN; \(change)")
                let other = try await sum(hash, of: "u", on: connection)
                #expect(other != whole, "\(change)")
                try await connection.script("ROLLBACK")
            }
        }
    }

    @Test("is there for no type whose binary form is not known, and refuses what are no rows")
    func isRefused() throws {
        #expect(RowHash(names: ["a", "b"], typeNumbers: [23, 600]) == nil)
        let hash = try #require(RowHash(names: ["a", "b", "c"], typeNumbers: [23, 25, 1700]))
        let binary = try #require(BinaryRows(typeNumbers: [23, 25, 1700]))
        let rows = try binary.rows(in: Array("1\tä\t1.5\n\\N\t\\N\t\\N\n".utf8))
        #expect(try hash.sum(of: rows).count == 2 && hash.sum(of: []) == RowHash.Sum())
        let first = try binary.rows(in: Array("1\tä\t1.5\n".utf8)).count
        for end in 1..<rows.count where end != first {
            #expect(throws: BackupError.self) { try hash.sum(of: Array(rows[..<end])) }
        }
    }
}
