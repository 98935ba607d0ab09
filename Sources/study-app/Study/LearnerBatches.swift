import Postgres

extension PostgresPool {
    /// Sees to learners, some hundreds in one transaction: a run that is cut off leaves whole learners behind it.
    ///
    /// - Parameters:
    ///   - learners: their ids.
    ///   - report: is told how far it is, from 0 to 1.
    ///   - work: what to do for some of them.
    /// - Throws: what the work throws; `CancellationError` between two batches.
    nonisolated func forBatches(
        of learners: [String],
        report: (Double) -> Void,
        _ work: (PostgresConnection, [String]) async throws -> Void
    ) async throws {
        let size = 500
        for start in stride(from: 0, to: learners.count, by: size) {
            try Task.checkCancellation()
            let end = min(start + size, learners.count)
            let batch = Array(learners[start..<end])
            try await withConnection { connection in
                try await connection.withTransaction { try await work($0, batch) }
            }
            report(Double(end) / Double(learners.count))
        }
    }
}
