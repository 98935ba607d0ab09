public import Postgres

extension PlanScript {
    /// Runs the script, block by block.
    ///
    /// - Parameters:
    ///   - connection: a connection outside of a transaction; its settings are as before afterwards.
    ///   - onBlock: is told of each block that is done.
    /// - Throws: ``SchemaDiffError`` at the first statement that the server refuses: its block is rolled back, and those
    ///   before it stay; a plan made anew goes on from there.
    public func run(
        on connection: PostgresConnection,
        onBlock: (Block) -> Void = { _ in }
    ) async throws {
        for setting in settings { _ = try await connection.query(setting) }
        var done = 0
        do {
            for block in blocks {
                _ = try await connection.query("SET statement_timeout = \(statementTimeout(of: block).setting)")
                try await run(block, done: done, on: connection)
                done += 1
                onBlock(block)
            }
        } catch {
            await reset(connection)
            throw error
        }
        await reset(connection)
    }

    private func run(_ block: Block, done: Int, on connection: PostgresConnection) async throws {
        guard block.isTransaction else {
            for statement in block.statements { try await run(statement, done: done, on: connection) }
            return
        }
        try await connection.withTransaction { connection in
            for statement in block.statements { try await run(statement, done: done, on: connection) }
        }
    }

    private func run(_ statement: PlanStatement, done: Int, on connection: PostgresConnection) async throws {
        do {
            _ = try await connection.script(statement.sql)
        } catch let error as PostgresError where error.code == .server {
            throw SchemaDiffError.statementFailed(statement, error, done: done, of: blocks.count)
        }
    }

    private func reset(_ connection: PostgresConnection) async {
        // A connection that was cut has no settings left.
        _ = try? await connection.script("RESET lock_timeout; RESET statement_timeout; RESET check_function_bodies")
    }
}
