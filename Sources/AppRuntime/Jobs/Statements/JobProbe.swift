import Postgres

/// What measurements of the queue need of its insides.
package enum JobProbe {
    /// The statement of a fetch, with the parameters types, limit, worker and timeouts in seconds.
    package static var fetch: String { FetchStatement.unlimited }
    /// The statement of the first page of all jobs, so many rows; every parameter is null.
    package static func page(of rows: Int) throws -> String {
        try JobPage(status: nil, types: nil, limit: rows, cursor: nil).statement().sql
    }
}
