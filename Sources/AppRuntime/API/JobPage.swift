import Foundation
import Postgres

/// A page of jobs, by an index that has the page's order.
///
/// The order depends on the state that is asked for: all jobs come newest first, pending ones as workers take them, running ones by
/// when they were started, and those that ended by when they did. Types are looked for among ten thousand jobs at most, but for
/// completed ones: a page may have fewer rows than it was asked for, or none, and still say where to go on.
struct JobPage: Sendable {
    /// How many rows are looked at for one page.
    static let window = 10_000

    let status: String?
    let types: [String]?
    let limit: Int
    let cursor: JobCursor?

    /// The page in the order of its index, as a statement.
    ///
    /// Every page has at least one row; its first column says behind which row of the window the next page may begin, its
    /// second one behind which of the page; the third one, the id, is null where there are no jobs.
    ///
    /// - Parameter explained: whether the server is to say how it reads the page, and not to give it.
    /// - Returns: the statement.
    /// - Throws: ``PostgresError`` for a value that cannot be sent.
    func statement(explained: Bool = false) throws(PostgresError) -> PostgresStatement {
        let order = order
        let isByType = status == "completed"
        let rows = types == nil || isByType ? limit + 1 : Self.window
        let found = branches(order).map { branch in
            isByType
                ? CompletedJobs.first(
                    "j.id, j.type, \(order.key) AS key, NULL::timestamptz AS created_at",
                    hasUntyped: types == nil,
                    where: branch,
                    order: order.sql,
                    limit: "\(rows)"
                )
                : "(SELECT j.id, j.type, \(order.key) AS key, j.created_at FROM jobs j WHERE \(branch) "
                    + "ORDER BY \(order.sql) LIMIT \(rows))"
        }.joined(separator: " UNION ALL ")
        let known = types == nil ? CompletedJobs.types : CompletedJobs.types(in: "$1::text[]")
        return try PostgresStatement(
            """
            \(explained ? "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF)" : "") WITH RECURSIVE \(isByType ? "\(known), " : "")w AS MATERIALIZED (
                SELECT *, row_number() OVER (ORDER BY \(order.outer)) AS place FROM (\(found)) f
                ORDER BY \(order.outer) LIMIT \(rows)
            ), p AS (
                SELECT id, place FROM w WHERE $1::text[] IS NULL OR type = ANY ($1::text[]) ORDER BY place LIMIT \(limit + 1)
            )
            SELECT (SELECT \(order.cursor) FROM w WHERE place = \(Self.window)), \(order.rowCursor),
                \(JobMembers.columns(error: "left(j.error, 300)"))
            FROM (SELECT) one LEFT JOIN (
                p JOIN jobs j ON j.id = p.id LEFT JOIN job_claims k ON k.job_id = p.id
            ) ON true
            ORDER BY p.place
            """,
            types,
            cursor?.key,
            cursor?.time,
            cursor?.id,
            status
        )
    }

    /// The order of a page.
    private struct Order {
        /// What decides first.
        let key: String
        let sql: String
        /// The same over the columns of the window.
        let outer: String
        /// Where a row of the window stands.
        let cursor: String
        /// Where a job stands.
        let rowCursor: String
    }

    private var order: Order {
        if status == "pending" {
            return Order(
                key: "j.priority",
                sql: "j.priority DESC, j.created_at, j.id",
                outer: "key DESC, created_at, id",
                cursor: "concat_ws('|', key, created_at AT TIME ZONE 'UTC', id)",
                rowCursor: "concat_ws('|', j.priority, j.created_at AT TIME ZONE 'UTC', j.id)"
            )
        }
        let column = status == nil ? "j.created_at" : status == "running" ? "j.started_at" : "j.completed_at"
        return Order(
            key: column,
            sql: "\(column) DESC, j.id DESC",
            outer: "key DESC, id DESC",
            cursor: "concat_ws('|', 0, key AT TIME ZONE 'UTC', id)",
            rowCursor: "concat_ws('|', 0, \(column) AT TIME ZONE 'UTC', j.id)"
        )
    }

    /// The ranges of indexes that the page comes from; each is read from its beginning.
    private func branches(_ order: Order) -> [String] {
        // The parameters are used in every form of the statement, so that it always has as many.
        let unused = "($2::int IS NULL OR true) AND ($5::text IS NULL OR true)"
        switch status {
        case "pending":
            let all = "j.status = 'pending' AND j.priority IS NOT NULL AND \(unused)"
            guard cursor != nil else { return ["\(all) AND $3::text IS NULL AND $4::text IS NULL"] }
            return [
                "\(all) AND j.priority = $2::int AND (j.created_at, j.id) > ($3::timestamptz, $4::uuid)",
                "\(all) AND j.priority < $2::int",
            ]
        case let status:
            // No index has all jobs: those that run, of which there are few, are not in the one by age.
            let states =
                status.map { ["j.status = '\($0)'"] } ?? [
                    "j.status IS DISTINCT FROM 'running'", "j.status = 'running'",
                ]
            let place =
                cursor == nil
                ? "$3::text IS NULL AND $4::text IS NULL" : "(\(order.key), j.id) < ($3::timestamptz, $4::uuid)"
            return states.map { "\($0) AND \(order.key) IS NOT NULL AND \(unused) AND \(place)" }
        }
    }

    /// Writes the page as JSON.
    func write(_ rows: PostgresRows) -> [UInt8] {
        var json = JSONWriter(capacity: 512 * (rows.count + 1))
        json.beginObject()
        json.name("jobs")
        json.beginArray()
        var next: String?
        for (index, row) in rows.enumerated() {
            guard row[2].bytes != nil else { continue }
            guard index < limit else { break }
            if index == limit - 1, rows.count > limit { next = row[1].text }
            json.object { JobMembers.write(row, from: 2, to: &$0) }
        }
        json.endArray()
        json.name("next")
        // A page that is not full ends with its window, if that is not the end of the table.
        if rows.count <= limit, types != nil { next = rows.first?[0].text }
        json.text(next.flatMap { JobCursor(row: $0) }?.text(for: self))
        json.endObject()
        return json.bytes
    }
}

/// Where a page of jobs ends, and the next one begins.
struct JobCursor: Sendable, Hashable {
    /// The priority, where it decides.
    let key: Int
    /// The time that decides, as the server writes it in UTC.
    let time: String
    /// The id that decides among jobs of one time.
    let id: String

    /// Reads what a row says of its place; nil where there is none.
    init?(row: String) {
        let parts = row.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 3, let key = Int32(parts[0]), UUID(uuidString: String(parts[2])) != nil else { return nil }
        let digits = Set("0123456789-:. +")
        guard (10...40).contains(parts[1].count), parts[1].allSatisfy(digits.contains) else { return nil }
        self.key = Int(key)
        time = parts[1].hasSuffix("+00") ? String(parts[1]) : parts[1] + "+00"
        id = String(parts[2])
    }

    /// Reads what a client sends back; nil for what no page of the same state gave.
    init?(text: String, status: String?) {
        let padded = text.replacing("-", with: "+").replacing("_", with: "/")
        guard let data = Data(base64Encoded: padded + String(repeating: "=", count: (4 - padded.count % 4) % 4)) else {
            return nil
        }
        let parts = String(decoding: data, as: UTF8.self).split(separator: "/", maxSplits: 1)
        guard parts.count == 2, parts[0] == (status ?? "all") else { return nil }
        self.init(row: String(parts[1]))
    }

    /// What a client sends back.
    func text(for page: JobPage) -> String {
        Data("\(page.status ?? "all")/\(key)|\(time)|\(id)".utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
