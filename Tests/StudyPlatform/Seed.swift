public import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The study platform's deterministic rows: one `SELECT` a table, in the order of the foreign keys.
///
/// The format is that of `fixtures/seed/README.md`.
public struct Seed: Sendable {
    /// The rows of one table.
    public struct Table: Hashable, Sendable {
        /// The table's name.
        public let name: String
        /// How many rows it gets.
        public let rows: Int
        let query: String
    }

    /// What is wrong with a file.
    public struct Malformed: Error, CustomStringConvertible {
        /// The file and what it lacks.
        public let description: String
    }

    /// The tables, in an order in which every foreign key finds its row.
    public let tables: [Table]

    /// Reads the files for a factor: 1 for tests, more for measurements.
    public init(factor: Int) throws {
        let folder = StudyPlatform.root + "/fixtures/seed"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }.sorted()
        let files = try names.map { name -> (table: String, rows: Int, query: String) in
            let text = try String(contentsOf: URL(filePath: "\(folder)/\(name)"), encoding: .utf8)
            let table = name.drop { $0 != "_" }.dropFirst().dropLast(4)
            guard let newline = text.firstIndex(of: "\n"), let rows = Self.rows(text[..<newline], factor: factor) else {
                throw Malformed(description: "\(name) does not begin with -- rows: BASE [* factor]")
            }
            return (String(table), rows, String(text[newline...]))
        }
        let counts = Dictionary(uniqueKeysWithValues: files.map { ($0.table, $0.rows) })
        tables = files.map { table, rows, query in
            var query = query
            for (other, count) in counts { query = query.replacing(":rows(\(other))", with: "\(count)") }
            return Table(name: table, rows: rows, query: query.replacing(":rows", with: "\(rows)"))
        }
    }

    /// Loads every table with COPY, in one transaction.
    ///
    /// - Returns: the number of rows.
    @discardableResult
    public func load(into settings: ConnectionSettings) async throws -> Int {
        try await withPostgresConnection(to: settings) { source in
            try await withPostgresConnection(to: settings) { target in
                try await target.withTransaction { target in
                    var rows = 0
                    for table in tables { rows += try await load(table, from: source, into: target) }
                    return rows
                }
            }
        }
    }

    private func load(
        _ table: Table,
        from source: PostgresConnection,
        into target: PostgresConnection
    ) async throws -> Int {
        let columns = try await source.query("SELECT * FROM (\(table.query)) AS row LIMIT 0").columns.map(\.name)
        return try await target.copyIn(
            "COPY \(table.name) (\(columns.joined(separator: ", "))) FROM STDIN",
            from: source.copyOut("COPY (\(table.query)) TO STDOUT")
        )
    }

    private static func rows(_ line: Substring, factor: Int) -> Int? {
        guard line.hasPrefix("-- rows: ") else { return nil }
        let words = line.dropFirst("-- rows: ".count).split(separator: " ")
        guard let base = words.first.flatMap({ Int($0) }) else { return nil }
        return words.dropFirst().elementsEqual(["*", "factor"]) ? base * factor : base
    }
}
