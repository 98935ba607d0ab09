import Postgres
import SQLSyntax

/// The columns that must have a value and that an INSERT of a query gives none.
struct RequiredColumns {
    let judgement: Judgement

    /// One INSERT of the statement.
    private struct Insertion {
        let table: RelationReference
        /// The columns that it names; nil where it fills the first ones.
        let columns: [String]?
        /// How many columns it fills, where it names none; nil if that cannot be told.
        let width: Int?
    }

    func findings(on connection: PostgresConnection) async throws -> [QueryFinding] {
        var findings: [QueryFinding] = []
        for insertion in insertions {
            if insertion.columns == nil, insertion.width == nil { continue }
            let rows = try await connection.query(Self.sql, insertion.table.name.description)
                .decode(as: (String, Int, Bool).self)
            for (column, position, hasTrigger) in rows {
                let isGiven = insertion.columns?.contains(column) ?? (position <= insertion.width ?? 0)
                if !isGiven { findings.append(finding(column, of: insertion.table, mayBeFilled: hasTrigger)) }
            }
        }
        return findings
    }

    private func finding(_ column: String, of table: RelationReference, mayBeFilled: Bool) -> QueryFinding {
        let place = judgement.query.place(judgement.text.origin(ofBody: table.location ?? 0))
        let name = "\(table.name).\(Identifier.quote(column))"
        if mayBeFilled {
            return QueryFinding(
                .notCheckable,
                at: place,
                "\(name) must have a value and gets none here, unless a trigger gives it one",
                next: "see to it that the trigger does"
            )
        }
        let origin = judgement.trail.origin(ofDemand: .column(of: table.name, name: column))
        return QueryFinding(
            .missingValue,
            at: place,
            "\(name) must have a value, has no default, and gets no value here"
                + (origin.map { " (since \($0.place))" } ?? ""),
            sqlState: "23502",
            migration: origin?.migration,
            next: "give it a value in the query, or the column a default in a migration"
        )
    }

    private var insertions: [Insertion] {
        guard let statement = try? SyntaxTree(judgement.text.body).statements.first else { return [] }
        var insertions: [Insertion] = []
        statement.forEachNode { node in
            guard node.kind == "InsertStmt", let table = node.child("relation")?.relation else { return }
            let columns = node.children("cols").compactMap { $0.text("name") }
            let source = node.child("select_stmt")
            // DEFAULT VALUES has no source; a row of VALUES is a list.
            let width = source == nil ? 0 : source?.child("values_lists")?.children("items").count
            insertions.append(
                Insertion(table: table, columns: columns.isEmpty ? nil : columns, width: width)
            )
        }
        return insertions
    }

    private static let sql = """
        SELECT a.attname::text,
            (SELECT count(*) FROM pg_catalog.pg_attribute b
                WHERE b.attrelid = a.attrelid AND b.attnum BETWEEN 1 AND a.attnum AND NOT b.attisdropped),
            EXISTS (SELECT FROM pg_catalog.pg_trigger t
                WHERE t.tgrelid = a.attrelid AND NOT t.tgisinternal AND t.tgtype & 7 = 7 AND t.tgenabled <> 'D')
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
        WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind IN ('r', 'p')
            AND (a.attnotnull OR y.typnotnull) AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = ''
            AND y.typdefault IS NULL
        ORDER BY a.attnum
        """
}
