import Foundation
import Postgres

/// The jobs that open pages show: looked at together, with one statement for all pages.
actor WatchedJobs {
    /// What a page holds as long as it watches.
    struct Watch: Sendable, Hashable {
        fileprivate let number: Int
    }

    /// The jobs as they are, and when that was.
    struct Look: Sendable {
        let jobs: [String: JobListing.Entry]
        let at: Date
    }

    /// So many jobs are looked at; pages beyond that show what they showed when they were loaded.
    static let limit = 1000

    private let pool: PostgresPool
    private let lifetime: Duration
    private var watches: [Int: [String]] = [:]
    private var next = 0
    private var last: (result: Result<Look, any Error>, at: ContinuousClock.Instant, ids: Set<String>)?
    private var underWay: Task<Look, any Error>?
    /// How many statements were sent.
    private(set) var looks = 0

    init(pool: PostgresPool, lifetime: Duration) {
        self.pool = pool
        self.lifetime = lifetime
    }

    /// How many pages watch.
    var count: Int { watches.count }

    func begin(_ ids: [String]) -> Watch {
        next += 1
        let ids = ids.filter { UUID(uuidString: $0) != nil }
        let known = watches.values.reduce(into: Set<String>()) { $0.formUnion($1) }.union(ids)
        watches[next] = known.count <= Self.limit ? ids : []
        return Watch(number: next)
    }

    func end(_ watch: Watch) { watches[watch.number] = nil }

    /// The jobs of a watch as they are, or were a moment ago.
    func jobs(of watch: Watch) async throws -> (jobs: [JobListing.Entry], at: Date) {
        let own = watches[watch.number] ?? []
        guard !own.isEmpty else { return ([], Date()) }
        let look = try await look(containing: own)
        return (own.compactMap { look.jobs[$0.lowercased()] }, look.at)
    }

    private func look(containing ids: [String]) async throws -> Look {
        if let last, last.at.duration(to: .now) < lifetime, last.ids.isSuperset(of: ids) {
            return try last.result.get()
        }
        if let underWay { return try await underWay.value }
        let all = watches.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        let task = Task { [pool] in try await Self.read(Array(all), from: pool) }
        underWay = task
        let result = await task.result
        underWay = nil
        looks += 1
        last = (result, .now, all)
        return try result.get()
    }

    /// The statement; by the primary keys of both tables.
    static let sql = """
        SELECT \(JobPart.columns), NULL FROM jobs j LEFT JOIN job_claims k ON k.job_id = j.id
        WHERE j.id = ANY ($1::uuid[])
        """

    private static func read(_ ids: [String], from pool: PostgresPool) async throws -> Look {
        let rows = try await pool.withConnection { try await $0.query(sql, ids) }
        let entries = try rows.map(JobListing.Entry.init)
        return Look(jobs: Dictionary(entries.map { ($0.id, $0) }) { $1 }, at: Date())
    }
}
