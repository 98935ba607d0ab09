import Foundation
import Postgres

/// Finds what open pages are sent. What is the same for several pages is read and drawn once.
actor DashboardLive {
    private let dashboard: Dashboard
    private let watched: WatchedJobs
    let runs: SharedAnswer<[ScheduleRun]>
    let ages: SharedAnswer<[Date: Double]>
    private var shared: [DashboardTopic: SharedAnswer<DashboardEvent>] = [:]
    private var details: [String: (entry: JobListing.Entry, job: JobDetails, at: ContinuousClock.Instant)] = [:]
    /// How many pages follow what happens.
    private(set) var audience = 0

    init(_ dashboard: Dashboard) {
        self.dashboard = dashboard
        // A little less than the interval: who comes back after it is to find something new.
        let lifetime = dashboard.interval * 0.9
        watched = WatchedJobs(pool: dashboard.pool, lifetime: lifetime)
        runs = SharedAnswer(for: .seconds(5)) { [pool = dashboard.pool] in try await ScheduleRun.read(from: pool) }
        ages = SharedAnswer(for: .seconds(30)) { [pool = dashboard.pool] in try await OldestAges.read(from: pool) }
    }

    /// How many statements looked at the jobs of open pages.
    var looks: Int { get async { await watched.looks } }

    /// Takes a page in.
    func begin(_ topic: DashboardTopic) async -> WatchedJobs.Watch {
        audience += 1
        return await watched.begin(topic.ids)
    }

    func end(_ watch: WatchedJobs.Watch) async {
        audience -= 1
        await watched.end(watch)
        if audience == 0 {
            shared = [:]
            details = [:]
        }
    }

    /// What a page is to show now.
    func event(_ topic: DashboardTopic, _ watch: WatchedJobs.Watch) async throws -> DashboardEvent {
        switch topic.page {
        case .jobs: return try await jobs(topic, watch)
        case .job: return try await job(topic, watch)
        default:
            let answer =
                shared[topic]
                ?? SharedAnswer(for: dashboard.interval * 0.9) { [self] in
                    let model = try await model(topic)
                    let name = topic.page.rawValue + "-live"
                    return DashboardEvent(live: DashboardPages.templates.render(name, model, in: topic.language))
                }
            shared[topic] = answer
            return try await answer()
        }
    }

    /// The model of a page that is the same for all who look at it.
    nonisolated func model(_ topic: DashboardTopic) async throws -> PageModel {
        let snapshot = try await dashboard.source.snapshot()
        let language = topic.language
        switch topic.page {
        case .overview: return PageModel(overview: snapshot, try await ages(), in: language)
        case .queues: return PageModel(queues: snapshot, in: language, mayAct: topic.mayAct)
        case .schedules:
            return PageModel(schedules: snapshot, try await runs(), in: language, mayAct: topic.mayAct)
        case .workers: return PageModel(workers: snapshot, in: language)
        case .alerts: return PageModel(alerts: snapshot, in: language, mayAct: topic.mayAct)
        case .jobs, .job: return PageModel()
        }
    }

    private func jobs(_ topic: DashboardTopic, _ watch: WatchedJobs.Watch) async throws -> DashboardEvent {
        let snapshot = try await dashboard.source.snapshot()
        let (entries, now) = try await watched.jobs(of: watch)
        let templates = DashboardPages.templates
        let language = topic.language
        let rows = entries.map { entry in
            let model = PageModel(
                entry,
                at: now,
                in: language,
                canPick: topic.mayAct,
                redaction: dashboard.redaction
            )
            return (entry.id, templates.render("job-row", model, in: language))
        }
        let tabs = PageModel(tabs: topic.filter, snapshot, in: language)
        return DashboardEvent(
            live: templates.render("jobs-live", tabs, in: language),
            rows: Dictionary(rows) { $1 }
        )
    }

    /// A job is read as a whole only when its row has changed, or a few seconds have passed in which it may have logged something.
    private func job(_ topic: DashboardTopic, _ watch: WatchedJobs.Watch) async throws -> DashboardEvent {
        guard let entry = try await watched.jobs(of: watch).jobs.first else {
            let text = "<p class=\"message warn\">\(topic.language("gone").escapedForHTML)</p>"
            return DashboardEvent(live: text)
        }
        let patience = entry.status == "running" ? dashboard.interval : .seconds(15)
        let known = details[entry.id].flatMap { known in
            known.entry == entry && known.at.duration(to: .now) < patience ? known.job : nil
        }
        let job: JobDetails
        if let known {
            job = known
        } else if let read = try await JobDetails.read(entry.id, from: dashboard.queue) {
            job = read
            details[entry.id] = (entry, read, .now)
        } else {
            return DashboardEvent(live: "")
        }
        let model = PageModel(
            job,
            in: topic.language,
            mayAct: topic.mayAct,
            mayCopy: dashboard.handlers.types.contains(entry.type),
            redaction: dashboard.redaction
        )
        return DashboardEvent(live: DashboardPages.templates.render("job-live", model, in: topic.language))
    }
}

/// How old the oldest waiting job was in each minute, as it was written down then.
enum OldestAges {
    static let sql = """
        SELECT date_trunc('minute', coletado_em), max(valor) FROM ops_metrics
        WHERE nome = 'jobs_oldest_runnable_age_seconds' AND coletado_em > now() - interval '1 hour' GROUP BY 1
        """

    static func read(from pool: PostgresPool) async throws -> [Date: Double] {
        let rows = try await pool.withConnection { try await $0.query(sql).decode(as: (Date, Double).self) }
        return Dictionary(rows) { $1 }
    }
}
