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

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try String(postgres: row[0])
        type = try String(postgres: row[1])
        data = row[2].text ?? "{}"
        attempt = try Int(postgres: row[3])
        maxAttempts = try Int(postgres: row[4])
        token = try Int(postgres: row[5])
        waited = try Double?(postgres: row[6]) ?? 0
        batch = row[7].text
        traceParent = row[8].text
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
