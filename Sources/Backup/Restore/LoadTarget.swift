import Postgres

/// What has to be known of a database to load tables into it well.
struct LoadTarget: Sendable {
    /// Whether the server writes no log for what goes into a file that the same transaction has made.
    let skipsLog: Bool
    /// Which tables can be compared by their text.
    let text: ComparableText
    private let isUTF8: Bool
    private let hashesRows: Bool
    /// The types' numbers, by table and column: of a domain that of the type below it, of an enum ``BinaryRows/enumNumber``.
    private let types: [String: [String: Int]]
    /// The tables that are no part of another one, and have none.
    private let alone: Set<String>

    /// Asks the database, in which the tables are.
    static func read(for manifest: Manifest, on connection: PostgresConnection) async throws -> LoadTarget {
        let (level, encoding) = try await connection.query(
            """
            SELECT current_setting('wal_level'), pg_encoding_to_char(encoding)
            FROM pg_database WHERE datname = current_database()
            """
        ).single.decode(String.self, String.self)
        let columns = try await connection.query(
            """
            SELECT n.nspname::text, c.relname::text, array_agg(a.attname::text), 
                array_agg(CASE y.typtype WHEN 'e' THEN \(BinaryRows.enumNumber) WHEN 'd' THEN y.typbasetype ELSE y.oid END::bigint),
                NOT EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_type y ON y.oid = a.atttypid
            WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^pg_'
            GROUP BY c.oid, n.nspname, c.relname
            """
        ).decode(as: (String, String, [String], [Int], Bool).self)
        var types: [String: [String: Int]] = [:]
        var alone: Set<String> = []
        for (schema, name, names, numbers, isAlone) in columns {
            types["\(schema)\n\(name)"] = Dictionary(zip(names, numbers)) { first, _ in first }
            if isAlone { alone.insert("\(schema)\n\(name)") }
        }
        return LoadTarget(
            skipsLog: level == "minimal",
            text: try await .read(of: manifest, on: connection),
            isUTF8: encoding == "UTF8",
            hashesRows: connection.serverVersion.major >= RowHash.firstVersion,
            types: types,
            alone: alone
        )
    }

    /// Whether a table's statistics are about its own rows alone.
    func isAlone(_ table: Manifest.Table) -> Bool { alone.contains("\(table.schema)\n\(table.name)") }

    /// The types of a table whose rows can be sent in binary form; nil where the server has to read the text.
    func typeNumbers(of table: Manifest.Table, encoding: String) -> [Int]? {
        // Binary characters are in the encoding of the connection, which is always this one.
        guard isUTF8, encoding == "UTF8", let types = types["\(table.schema)\n\(table.name)"] else { return nil }
        let numbers = table.columns.compactMap { types[$0] }
        return numbers.count == table.columns.count ? numbers : nil
    }

    /// What hashes a table's rows here and there; nil where all of them have to be read to be compared.
    func rowHash(of table: Manifest.Table, _ typeNumbers: [Int]) -> RowHash? {
        guard hashesRows, table.condition == nil else { return nil }
        return RowHash(names: table.columns, typeNumbers: typeNumbers)
    }
}
