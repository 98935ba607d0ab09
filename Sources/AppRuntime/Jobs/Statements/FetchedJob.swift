import Foundation
import Postgres

/// A job that was taken, as the fetch returns it.
struct FetchedJob: Sendable {
    let id: String
    let type: String
    let data: String
    let attempt: Int
    let maxAttempts: Int
    let token: Int
    let waited: Double
    let batch: String?
    let traceParent: String?

    /// Where the id, the priority and, of a job that waited for no time, its place in the order stand in a row.
    static let (idColumn, priorityColumn, queuedAtColumn) = (0, 9, 10)

    /// Reads what a fetch gave.
    static func all(of rows: PostgresRows) throws(PostgresError) -> [FetchedJob] {
        var jobs: [FetchedJob] = []
        jobs.reserveCapacity(rows.count)
        for row in rows.indices { jobs.append(try FetchedJob(rows, row)) }
        return jobs
    }

    private init(_ rows: PostgresRows, _ row: Int) throws(PostgresError) {
        // The columns without a value of their own are never null: the fetch makes them.
        id = rows.text(row: row, column: Self.idColumn) ?? ""
        type = rows.text(row: row, column: 1) ?? ""
        data = rows.text(row: row, column: 2) ?? "{}"
        attempt = try rows.number(row: row, column: 3) ?? 1
        maxAttempts = try rows.number(row: row, column: 4) ?? 1
        token = try rows.number(row: row, column: 5) ?? 0
        waited = rows.text(row: row, column: 6).flatMap(Double.init) ?? 0
        batch = rows.text(row: row, column: 7)
        traceParent = rows.text(row: row, column: 8)
    }
}

extension FetchedJob {
    /// A job that no worker has claimed.
    init(id: String, type: String, data: String, attempt: Int, maxAttempts: Int) {
        (self.id, self.type, self.data, self.attempt, self.maxAttempts) = (id, type, data, attempt, maxAttempts)
        (token, waited, batch, traceParent) = (0, 0, nil, nil)
    }

    /// The time for which a schedule fired the job with this payload.
    static func slot(in data: String) -> String? {
        (try? JSONDecoder().decode(SlotOnly.self, from: Data(data.utf8)))?.slot  // other payloads have no slot
    }
}

private struct SlotOnly: Decodable {
    var slot: String?
}
