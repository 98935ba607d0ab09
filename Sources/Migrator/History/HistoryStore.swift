import Postgres
import SQLSyntax

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The history as SQL: where its table is, what it holds, and how rows come in and change.
///
/// Names are always qualified: what a migration does to `search_path` does not matter here.
struct HistoryStore {
    let table: HistoryTable

    /// The table of events beside the history, which only grows.
    var events: String { companion("events") }

    /// The table of the steps that are done of migrations which are not wholly applied.
    var steps: String { companion("steps") }

    /// A table beside the history; beside one of another name it bears that name, too.
    private func companion(_ kind: String) -> String {
        let isUsual = table.name == "schema_migrations" || table.name == "lastro_migrations"
        let name = isUsual ? "lastro_\(kind)" : "lastro_\(table.name)_\(kind)"
        return QualifiedName(schema: table.schema, name: name).description
    }

    /// The history table's name for SQL.
    var qualifiedName: String { "\(Identifier.quote(table.schema)).\(Identifier.quote(table.name))" }

    // MARK: reading

    /// Reads the history that its table's name leads to, if it is one of ours; nil otherwise.
    ///
    /// Nearly always it is, and this one query of few columns is what a run with nothing pending costs: a new server
    /// process pays for every catalog and function that it looks up first.
    static func readDirectly(
        named name: HistoryTableName?,
        in schema: String?,
        from connection: PostgresConnection
    ) async throws -> [HistoryEntry]? {
        let table = QualifiedName(schema: name?.schema ?? schema, name: name?.name ?? "schema_migrations")
        do {
            let rows = try await connection.query("SELECT name, position, checksum, outcome FROM \(table)")
            var entries: [HistoryEntry] = []
            entries.reserveCapacity(rows.count)
            for row in rows {
                let checksum = RecordedChecksum(utf8: row[2].bytes)
                entries.append(
                    HistoryEntry(
                        name: try String(postgres: row[0]),
                        position: try Int(postgres: row[1]),
                        checksum: checksum.known,
                        hasUnreadableChecksum: checksum.isUnreadable,
                        appliedAt: nil,
                        outcome: try String?(postgres: row[3]).map(HistoryEntry.Outcome.init)
                    )
                )
            }
            // Rows nearly always come as they were written.
            let isSorted = zip(entries, entries.dropFirst()).allSatisfy { $0.position < $1.position }
            return isSorted ? entries : entries.sorted { $0.position < $1.position }
        } catch let error as PostgresError where error.sqlState == .undefinedTable || error.sqlState == .undefinedColumn
        {
            return nil
        }
    }

    /// Finds the history's table on a database and reads it.
    ///
    /// - Parameters:
    ///   - name: the table's name; nil for the usual ones.
    ///   - schema: where it is, unless the name says so; nil for where the search path leads to.
    ///   - connection: the database.
    /// - Returns: where the history is, or will be, and what it holds.
    /// - Throws: ``MigratorError`` with code `unusable-history`; ``PostgresError``.
    static func read(
        named name: HistoryTableName?,
        in schema: String?,
        from connection: PostgresConnection
    ) async throws -> (store: HistoryStore, history: History) {
        let place = name?.schema ?? schema
        let names = name.map { [$0.name] } ?? ["schema_migrations", "lastro_migrations"]
        let found = try await connection.query(
            """
            SELECT n.nspname, c.relname, array(
                SELECT a.attname::text FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS names (name))
            ORDER BY c.relname DESC
            """,
            names.map { QualifiedName(schema: place, name: $0).description }
        ).decode(as: (String, String, [String]).self)
        for (schema, tableName, columns) in found {
            let kind = TableKind(columns: Set(columns))
            guard kind != .another else {
                if name != nil { throw MigratorError.anotherTable(schema: schema, name: tableName) }
                continue
            }
            let table = HistoryTable(schema: schema, name: tableName, isNaive: kind == .naive)
            let store = HistoryStore(table: table)
            return (store, History(entries: try await store.entries(on: connection), table: table))
        }
        let current = try await connection.query("SELECT current_schema()").decode(as: String?.self)
        guard let schema = place ?? current.first ?? nil else { throw MigratorError.noSchema() }
        let tableName = name?.name ?? (found.isEmpty ? "schema_migrations" : "lastro_migrations")
        let history = History(entries: [], table: nil, plannedName: tableName)
        return (HistoryStore(table: HistoryTable(schema: schema, name: tableName, isNaive: false)), history)
    }

    /// Reads the history again.
    func history(on connection: PostgresConnection) async throws -> History {
        History(entries: try await entries(on: connection), table: table)
    }

    private func entries(on connection: PostgresConnection) async throws -> [HistoryEntry] {
        let time = """
            CASE WHEN isfinite(applied_at::timestamptz)
            THEN (extract(epoch FROM applied_at::timestamptz) * 1000000)::bigint END
            """
        let sql =
            table.isNaive
            ? """
            SELECT name, row_number() OVER (ORDER BY applied_at, name), NULL, \(time), 'adopted', NULL FROM (
                SELECT DISTINCT ON (regexp_replace(name, '\\.sql$', '')) name, applied_at FROM \(qualifiedName)
                WHERE name IS NOT NULL ORDER BY regexp_replace(name, '\\.sql$', ''), applied_at) AS earliest
            ORDER BY 2
            """
            : "SELECT name, position, checksum, \(time), outcome, applied_by FROM \(qualifiedName) ORDER BY position"
        return try await connection.query(sql).map { row in
            let (name, position, checksum, microseconds, outcome, appliedBy) = try row.decode(
                String.self,
                Int.self,
                String?.self,
                Int?.self,
                String?.self,
                String?.self
            )
            let recorded = RecordedChecksum(utf8: checksum.map { Array($0.utf8)[...] })
            return HistoryEntry(
                name: name,
                position: position,
                checksum: recorded.known,
                hasUnreadableChecksum: recorded.isUnreadable,
                appliedAt: microseconds.map { Date(timeIntervalSince1970: Double($0) / 1_000_000) },
                outcome: outcome.map(HistoryEntry.Outcome.init),
                appliedBy: appliedBy
            )
        }
    }

    /// The migrations whose last event is a failure.
    func failedMigrations(on connection: PostgresConnection) async throws -> Set<String> {
        guard try await connection.query("SELECT to_regclass($1) IS NOT NULL", events).single.decode(Bool.self) else {
            return []
        }
        let names = try await connection.query(
            """
            SELECT migration FROM (
                SELECT DISTINCT ON (migration) migration, event FROM \(events)
                WHERE migration IS NOT NULL ORDER BY migration, position DESC) AS last
            WHERE event = 'failed'
            """
        ).decode(as: String.self)
        return Set(names)
    }

    /// Whether a run wrote a migration's row.
    func hasRow(name: String, runID: String, on connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            "SELECT count(*) > 0 FROM \(qualifiedName) WHERE name = $1 AND run_id = $2::uuid",
            name,
            runID
        ).single.decode(Bool.self)
    }

    /// Whether a row still is as it was seen.
    func isInForce(_ entry: HistoryEntry, on connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            """
            SELECT count(*) > 0 FROM \(qualifiedName) WHERE name = $1 AND position = $2::bigint
            AND outcome IS DISTINCT FROM 'undone'
            """,
            entry.name,
            entry.position
        ).single.decode(Bool.self)
    }

    /// How many rows are in force.
    func countRowsInForce(on connection: PostgresConnection) async throws -> Int {
        try await connection.query("SELECT count(*) FROM \(qualifiedName) WHERE outcome IS DISTINCT FROM 'undone'")
            .single.decode(Int.self)
    }

    /// Which of these rows of a run are not there any more.
    func missing(_ names: [String], runID: String, on connection: PostgresConnection) async throws -> [String] {
        guard !names.isEmpty else { return [] }
        return try await connection.query(
            """
            SELECT name FROM unnest($1::text[]) AS seen (name) EXCEPT
            SELECT name FROM \(qualifiedName) WHERE run_id = $2::uuid ORDER BY 1
            """,
            names,
            runID
        ).decode(as: String.self)
    }

    // MARK: writing

    /// The statements that put a migration's row into the history, before anything of the migration runs.
    ///
    /// They are the fence against a second runner: a row that is there already ends them with a unique violation. The
    /// row of an earlier life gives way, but only while it is the very row that the plan saw.
    func insertion(of row: NewRow) -> [String] {
        let insert = insertion(
            of: row.identity + [row.outcome.rawValue, lastroVersion, row.runID, row.reason].map(literal)
        )
        guard let old = row.replacing else { return [insert] }
        let delete = """
            DELETE FROM \(qualifiedName) WHERE name = \(StringLiteral.quote(old.name)) AND position = \(old.position) \
            AND outcome IS NOT DISTINCT FROM \(literal(old.outcome?.rawValue)) \
            AND checksum IS NOT DISTINCT FROM \(literal(old.checksum?.description))
            """
        return [delete, insert]
    }

    /// The statement that puts a row into the table, with expressions for its name, version, kind, checksum, outcome, tool
    /// version, run and reason.
    func insertion(of values: [String]) -> String {
        """
        INSERT INTO \(qualifiedName) (name, version, kind, checksum, outcome, tool_version, run_id, reason) \
        VALUES (\(values.joined(separator: ", ")))
        """
    }

    /// The statement that ends a migration's row at the end of its transaction, with an event.
    func completion(of row: NewRow) -> String {
        let event = recording(row.outcome.rawValue, of: row.migration.name, runID: row.runID, detail: row.detail)
        return completion(ofRow: StringLiteral.quote(row.name), runID: row.runID, event: event)
    }

    /// The same with an expression for the row's name, and the statement that writes the event.
    ///
    /// A row that is not there any more makes it fail with a division by zero, since a script has no other way to stop.
    func completion(ofRow name: String, runID: String, event: String) -> String {
        """
        WITH done AS (UPDATE \(qualifiedName) SET applied_at = pg_catalog.clock_timestamp(), execution_ms = \
        (extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * 1000)::bigint \
        WHERE name = \(name) AND run_id = \(StringLiteral.quote(runID)) RETURNING 1), \
        event AS (\(event)) SELECT 1 / pg_catalog.count(*) FROM done
        """
    }

    /// The statement that marks rows as part of a squashed file, but only while they are the rows that the plan saw.
    func squashing(_ entries: [HistoryEntry]) -> [String] {
        guard !entries.isEmpty else { return [] }
        let rows = entries.map { entry in
            "(\(StringLiteral.quote(entry.name)), \(entry.position)::bigint, \(literal(entry.outcome?.rawValue))::text)"
        }
        return [
            """
            WITH marked AS (UPDATE \(qualifiedName) AS own SET outcome = 'squashed' \
            FROM (VALUES \(rows.joined(separator: ", "))) AS seen (name, position, outcome) \
            WHERE own.name = seen.name AND own.position = seen.position \
            AND own.outcome IS NOT DISTINCT FROM seen.outcome RETURNING 1) \
            SELECT 1 / CASE WHEN pg_catalog.count(*) = \(entries.count) THEN 1 ELSE 0 END FROM marked
            """
        ]
    }

    /// The statement that keeps a second runner away while a migration is taken back: it locks the row that the plan saw.
    func undoing(_ entry: HistoryEntry, runID: String) -> String {
        """
        WITH seen AS (SELECT FROM \(qualifiedName) WHERE name = \(StringLiteral.quote(entry.name)) \
        AND position = \(entry.position) AND outcome IS DISTINCT FROM 'undone' FOR UPDATE) \
        SELECT 1 / pg_catalog.count(*) FROM seen
        """
    }

    /// Says of a row that its migration is half taken back, or that it is not.
    ///
    /// - Parameters:
    ///   - outcome: what the row says now.
    ///   - seen: what it said before.
    ///   - entry: the row.
    ///   - connection: the database.
    /// - Throws: `PostgresError`.
    func turn(
        to outcome: HistoryEntry.Outcome?,
        from seen: HistoryEntry.Outcome?,
        _ entry: HistoryEntry,
        on connection: PostgresConnection
    ) async throws {
        try await connection.query(
            """
            UPDATE \(qualifiedName) SET outcome = $1 WHERE name = $2 AND position = $3::bigint
            AND outcome IS NOT DISTINCT FROM $4::text
            """,
            outcome?.rawValue,
            entry.name,
            entry.position,
            seen?.rawValue
        )
    }

    /// The statement that takes a row out of force, with an event, but only while it is the row that the plan saw.
    func undone(_ entry: HistoryEntry, as name: String, runID: String) -> String {
        """
        WITH undone AS (UPDATE \(qualifiedName) SET outcome = 'undone' WHERE name = \(StringLiteral.quote(entry.name)) \
        AND position = \(entry.position) AND outcome IS DISTINCT FROM 'undone' RETURNING 1), \
        event AS (\(recording("undone", of: name, runID: runID, detail: entry.asDetail))) \
        SELECT 1 / pg_catalog.count(*) FROM undone
        """
    }

    private func recording(_ kind: String, of name: String, runID: String, detail: [String: String]) -> String {
        recording([kind, name, runID, lastroVersion, detail.asJSON].map { StringLiteral.quote($0) })
    }

    /// The statement that writes an event, with expressions for its kind, migration, run, tool version and detail.
    func recording(_ values: [String]) -> String {
        """
        INSERT INTO \(events) (event, migration, run_id, tool_version, detail) VALUES (\(values.joined(separator: ", ")))
        """
    }

    /// The statements that write events.
    func recording(_ events: [HistoryEvent]) -> String {
        events.map { recording($0.kind, of: $0.migration ?? "", runID: $0.runID, detail: $0.detail) }
            .joined(separator: "; ")
    }

    /// Writes an event.
    func record(_ event: HistoryEvent, on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            INSERT INTO \(events) (event, migration, run_id, reason, detail, tool_version)
            VALUES ($1, $2, $3::uuid, $4, $5::jsonb, $6)
            """,
            event.kind,
            event.migration,
            event.runID,
            event.reason,
            PostgresJSON(event.detail),
            lastroVersion
        )
    }
}

/// What a table is that has a history's name.
enum TableKind {
    case ours
    /// Another tool's `(name, applied_at)`.
    case naive
    case another

    init(columns: Set<String>) {
        if columns.isSuperset(of: ["name", "applied_at", "position", "checksum", "outcome", "run_id"]) {
            self = .ours
        } else {
            self = columns == ["name", "applied_at"] ? .naive : .another
        }
    }
}

/// A row that a run adds to the history.
struct NewRow {
    let migration: Migration
    /// The migration's name as the table writes names.
    let name: String
    let outcome: HistoryEntry.Outcome
    let reason: String?
    let runID: String
    /// The row of an earlier life, as the plan saw it.
    let replacing: HistoryEntry?
    /// What the event says beyond the row.
    var detail: [String: String] = [:]

    /// Its name, version, kind and checksum as SQL.
    var identity: [String] {
        [name, migration.version?.description, migration.kind.rawValue, migration.checksum.description].map(literal)
    }
}

private func literal(_ text: String?) -> String {
    text.map(StringLiteral.quote) ?? "NULL"
}

extension HistoryEntry {
    /// What an event keeps of a row that it changes.
    fileprivate var asDetail: [String: String] {
        var detail = ["position": "\(position)"]
        detail["checksum"] = checksum?.description
        detail["outcome"] = outcome?.rawValue
        return detail
    }
}

extension [String: String] {
    /// The values as a JSON object.
    var asJSON: String {
        if isEmpty { return "{}" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"  // strings always encode
    }
}

/// Something that happened to a history, for the table of events.
struct HistoryEvent {
    let kind: String
    let migration: String?
    let runID: String
    var reason: String?
    var detail: [String: String] = [:]
}
