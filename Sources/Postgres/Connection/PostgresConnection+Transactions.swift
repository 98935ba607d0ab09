extension PostgresConnection {
    /// Runs a closure in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// Inside a transaction it makes a savepoint instead, and rolls back to that.
    ///
    /// - Throws: what the closure throws; ``PostgresError`` if the server refuses to commit.
    @discardableResult
    nonisolated public func withTransaction<Result>(
        _ options: TransactionOptions = TransactionOptions(),
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        if await transactionStatus == .inTransaction {
            return try await withSavepoint(body)
        }
        try await script(options.begin)
        do {
            let result = try await body(self)
            let end = try await script("COMMIT")
            guard end.last?.tag.description == "COMMIT" else { throw PostgresError.commitRolledBack() }
            return result
        } catch {
            await rollBack()
            throw error
        }
    }

    private nonisolated func withSavepoint<Result>(
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        // One name serves at every depth: a savepoint hides an outer one of the same name until it is released.
        try await script("SAVEPOINT lastro_scope")
        do {
            let result = try await body(self)
            try await script("RELEASE SAVEPOINT lastro_scope")
            return result
        } catch {
            await rollBackToSavepoint()
            throw error
        }
    }

    private func rollBackToSavepoint() {
        endCopy()
        uninterrupted("ROLLBACK TO SAVEPOINT lastro_scope; RELEASE SAVEPOINT lastro_scope")
    }
}

/// How a transaction begins.
public struct TransactionOptions: Hashable, Sendable {
    /// What a transaction sees of others.
    public enum Isolation: String, Hashable, Sendable {
        /// Each statement sees what was committed before it began.
        case readCommitted = "READ COMMITTED"
        /// Every statement sees what was committed before the first one.
        case repeatableRead = "REPEATABLE READ"
        /// As if transactions ran one after the other.
        case serializable = "SERIALIZABLE"
    }

    /// What the transaction sees of others; nil for the role's default.
    public var isolation: Isolation?
    /// Whether the transaction may not write.
    public var isReadOnly: Bool

    /// Makes options; without arguments they are the role's defaults.
    public init(isolation: Isolation? = nil, isReadOnly: Bool = false) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
    }

    var begin: String {
        "BEGIN" + (isolation.map { " ISOLATION LEVEL \($0.rawValue)" } ?? "") + (isReadOnly ? " READ ONLY" : "")
    }
}
