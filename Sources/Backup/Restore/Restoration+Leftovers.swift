import Postgres
import SQLSyntax

extension Restoration {
    /// Does away with what dead runs have left, and finishes what was all but done.
    ///
    /// - Parameters:
    ///   - source: what is to be restored.
    ///   - database: where to.
    ///   - administrator: a connection to the server.
    /// - Returns: the result, if a dead run had done what is asked for but for the last step.
    /// - Throws: ``BackupError`` if an exchange cannot be finished.
    func tidyUp(
        _ source: Source,
        _ database: String,
        on administrator: PostgresConnection
    ) async throws -> Result? {
        var result: Result?
        for leftover in try await DraftDatabase.leftovers(on: administrator) {
            if let record = leftover.record, let exchange = record.exchange {
                // Whoever restores that database just now goes by what it finds there.
                guard try await administrator.lock("database \(record.database)") else {
                    try await administrator.unlock("draft \(leftover.name)")
                    continue
                }
                let isFinished = try await finish(leftover.name, record, exchange, on: administrator)
                try await administrator.unlock("database \(record.database)")
                if isFinished {
                    note(
                        "finished what a run had begun that is gone: \(record.database) is restored from \(record.snapshot)"
                    )
                    note("the database that was there before is \(exchange.keptAs)")
                    if options.replaces, record.database == database, record.snapshot == source.index.id {
                        result = Result(
                            snapshot: Snapshot(source.index),
                            database: database,
                            tables: exchange.tables,
                            rows: exchange.rows,
                            schemaIsEqual: exchange.schemaIsEqual,
                            previous: exchange.keptAs
                        )
                    }
                    try await administrator.unlock("draft \(leftover.name)")
                    continue
                }
            }
            try await administrator.query("DROP DATABASE IF EXISTS \(Identifier.quote(leftover.name)) WITH (FORCE)")
            note("dropped \(leftover.name), which a run had left that is gone")
            try await administrator.unlock("draft \(leftover.name)")
        }
        return result
    }

    private func finish(
        _ draft: String,
        _ record: DraftRecord,
        _ details: DraftRecord.Exchange,
        on administrator: PostgresConnection
    ) async throws -> Bool {
        let exchange = DatabaseExchange(
            draft: draft,
            record: record,
            exchange: details,
            administrator: administrator,
            patience: patience
        )
        do {
            let isFinished = try await exchange.finish { try await observe(.exchange($0)) }
            if !isFinished { try await exchange.reopen() }
            return isFinished
        } catch {
            await administrator.rollBack()
            try? await exchange.reopen()  // the first failure is the one to tell
            throw error
        }
    }
}
