import Postgres
import TestSupport
import Testing

@testable import Backup

@Suite("Rows in binary form")
struct BinaryRowsTests {
    /// Every type that is known, with values at its edges; each line is a row of its own and all of them rows of one table.
    static let values: [(type: String, values: [String])] = [
        ("integer", ["0", "-1", "2147483647", "-2147483648"]), ("smallint", ["0", "-32768", "32767"]),
        ("bigint", ["0", "9223372036854775807", "-9223372036854775808"]), ("boolean", ["true", "false"]),
        (
            "text",
            [
                "''", "'ä 🐘'", "E'\\t\\n\\r\\b\\f\\v\\\\'", "'\\N'", "'\\.'", "chr(1) || chr(31) || chr(127)",
                "repeat('xy', 5000)",
            ]
        ),
        ("varchar(5)", ["''", "'abcde'"]), ("character(7)", ["'a'", "''"]), ("json", ["'{\"a\" : 1}'"]),
        ("jsonb", ["'{\"a\": [1, null, \"\\\\u00e9\"]}'", "'1'"]), ("uuid", ["gen_random_uuid()"]),
        ("bytea", ["''", "'\\x00ff5c0a'", "decode(repeat('00', 3000), 'hex')"]),
        (
            "date",
            [
                "'2000-01-01'", "'0001-01-01'", "'9999-12-31'", "'2000-02-29'", "'1900-03-01'", "'1999-12-31'",
                "'infinity'", "'-infinity'", "'4713-01-01 BC'", "'0001-12-31 BC'", "'5874897-12-31'",
            ]
        ),
        (
            "timestamp",
            [
                "'2000-01-01 00:00:00'", "'0001-01-01 23:59:59.999999'", "'9999-12-31 12:00:00.1'", "'infinity'",
                "'4713-01-01 00:00:00.5 BC'", "'294276-12-31 23:59:59.999999'",
            ]
        ),
        (
            "timestamptz",
            [
                "'2026-01-14 03:00:00.000001+02'", "'1999-12-31 23:59:59.5+00'", "'-infinity'",
                "'0044-03-15 12:00:00+00 BC'", "'294276-12-31 23:59:59+00'",
            ]
        ),
        ("timestamp(2)", ["'2026-01-14 03:00:00.126'"]),
        ("real", ["0", "'-0'", "0.1", "3.4028235e38", "1.4e-45", "'Infinity'", "'NaN'"]),
        ("double precision", ["0.1", "5e-324", "1.7976931348623157e308", "'-Infinity'", "'NaN'", "123456789.125"]),
        (
            "numeric",
            [
                "0", "0.000", "-0.1", "10000", "99999999", "123456789012345678901234567890.123456789", "0.00001", "-1",
                "100000000", "1e20", "1.50", "12345.6789", "0.00010", "'NaN'", "'Infinity'", "'-Infinity'",
            ]
        ),
        ("numeric(20, 5)", ["-99999.99999", "0.00001", "1"]),
    ]

    /// Makes a table of all types, with all values.
    ///
    /// - Returns: half the number of its rows.
    static func makeTable(_ name: String, on connection: PostgresConnection) async throws -> Int {
        try await connection.script(SnapshotSessions.settings)
        try await connection.script("SET default_transaction_isolation = 'read committed'; SET search_path = public")
        let columns = values.enumerated().map { "c\($0) \($1.type)" }.joined(separator: ", ")
        try await connection.script("CREATE TABLE \(name) (\(columns))")
        let most = values.map(\.values.count).max() ?? 0
        for row in 0..<most {
            let list = values.map { "(\($0.values[row % $0.values.count]))::\($0.type)" }
            try await connection.query("INSERT INTO \(name) VALUES (\(list.joined(separator: ", ")))")
            // Each column is null once.
            let nulls = list.enumerated().map { $0 % most == row ? "NULL" : $1 }
            try await connection.query("INSERT INTO \(name) VALUES (\(nulls.joined(separator: ", ")))")
        }
        return most
    }

    @Test("are loaded as what the text of the same rows says, whatever the type and the value")
    func areEqual() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let most = try await Self.makeTable("t", on: connection)
                try await connection.script("CREATE TABLE u (LIKE t)")
                // Many, so that eight bytes are read at once at every distance from the next special one.
                try await connection.query(
                    """
                    INSERT INTO t (c0, c4, c17) SELECT n, repeat('x', n % 19) || E'\\\\' || repeat('y', n % 23) || E'\\t', n / 7.0
                    FROM generate_series(1, 3000) n
                    """
                )
                let text = try await lines(of: "t", on: connection)
                let numbers = try await connection.query(
                    "SELECT atttypid::bigint FROM pg_attribute WHERE attrelid = 'u'::regclass AND attnum > 0 ORDER BY attnum"
                ).decode(as: Int.self)
                let binary = try #require(BinaryRows(typeNumbers: numbers))
                let rows = BinaryRows.head + (try binary.rows(in: text)) + BinaryRows.end
                let count = try await connection.copyIn("COPY u FROM STDIN (FORMAT binary)", from: rows)
                #expect(count == 2 * most + 3000)
                let again = try await lines(of: "u", on: connection)
                #expect(again == text)

                // A value of an odd size, which the server has to read itself.
                try await connection.script("CREATE TABLE v AS SELECT 1e1200::numeric AS v")
                let long = try await lines(of: "v", on: connection)
                #expect(throws: BinaryRows.UnknownForm.self) { try BinaryRows(typeNumbers: [1700])?.rows(in: long) }
                #expect(BinaryRows(typeNumbers: [23, 600]) == nil && BinaryRows(typeNumbers: []) == nil)
            }
        }
    }

    private func lines(of table: String, on connection: PostgresConnection) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in connection.copyOut("COPY \(table) TO STDOUT") { bytes += chunk }
        return bytes
    }

    @Test("are never made of lines that were not read to their end, whatever is changed in them")
    func areRefused() throws {
        let kinds = [23, 25, 1700, 1184, 17, 2950, 701, 16, 1082, 3802]
        let binary = try #require(BinaryRows(typeNumbers: kinds))
        let line =
            "12\tä\\\\x\t-1.50\t2026-01-14 03:00:00.5+00\t\\\\x00ff\t5c1a3f0e-1111-2222-3333-444455556666\t1e-05\tt\t2000-02-29\t{\"a\": 1}\n"
        let text = Array((line + line).utf8)
        let whole = try binary.rows(in: text)
        #expect(whole.count > 200)
        #expect(try binary.rows(in: []).isEmpty)
        for end in 1..<text.count where end != text.count / 2 {
            #expect(throws: BinaryRows.UnknownForm.self) { try binary.rows(in: Array(text[..<end])) }
        }
        for word in ["\t1", "\n1", " 1", "1 ", ""] {
            #expect(throws: BinaryRows.UnknownForm.self) {
                try BinaryRows(typeNumbers: [701])?.rows(in: Array((word + "\n").utf8))
            }
        }
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<(isLongTest ? 1_000_000 : 5_000) {
            var changed = text
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                changed[Int.random(in: 0..<changed.count, using: &generator)] =
                    [9, 10, 92, 48, 45, 46, 0, 255].randomElement(using: &generator) ?? 0
            }
            // Whatever it holds, it is read as rows of so many fields, or refused.
            guard let rows = try? binary.rows(in: changed) else { continue }  // refused
            #expect(fields(in: rows, columns: kinds.count) == changed.count { $0 == 9 } + changed.count { $0 == 10 })
        }
    }

    /// How many fields there are; nil if these are no rows.
    private func fields(in rows: [UInt8], columns: Int) -> Int? {
        var place = 0
        var count = 0
        while place < rows.count {
            guard place + 2 <= rows.count, Int(rows[place]) << 8 | Int(rows[place + 1]) == columns else { return nil }
            place += 2
            for _ in 0..<columns {
                guard place + 4 <= rows.count else { return nil }
                let size = rows[place..<place + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                place += 4 + (size == .max ? 0 : Int(size))
                count += 1
            }
        }
        return place == rows.count ? count : nil
    }
}
