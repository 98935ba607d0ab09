import Postgres
import SQLSyntax

/// A table that may be another tool's history, recognised by its columns.
struct ForeignTable: Hashable, Sendable {
    let schema: String
    let name: String
    let columns: Set<String>
    /// Whether Rails keeps its own table beside it.
    var isBesideRails = false

    /// The name for SQL.
    var qualifiedName: String { "\(Identifier.quote(schema)).\(Identifier.quote(name))" }

    /// The name for people.
    var title: String { "\(schema).\(name)" }

    /// The tool whose table it is.
    ///
    /// - Parameter isNamed: whether somebody named this table. If not, a shape that an application's own table may have
    ///   too (one column of versions, a name and a time) counts only under the name that such tools use.
    /// - Returns: the tool; nil if the table is no history that Lastro can read.
    func tool(isNamed: Bool) -> AdoptionTool? {
        guard !columns.isSuperset(of: ["name", "applied_at", "position", "checksum", "outcome", "run_id"]) else {
            return nil  // Lastro's own
        }
        for (tool, signature) in Self.signatures where columns.isSuperset(of: signature) {
            // Sqitch's table of events looks like that of changes, with one column more.
            return tool == .sqitch && columns.contains("event") ? nil : tool
        }
        if columns == ["version", "dirty"] { return .golangMigrate }
        if columns == ["version_num"] { return .alembic }
        guard isNamed || name == "schema_migrations" else { return nil }
        if columns == ["version"] { return isBesideRails ? .rails : .dbmate }
        return columns == ["name", "applied_at"] ? .naive : nil
    }

    /// Whether the table can be read as one tool's history.
    func fits(_ tool: AdoptionTool) -> Bool {
        let own = self.tool(isNamed: true)
        // The two tools have one table; only its neighbours differ.
        return own == tool || (own == .dbmate && tool == .rails) || (own == .rails && tool == .dbmate)
    }

    private static let signatures: [(AdoptionTool, Set<String>)] = [
        (.flyway, ["installed_rank", "version", "type", "script", "checksum", "installed_on", "success"]),
        (.prisma, ["migration_name", "checksum", "started_at", "finished_at", "rolled_back_at"]),
        (.sqlx, ["version", "description", "installed_on", "success", "checksum", "execution_time"]),
        (.goose, ["id", "version_id", "is_applied", "tstamp"]),
        (.sqitch, ["change_id", "change", "project", "committed_at", "planned_at"]),
    ]

    /// Finds the table that holds a history.
    ///
    /// - Throws: ``MigratorError`` if there is none, or several.
    static func find(_ source: AdoptionSource, on connection: PostgresConnection) async throws -> (Self, AdoptionTool) {
        let tables = try await candidates(source, on: connection)
        let found = tables.compactMap { table -> (Self, AdoptionTool)? in
            if let tool = source.tool { return table.fits(tool) ? (table, tool) : nil }
            return table.tool(isNamed: source.table != nil).map { (table, $0) }
        }
        if found.count > 1 { throw MigratorError.severalHistories(found.map { ($0.title, $1) }) }
        if let found = found.first { return found }
        if let name = source.table {
            guard let table = tables.first else { throw MigratorError.noTable(name) }
            throw MigratorError.unknownHistory(table.title, columns: table.columns.sorted(), tool: source.tool)
        }
        let schemas = try await connection.query("SELECT current_schemas(false)::text[]").single.decode([String].self)
        throw MigratorError.noHistory(in: schemas, tool: source.tool)
    }

    /// The first history of another tool that has rows; nil if there is none.
    static func inUse(on connection: PostgresConnection) async throws -> (table: Self, tool: AdoptionTool)? {
        for table in try await candidates(AdoptionSource(), on: connection) {
            guard let tool = table.tool(isNamed: false), tool != .naive else { continue }
            let sql = "SELECT EXISTS (SELECT FROM \(table.qualifiedName))"
            if try await connection.query(sql).single.decode(Bool.self) { return (table, tool) }
        }
        return nil
    }

    /// The table that was named, or all that might be meant.
    private static func candidates(
        _ source: AdoptionSource,
        on connection: PostgresConnection
    ) async throws -> [Self] {
        let condition =
            source.table == nil
            ? """
            c.relkind IN ('r', 'p') AND (n.nspname = ANY (pg_catalog.current_schemas(false)) OR n.nspname = 'sqitch') \
            AND $1::text IS NULL
            """
            : "c.oid = pg_catalog.to_regclass($1)"
        let rows = try await connection.query(
            """
            SELECT n.nspname, c.relname,
                array(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                EXISTS (SELECT FROM pg_catalog.pg_class r
                    WHERE r.relnamespace = n.oid AND r.relname = 'ar_internal_metadata')
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE \(condition)
            ORDER BY pg_catalog.array_position(pg_catalog.current_schemas(false), n.nspname), c.relname
            """,
            source.table
        ).decode(as: (String, String, [String], Bool).self)
        return rows.map { ForeignTable(schema: $0, name: $1, columns: Set($2), isBesideRails: $3) }
    }
}
