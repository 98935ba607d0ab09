import Postgres
import SQLSyntax

/// Checks of tables that call functions of the user's, which are taken away while rows are loaded.
///
/// Such a function may read another table, and tables are not filled in the order that it was written for; it may also hold for rows no
/// longer that it held for once. So these checks are made anew when all rows are there.
struct LateChecks: Sendable {
    private struct Check: Sendable {
        let table: String
        let owner: String
        let name: String
        let definition: String
        let comment: String?

        var title: String { "check \(name) of \(table)" }

        var quotedName: String { Identifier.quote(name) }
    }

    /// In the order in which they were taken away.
    private var checks: [Check] = []

    /// Takes the checks away, each table's parents first.
    static func takeAway(on connection: PostgresConnection) async throws -> LateChecks {
        var late = LateChecks()
        // What a table has of its own beside what it inherits can go only when it no longer inherits it.
        while case let some = try await present(on: connection), !some.isEmpty {
            try await connection.script(
                some.map { "ALTER TABLE \($0.table) DROP CONSTRAINT \($0.quotedName);" }.joined(separator: "\n")
            )
            late.checks += some
        }
        return late
    }

    /// Chooses them, for a SELECT.
    static let choice = """
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE c.contype = 'c' AND c.coninhcount = 0 AND t.relkind IN ('r', 'p')
            AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
            AND EXISTS (SELECT FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid JOIN pg_language l ON l.oid = p.prolang
                WHERE d.classid = 'pg_constraint'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_proc'::regclass
                    AND l.lanname NOT IN ('internal', 'c'))
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = t.oid
                AND d.deptype = 'e')
        """

    private static func present(on connection: PostgresConnection) async throws -> [Check] {
        try await connection.query(
            """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(t.relname), pg_get_userbyid(t.relowner)::text, c.conname::text,
                pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint')
            \(choice)
            ORDER BY c.oid
            """
        ).map { row in
            Check(
                table: try String(postgres: row[0]),
                owner: try String(postgres: row[1]),
                name: try String(postgres: row[2]),
                definition: try String(postgres: row[3]),
                comment: row[4].text
            )
        }
    }

    /// Makes the checks anew, as the owners of their tables.
    ///
    /// - Parameters:
    ///   - connection: a session that is told what names are looked up in.
    ///   - isLenient: whether one that cannot be evaluated is made all the same, without looking at the rows.
    ///   - note: is told of those that do not hold.
    /// - Throws: ``BackupError`` if one cannot be evaluated.
    func makeAnew(
        on connection: PostgresConnection,
        isLenient: Bool,
        note: @Sendable (String) -> Void
    ) async throws {
        for check in checks.reversed() {
            do {
                try await make(check, on: connection)
            } catch let error as PostgresError where error.isOutcomeOfDrill {
                guard error.sqlState == "23514" || isLenient else { throw BackupError.refused(check.title, error) }
                // Rows are never left out for it: the original has them too.
                note(
                    "\(check.title) does not hold for the rows that were backed up, and is NOT VALID: \(error.message)"
                )
                try await make(check, " NOT VALID", on: connection)
            }
        }
    }

    private func make(_ check: Check, _ validity: String = "", on connection: PostgresConnection) async throws {
        let comment = check.comment.map {
            "COMMENT ON CONSTRAINT \(check.quotedName) ON \(check.table) IS \(StringLiteral.quote($0));"
        }
        try await connection.withTransaction { connection in
            try await connection.script(
                """
                SET LOCAL ROLE \(Identifier.quote(check.owner));
                ALTER TABLE \(check.table) ADD CONSTRAINT \(check.quotedName) \(check.definition)\(validity);
                \(comment ?? "")
                """
            )
        }
    }
}
