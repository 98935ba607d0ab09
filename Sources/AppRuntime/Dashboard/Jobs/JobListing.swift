import Foundation
import Postgres

/// A page of a list of jobs.
struct JobListing: Sendable {
    /// A job in a list.
    struct Entry: Sendable, Equatable {
        let id: String
        let name: String
        let type: String
        let status: String
        let priority: Int
        let attempts: Int
        let maxAttempts: Int
        let scheduledFor: Date?
        let startedAt: Date?
        let completedAt: Date?
        let createdAt: Date?
        let error: String?
        let progress: Double?
        let isAskedToStop: Bool
        /// By what the part of the list is ordered, as the server writes it.
        fileprivate let place: String?
    }

    let entries: [Entry]
    /// Where the next page begins; nil if there is none.
    let next: JobListCursor?

    static let length = 50

    /// Reads a page.
    ///
    /// - Parameters:
    ///   - filter: which jobs.
    ///   - cursor: where to begin.
    ///   - connection: where to read.
    /// - Returns: the page.
    /// - Throws: `PostgresError`, also when the server was stopped after two seconds.
    static func read(
        _ filter: JobFilter,
        from cursor: JobListCursor?,
        on connection: PostgresConnection
    ) async throws -> JobListing {
        try await connection.withTransaction(TransactionOptions(isReadOnly: true)) { connection in
            try await connection.query("SET LOCAL statement_timeout = '2s'")
            if let search = filter.search {
                let ids = try await JobSearch.ids(search, on: connection)
                return JobListing(entries: try await entries(ids, matching: filter, on: connection), next: nil)
            }
            return try await chain(filter, from: cursor, on: connection)
        }
    }

    private static func chain(
        _ filter: JobFilter,
        from cursor: JobListCursor?,
        on connection: PostgresConnection
    ) async throws -> JobListing {
        let parts = filter.view.parts
        var entries: [Entry] = []
        var position = cursor.flatMap { parts.contains($0.part) ? $0 : nil } ?? JobListCursor(part: parts[0])
        while true {
            let room = length - entries.count
            let found = try await rows(of: position, filter, limit: room + 1, on: connection)
            entries += found.prefix(room)
            if found.count > room {
                guard room > 0, let last = entries.last else { return JobListing(entries: entries, next: position) }
                let isByPriority = position.part == .waiting
                let next = JobListCursor(
                    part: position.part,
                    time: last.place,
                    priority: isByPriority ? last.priority : nil,
                    id: last.id
                )
                return JobListing(entries: entries, next: next)
            }
            guard let place = parts.firstIndex(of: position.part), place + 1 < parts.count else {
                return JobListing(entries: entries, next: nil)
            }
            position = JobListCursor(part: parts[place + 1])
        }
    }

    private static func rows(
        of position: JobListCursor,
        _ filter: JobFilter,
        limit: Int,
        on connection: PostgresConnection
    ) async throws -> [Entry] {
        let statement = JobPart(position, filter).sql
        let rows = try await connection.query(
            statement,
            limit,
            filter.type,
            position.time,
            position.id,
            position.priority
        )
        return try rows.map(Entry.init)
    }

    private static func entries(
        _ ids: [String],
        matching filter: JobFilter,
        on connection: PostgresConnection
    ) async throws -> [Entry] {
        let rows = try await connection.query(
            """
            SELECT \(JobPart.columns), NULL FROM jobs j LEFT JOIN job_claims k ON k.job_id = j.id
            WHERE j.id = ANY ($1::uuid[]) AND ($2::text IS NULL OR j.type = $2) AND ($3::text[] IS NULL OR j.status = ANY ($3))
            ORDER BY j.created_at DESC, j.id LIMIT \(length)
            """,
            ids,
            filter.type,
            filter.view.statuses
        )
        return try rows.map(Entry.init)
    }
}

extension JobListing.Entry {
    init(_ row: PostgresRow) throws(PostgresError) {
        id = try String(postgres: row[0])
        name = try String(postgres: row[1])
        type = try String(postgres: row[2])
        status = try String(postgres: row[3])
        priority = try Int(postgres: row[4])
        attempts = try Int(postgres: row[5])
        maxAttempts = try Int(postgres: row[6])
        scheduledFor = try Date?(postgres: row[7])
        startedAt = try Date?(postgres: row[8])
        completedAt = try Date?(postgres: row[9])
        createdAt = try Date?(postgres: row[10])
        error = row[11].text
        progress = try Double?(postgres: row[12])
        isAskedToStop = try Bool(postgres: row[13])
        place = row[14].text
    }
}

extension JobFilter.View {
    /// The parts of which the list is made, in their order.
    var parts: [JobListCursor.Part] {
        switch self {
        case .all: [.running, .waiting, .scheduled, .ended]
        case .running: [.running]
        case .waiting: [.waiting]
        case .scheduled: [.scheduled]
        case .failed, .completed, .cancelled: [.ended]
        }
    }

    /// The values of `jobs.status` that it shows; nil for all.
    var statuses: [String]? {
        switch self {
        case .all: nil
        case .running, .failed, .completed, .cancelled: [rawValue]
        case .waiting, .scheduled: ["pending"]
        }
    }
}
