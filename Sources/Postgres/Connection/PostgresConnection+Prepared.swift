import CLibpq

extension PostgresConnection {
    /// Does what ``pipeline(_:)`` does, with statements that the server keeps: each text is parsed once in five seconds, and
    /// planned once where `plan_cache_mode` is `force_generic_plan` (PostgreSQL manual, PREPARE).
    ///
    /// For a few constant texts that are run often. They are made anew that often because a plan is for tables as large as
    /// they were, and the server notices only what ANALYZE has counted. Behind a pooler, where the next transaction may be in another session,
    /// nothing is kept. Outside a transaction, a kept statement that has gone, or whose result has other types since a table
    /// was changed, is sent anew and not noticed.
    ///
    /// - Returns: each statement's rows, in order.
    /// - Throws: what ``pipeline(_:)`` throws.
    public func preparedPipeline(_ statements: [PostgresStatement]) async throws -> [PostgresRows] {
        guard try await isDirect() else { return try await pipeline(statements) }
        let isAlone = transactionStatus == .idle
        do {
            return try await interruptible { connection in
                let handle = try connection.handle()
                for statement in statements { try connection.prepare(statement, on: handle) }
                return try handle.pipeline(statements) { statement in
                    let kept = connection.prepared.kept[PreparedStatements.Key(statement)]
                    return statement.send(on: handle.pointer, prepared: kept?.name ?? "")
                }
            }
        } catch let error as PostgresError where isAlone && error.isOfKeptStatement {
            prepared = PreparedStatements(startingAt: prepared.next)
            return try await pipeline(statements)
        }
    }

    /// Whether the server's process is the one that the connection was told of: a pooler tells of itself.
    private func isDirect() async throws -> Bool {
        if let known = prepared.isDirect { return known }
        let isDirect = try await query("SELECT pg_backend_pid()").single.decode(Int.self) == backendPID
        prepared.isDirect = isDirect
        return isDirect
    }

    /// Has the server keep a statement, if it does not yet or has for long.
    private func prepare(_ statement: PostgresStatement, on handle: ConnectionHandle) throws(PostgresError) {
        let key = PreparedStatements.Key(statement)
        if let kept = prepared.kept[key] {
            if .now - kept.since < PreparedStatements.lifetime { return }
            uninterrupted("DEALLOCATE \(kept.name)")
            prepared.kept[key] = nil
        }
        let name = prepared.newName()
        guard let answer = PQprepare(handle.pointer, name, key.sql, Int32(key.types.count), key.types) else {
            throw handle.lost()
        }
        let result = ResultHandle(answer)
        guard result.status == PGRES_COMMAND_OK else { throw handle.error(result, in: key.sql) }
        prepared.kept[key] = (name, .now)
    }
}

/// The statements that the server keeps for a connection.
struct PreparedStatements {
    /// For how long one is used.
    static let lifetime = Duration.seconds(5)

    /// What tells one from another: values in binary form would be misread as those of other types.
    struct Key: Hashable {
        let sql: String
        let types: [Oid]

        init(_ statement: PostgresStatement) {
            sql = statement.sql
            types = statement.parameters.map(\.typeOID)
        }
    }

    /// Their names, and since when.
    var kept: [Key: (name: String, since: ContinuousClock.Instant)] = [:]
    /// Whether no pooler is between; nil until it was asked for.
    var isDirect: Bool?
    /// No name is used twice: whether one that failed is free again, nobody knows.
    private(set) var next: Int

    init(startingAt next: Int = 1) {
        self.next = next
    }

    mutating func newName() -> String {
        defer { next += 1 }
        return "lastro_\(next)"
    }
}

extension PostgresError {
    /// Whether a kept statement has gone (26000), or gives other types than when it was made (0A000).
    fileprivate var isOfKeptStatement: Bool { ["26000", "0A000"].contains(sqlState?.rawValue) }
}
