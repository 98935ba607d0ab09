package import Postgres

/// What measurements of the queue need of its insides.
package enum JobProbe {
    /// What a worker sends, for ``PostgresConnection/preparedPipeline(_:)``, to take jobs at least one of which may run.
    package static func fetch(_ types: [String], limit: Int, worker: String) throws -> [PostgresStatement] {
        [
            try PostgresStatement(WorkerTransaction.taking),
            try PostgresStatement(FetchStatement.unlimited, types, limit, worker, types.map { _ in 600.0 }),
            try PostgresStatement(FetchStatement.hasLimited, types),
        ]
    }

    /// The part of ``fetch(_:limit:worker:)`` that finds and locks the jobs and changes nothing.
    package static func find(_ types: [String], limit: Int) throws -> [PostgresStatement] {
        [
            try PostgresStatement(WorkerTransaction.taking),
            try PostgresStatement(FetchStatement.found, types, limit, nil as String?, types.map { _ in 600.0 }),
        ]
    }

    /// The statement of the first page of all jobs, so many rows; every parameter is null.
    package static func page(of rows: Int) throws -> String {
        try JobPage(status: nil, types: nil, limit: rows, cursor: nil).statement().sql
    }
}
