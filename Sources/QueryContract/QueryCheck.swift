public import Postgres
import SQLSyntax
import SourceText

/// Checks queries on a database: each is prepared and planned in a transaction of its own that is rolled back.
public struct QueryCheck: Sendable {
    /// Where things come from.
    let trail: MigrationTrail
    /// Whether the roles of the database are the application's own; on a scratch server only those are that migrations name.
    let knowsRoles: Bool

    /// Makes a check.
    ///
    /// - Parameters:
    ///   - trail: what the migrations make and take away.
    ///   - knowsRoles: whether a role that is not there is a mistake; false on a scratch server.
    public init(_ trail: MigrationTrail, knowsRoles: Bool = true) {
        self.trail = trail
        self.knowsRoles = knowsRoles
    }

    /// Checks each query.
    ///
    /// - Parameters:
    ///   - queries: the queries.
    ///   - connection: a connection outside of a transaction.
    /// - Returns: a result for each query, in their order.
    /// - Throws: `PostgresError` if the connection is lost; `CancellationError`.
    public func callAsFunction(_ queries: [Query], on connection: PostgresConnection) async throws -> [QueryResult] {
        var results: [QueryResult] = []
        for query in queries {
            var findings: [QueryFinding] = []
            for statement in query.statements { findings += try await check(statement, of: query, on: connection) }
            results.append(QueryResult(query: query, findings: findings))
        }
        return results
    }

    private func check(
        _ statement: SQLStatement,
        of query: Query,
        on connection: PostgresConnection
    ) async throws -> [QueryFinding] {
        let place = query.place(statement.range.lowerBound)
        guard statement.isPreparable else {
            let words = statement.leadingWords.first ?? "this statement"
            return [
                QueryFinding(
                    .notCheckable,
                    at: place,
                    "PREPARE takes SELECT, VALUES, INSERT, UPDATE, DELETE and MERGE, and not \(words)",
                    next: "see to it with a test of the application"
                )
            ]
        }
        try await connection.script("BEGIN")
        do {
            let findings = try await judge(statement, of: query, on: connection)
            await connection.rollBack()
            return findings
        } catch {
            await connection.rollBack()
            throw error
        }
    }

    private func judge(
        _ statement: SQLStatement,
        of query: Query,
        on connection: PostgresConnection
    ) async throws -> [QueryFinding] {
        if let finding = try await setUp(query, on: connection) { return [finding] }
        let text = PreparedText(statement, in: query.script, types: query.directives.types)
        let judgement = Judgement(text: text, query: query, trail: trail)
        if let refusal = try await connection.refusal(of: text.sql) { return [judgement.finding(for: refusal)] }
        // A prepared statement outlives its transaction, and a transaction that failed cannot drop it.
        try await connection.script("SAVEPOINT lastro_plan")
        var findings: [QueryFinding] = []
        if let refusal = try await connection.refusal(of: text.explanation) {
            findings.append(judgement.findingOfPlan(refusal))
        }
        try await connection.script("ROLLBACK TO SAVEPOINT lastro_plan; DEALLOCATE \(PreparedText.name)")
        guard findings.isEmpty else { return findings }
        return try await RequiredColumns(judgement: judgement).findings(on: connection)
    }

    /// Makes the surroundings that the query's comments ask for.
    ///
    /// - Returns: why they cannot be made; nil if they are.
    private func setUp(_ query: Query, on connection: PostgresConnection) async throws -> QueryFinding? {
        // Nobody is to wait behind a check that itself waits for a lock.
        try await connection.script(
            """
            SET LOCAL lock_timeout = '5s'; SET LOCAL plan_cache_mode = force_generic_plan;
            SET LOCAL client_min_messages = error
            """
        )
        let directives = query.directives
        if let path = directives.searchPath {
            let names = path.text.split(separator: ",").map { Identifier.quoteUnlessQuoted($0.trimmingBlanks) }
            if let refusal = try await connection.refusal(
                of: "SET LOCAL search_path = \(names.joined(separator: ", "))"
            ) {
                return query.finding(.setup, at: path, refusal, next: "name schemas with commas between them")
            }
        }
        if let role = directives.role {
            if let refusal = try await connection.refusal(
                of: "SET LOCAL ROLE \(Identifier.quoteUnlessQuoted(role.text))"
            ) {
                let isMissing = refusal.sqlState != .insufficientPrivilege
                return query.finding(
                    isMissing && knowsRoles ? .setup : .notCheckable,
                    at: role,
                    refusal,
                    next: isMissing
                        ? "make the role, or correct its name; migrations that name it make it known to Lastro's own server"
                        : "let the role that connects be a member of it: GRANT \(role.text) TO …"
                )
            }
        }
        for entry in directives.setup {
            guard entry.text.isTemporarySetup else {
                return QueryFinding(
                    .setup,
                    at: query.place(entry.offset),
                    "setup is for what ends with the transaction: CREATE TEMPORARY … and SET LOCAL",
                    next: "leave to migrations what is to stay"
                )
            }
            if let refusal = try await connection.refusal(of: entry.text) {
                return query.finding(.setup, at: entry, refusal, next: "correct the statement")
            }
        }
        try await connection.script("SET TRANSACTION READ ONLY")
        return nil
    }
}

extension Query {
    /// The place of a byte of its file.
    func place(_ offset: Int) -> SourceLocation {
        SourceLocation(file: location.file, position: script.position(ofByte: offset))
    }

    fileprivate func finding(
        _ kind: QueryFinding.Kind,
        at entry: QueryDirectives.Entry,
        _ refusal: PostgresError,
        next: String
    ) -> QueryFinding {
        QueryFinding(kind, at: place(entry.offset), refusal.message, sqlState: refusal.sqlState, next: next)
    }
}

extension PostgresConnection {
    /// What the server says against a statement; nil if it ran.
    ///
    /// One statement is sent, whatever the text holds: the server takes no second one in this form.
    ///
    /// - Throws: what is no word of the server's.
    nonisolated fileprivate func refusal(of sql: String) async throws -> PostgresError? {
        do {
            try await query(sql)
            return nil
        } catch let error as PostgresError where error.code == .server {
            return error
        }
    }
}

extension SQLStatement {
    /// Whether PREPARE takes it (PostgreSQL manual, "PREPARE").
    fileprivate var isPreparable: Bool {
        let words = ["SELECT", "VALUES", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "TABLE"]
        return leadingWords.first.map(words.contains) ?? false
    }
}

extension String {
    /// Whether a statement leaves nothing behind.
    fileprivate var isTemporarySetup: Bool {
        guard let script = try? SQLScript(self), script.statements.count == 1, let first = script.statements.first
        else {
            return false
        }
        let words = first.leadingWords
        let isTemporary =
            words.first == "CREATE"
            && words.dropFirst().first { $0 != "OR" && $0 != "REPLACE" }?.hasPrefix("TEMP") == true
        return isTemporary
            || words.starts(with: ["SET", "LOCAL"]) && !words.contains("ROLE") && !words.contains("AUTHORIZATION")
    }
}

extension Identifier {
    /// The name as it is where it is quoted already, quoted where it must be.
    fileprivate static func quoteUnlessQuoted(_ text: String) -> String {
        // A name in quotes, or one that folds, is read as the server reads it; what is none is taken at its letters.
        guard let parts = try? Identifier.parse(text), parts.count == 1 else { return Identifier.alwaysQuote(text) }
        return Identifier.alwaysQuote(parts[0])
    }
}
