import Postgres
import SQLSyntax

/// As whom the rows of tables are loaded, and the rights that are lent for it.
///
/// What a default or a generated column calls must not run with the rights of who restores, so a table is loaded as its owner. But an owner
/// may have taken the right to write from himself, or have none in the schema: the restored grants say so before there is a row.
struct LoadRights: Sendable {
    /// By the tables' quoted names; none for a table of who restores.
    private var owners: [String: String] = [:]
    /// What is lent, each once, and in schemas first.
    private var loans: [Loan] = []

    private struct Loan: Hashable, Sendable {
        /// Whose the object is, who gives the right.
        let giver: String
        /// As in `INSERT ON TABLE t`.
        let right: String
        let taker: String
    }

    /// The owner of a table; nil for who restores.
    func owner(of table: Manifest.Table) -> String? { owners[table.quotedName] }

    /// Lends what the owners of tables lack.
    ///
    /// - Parameters:
    ///   - tables: what is loaded; all of it is there.
    ///   - connection: a session of who restores.
    /// - Returns: who loads what.
    /// - Throws: `PostgresError`.
    static func lend(for tables: [Manifest.Table], on connection: PostgresConnection) async throws -> LoadRights {
        let rows = try await connection.query(
            """
            SELECT t.name, pg_get_userbyid(c.relowner)::text, pg_get_userbyid(c.relowner) = current_user,
                has_table_privilege(c.relowner, c.oid, 'INSERT'), has_table_privilege(c.relowner, c.oid, 'TRUNCATE'),
                has_schema_privilege(c.relowner, n.oid, 'USAGE'), pg_get_userbyid(n.nspowner)::text, quote_ident(n.nspname)
            FROM unnest($1::text[]) t (name) JOIN pg_class c ON c.oid = t.name::regclass
                JOIN pg_namespace n ON n.oid = c.relnamespace
            """,
            tables.map(\.quotedName)
        )
        var rights = LoadRights()
        var inSchemas: Set<Loan> = []
        for row in rows {
            let (table, owner) = (try String(postgres: row[0]), try String(postgres: row[1]))
            if try !Bool(postgres: row[2]) { rights.owners[table] = owner }
            if try !Bool(postgres: row[5]) {
                let schema = try String(postgres: row[7])
                let giver = try String(postgres: row[6])
                inSchemas.insert(Loan(giver: giver, right: "USAGE ON SCHEMA \(schema)", taker: owner))
            }
            for (index, right) in ["INSERT", "TRUNCATE"].enumerated() where try !Bool(postgres: row[3 + index]) {
                rights.loans.append(Loan(giver: owner, right: "\(right) ON TABLE \(table)", taker: owner))
            }
        }
        // Nobody gives rights in a schema that he may not look into.
        rights.loans = inSchemas + rights.loans
        try await say(rights.loans, on: connection) { "GRANT \($0.right) TO \(Identifier.quote($0.taker))" }
        return rights
    }

    /// Takes back what was lent.
    func takeBack(on connection: PostgresConnection) async throws {
        try await Self.say(loans.reversed(), on: connection) {
            "REVOKE \($0.right) FROM \(Identifier.quote($0.taker))"
        }
    }

    private static func say(
        _ loans: [Loan],
        on connection: PostgresConnection,
        _ statement: (Loan) -> String
    ) async throws {
        guard !loans.isEmpty else { return }
        try await connection.withTransaction { connection in
            for loan in loans {
                try await connection.script(
                    "SET LOCAL ROLE \(Identifier.quote(loan.giver)); \(statement(loan)); RESET ROLE"
                )
            }
        }
    }
}
