import Postgres
import SQLSyntax

/// A table of the database that is backed up.
struct SourceTable: Hashable, Sendable {
    let oid: Int
    /// Another number for the same table means that it was rewritten or truncated.
    let fileNode: Int
    let schema: String
    let name: String
    /// `r`, or `p` for the parent of partitions.
    let kind: String
    /// The uppermost parent, perhaps itself, whose rows may lie in other partitions on another server; nil for none.
    ///
    /// Labels of an enum are hashed by numbers that each database has its own of.
    let root: Int?
    /// Whether a standby has nothing of it, since it is not logged.
    let isAbsent: Bool
    let isHeap: Bool
    let pages: Int
    /// With what was moved out of line.
    let totalBytes: Int
    let owner: String
    let isReadable: Bool
    /// Chooses the rows that belong to the user, in a table of an extension's configuration.
    let condition: String?
    /// Those that the data has: all but generated ones.
    let columns: [String]
    /// Whether it is read in COPY's binary form.
    var isBinary = false

    var quotedName: String { Identifier.quote(schema) + "." + Identifier.quote(name) }
    var isPartitioned: Bool { kind == "p" }
    /// Whether rows are read from it, and loaded into it.
    var holdsData: Bool { !isAbsent && (root.map { $0 == oid } ?? !isPartitioned) }

    /// What its rows are read from: not from tables that inherit from it, but from partitions.
    var reference: String { isPartitioned ? quotedName : "ONLY " + quotedName }

    /// Whether it is the same table, with the same content at the same place, as far as DDL goes.
    func isSame(as other: SourceTable) -> Bool {
        oid == other.oid && fileNode == other.fileNode && schema == other.schema && name == other.name
            && kind == other.kind && columns == other.columns && root == other.root
    }

    /// Reads the tables that there are, in the order of their OIDs, which is the order that they are locked in.
    ///
    /// One that is dropped meanwhile is listed all the same, without a size: to lock it fails, and then all begins anew.
    /// Temporary tables and the system's are left out, and an extension's but for those of its configuration.
    static func all(on connection: PostgresConnection) async throws -> [SourceTable] {
        try await connection.query(
            """
            SELECT c.oid::bigint, coalesce(pg_relation_filenode(c.oid), 0)::bigint, n.nspname, c.relname, c.relkind::text,
                coalesce(am.amname = 'heap', false),
                CASE WHEN c.relkind = 'r'
                    THEN coalesce(pg_relation_size(c.oid) / current_setting('block_size')::bigint, 0) ELSE 0 END,
                CASE WHEN c.relkind = 'r' THEN coalesce(pg_table_size(c.oid), 0) ELSE 0 END,
                pg_get_userbyid(c.relowner),
                coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), true),
                CASE WHEN x.oid IS NOT NULL
                    THEN coalesce(x.extcondition[array_position(x.extconfig, c.oid)], '') END,
                ARRAY(SELECT a.attname::text FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                    ORDER BY a.attnum),
                CASE WHEN c.relispartition OR c.relkind = 'p' THEN (
                    SELECT a.relid::oid::bigint FROM pg_partition_ancestors(c.oid) WITH ORDINALITY a (relid, number)
                        JOIN pg_partitioned_table h ON h.partrelid = a.relid AND h.partstrat = 'h'
                    WHERE EXISTS (SELECT FROM pg_opclass o WHERE o.oid = ANY (h.partclass) AND o.opcintype::regtype::text
                        IN ('anyenum', 'anyarray', 'record', 'anyrange', 'anymultirange'))
                    ORDER BY a.number DESC LIMIT 1) END,
                c.relpersistence = 'u' AND pg_is_in_recovery()
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_am am ON am.oid = c.relam
            LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
            LEFT JOIN pg_extension x ON x.oid = d.refobjid
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
                AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                AND (x.oid IS NULL OR c.oid = ANY (x.extconfig))
            ORDER BY c.oid
            """
        ).map { row in
            let (oid, fileNode, schema, name, kind, isHeap) = try (
                Int(postgres: row[0]), Int(postgres: row[1]), String(postgres: row[2]), String(postgres: row[3]),
                String(postgres: row[4]), Bool(postgres: row[5])
            )
            return SourceTable(
                oid: oid,
                fileNode: fileNode,
                schema: schema,
                name: name,
                kind: kind,
                root: try row[12].text == nil ? nil : Int(postgres: row[12]),
                isAbsent: try Bool(postgres: row[13]),
                isHeap: isHeap,
                pages: try Int(postgres: row[6]),
                totalBytes: try Int(postgres: row[7]),
                owner: try String(postgres: row[8]),
                isReadable: try Bool(postgres: row[9]),
                condition: row[10].text,
                columns: try [String](postgres: row[11])
            )
        }
    }

    /// The COPY of a part of the table.
    func copy(_ pages: PageRange, encoding: String) -> String {
        let columns = columns.map { Identifier.quote($0) }.joined(separator: ", ")
        let options = "TO STDOUT (\(isBinary ? "FORMAT binary" : "ENCODING '\(encoding)'"))"
        let rows = condition ?? ""
        if pages.isWhole, rows.isEmpty, !columns.isEmpty, !isPartitioned {
            // Of a table alone, this reads its own rows and not those of tables that inherit from it.
            return "COPY \(quotedName) (\(columns)) \(options)"
        }
        let conditions = [rows.replacingWhere, pages.condition].compactMap(\.self).joined(separator: " AND ")
        return
            "COPY (SELECT \(columns) FROM \(reference)\(conditions.isEmpty ? "" : " WHERE \(conditions)")) \(options)"
    }
}

extension String {
    /// The condition of an extension's `WHERE …` in parentheses; nil for none.
    fileprivate var replacingWhere: String? {
        let trimmed = drop { $0 == " " }
        guard !trimmed.isEmpty else { return nil }
        return "(" + (trimmed.lowercased().hasPrefix("where") ? String(trimmed.dropFirst(5)) : String(trimmed)) + ")"
    }
}

/// The pages of a table that one COPY reads.
struct PageRange: Hashable, Sendable {
    /// The first page; nil for the table's beginning.
    var first: Int?
    /// The page behind the last; nil for the table's end, wherever that is.
    var end: Int?

    static let whole = PageRange()

    var isWhole: Bool { first == nil && end == nil }

    /// Chooses the rows on these pages.
    var condition: String? {
        let bounds = [first.map { "ctid >= '(\($0),0)'" }, end.map { "ctid < '(\($0),0)'" }].compactMap(\.self)
        return bounds.isEmpty ? nil : bounds.joined(separator: " AND ")
    }
}
