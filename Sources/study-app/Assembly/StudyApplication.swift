import AppRuntime
import Foundation
import Hummingbird
import Logging
import Metrics
import Migrator
import Postgres
import ProjectSettings
import SchemaDiff
import ServiceLifecycle

/// The back end, put together: what of it runs in this process, behind the gate.
struct StudyApplication: Sendable {
    /// What a process does.
    enum Duty: Hashable, Sendable, CaseIterable {
        /// Answers requests.
        case http
        /// Works on jobs.
        case work
        /// Leads where it can: fires schedules, gives back what dead workers had, deletes what is old.
        case schedule
    }

    let settings: AppSettings
    let database: AppDatabase
    let duties: Set<Duty>
    let gate: BootGate
    let probes: ProbeListener
    let pool: PostgresPool
    let jobs: StudyJobs
    let queue: JobQueue
    let accounts: Accounts
    let http: HTTPServer
    /// What processes share; nil where none is configured, and limits are each process's own.
    let redis: Redis?
    /// How everything is, looked at once for all who ask.
    let snapshots: SnapshotSource
    /// What requests took.
    let requests = RequestFigures()
    /// What looks for drift.
    let drift: DriftCheck
    /// Whom alerts are told.
    let alerts: AlertConfiguration

    /// Puts it together; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - settings: what is configured.
    ///   - database: the database.
    ///   - duties: what this process does.
    ///   - mode: who migrates.
    /// - Throws: `ConfigurationError`.
    init(_ settings: AppSettings, on database: AppDatabase, duties: Set<Duty>, mode: BootGate.Mode) throws {
        self.settings = settings
        self.database = database
        self.duties = duties
        let migrator = Migrator(directory: settings.migrations, database: database.settings)
        var gate = BootGate(migrator, mode: mode)
        if FileManager.default.fileExists(atPath: settings.queries) { gate.checks = [.queries(in: settings.queries)] }
        drift = DriftCheck(of: database.settings, against: .migrations(settings.migrations))
        if let reaction = try settings.driftReaction() { gate.checks.append(.drift(drift, onFinding: reaction)) }
        self.gate = gate
        probes = ProbeListener(
            gate.status,
            address: .hostname("127.0.0.1", port: try settings.port(.probePort, default: 3334)),
            token: settings.text(.probeToken).flatMap(BearerToken.init),
            metrics: .shared
        )
        pool = PostgresPool(to: database.settings.with("application_name", "study-app"), limit: 10)
        queue = JobQueue(pool: pool)
        let backups = try BackupConfiguration(settings)
        if duties.contains(.work) { try backups.check() }
        alerts = try AlertReader(ProjectFile(settings), settings).configuration()
        jobs = StudyJobs(database: database.settings, pool: pool, backups: backups)
        accounts = Accounts(pool: pool, hasher: PasswordHasher(cost: try settings.passwordCost()))
        let options = try settings.httpOptions()
        let cookie = SessionCookie(isSecure: options.isBehindTLS)
        redis = try settings.redis()
        snapshots = SnapshotSource(to: database.settings, status: gate.status)
        let api = JobsAPI(queue: queue, handlers: jobs.handlers, snapshots: snapshots, status: gate.status)
        var dashboard = Dashboard(queue, snapshots, pool: pool)
        dashboard.site = "Study"
        dashboard.signInPath = "/login"
        dashboard.accountPath = "/account"
        dashboard.handlers = jobs.handlers
        dashboard.migrator = migrator
        dashboard.drift = drift
        var http = HTTPServer(
            gate.status,
            options: options,
            authenticator: SessionAuthenticator(accounts: accounts, cookie: cookie)
        )
        let routes = api.routes(
            APIDescription(title: "Study platform", version: "1", sessionCookie: cookie.name),
            adding: AccountAPI(accounts: accounts, cookie: cookie).routes,
            components: AccountAPI.components
        )
        http.groups = [AccountRoutes(accounts: accounts, cookie: cookie), routes, dashboard]
        http.onRequest = { [requests] in requests.record($0) }
        http.requestLimits = RequestLimits(RateLimiter(redis: redis))
        http.problemPage = { problem, request, _ in
            // Whoever looks at a page without having logged in is led there, and back.
            guard problem.status == .unauthorized, request.method == .get else { return nil }
            let path = request.uri.path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return Response(status: .seeOther, headers: [.location: "/login?next=\(path)"])
        }
        self.http = http
    }

    /// Runs until a signal ends it.
    ///
    /// - Throws: what keeps the gate shut; what a part throws.
    func run() async throws {
        var runtime = ApplicationRuntime(gate: gate, probes: probes)
        if let redis { runtime.checks.append(redis.healthCheck) }
        runtime.parts = parts
        try await runtime.run()
    }

    private var parts: [RuntimePart] {
        var parts = [RuntimePart.pool(pool)]
        if duties.contains(.work) {
            parts.append(
                RuntimePart("workers", JobWorker(to: database.settings, handlers: jobs.handlers, queue: queue))
            )
        }
        parts.append(
            RuntimePart("observer", RuntimeObserver(snapshots, requests: requests, to: database.settings))
        )
        parts.append(
            RuntimePart("alerts", AlertService(to: database.settings, channels: alerts.channels)) { [pool, alerts] in
                try await pool.withConnection { try await AlertRule.store(alerts.rules, on: $0) }
            }
        )
        if duties.contains(.schedule) {
            let maintenance = JobMaintenance(
                to: database.settings,
                adding: [.schedules(), .tidyAccounts, .trends(from: snapshots)]
                    + MaintenanceDuty.alerts([
                        .figures(from: snapshots), .criticalJobs(jobs.handlers.criticalTypes), .handBacks, .backups,
                        .migrations(gate.migrator), .drift(drift), .anomalies,
                    ])
            )
            parts.append(
                RuntimePart("scheduler", maintenance) { [pool] in
                    let schedules = try StudyJobs.schedules()
                    try await pool.withConnection { try await JobSchedule.store(schedules, on: $0) }
                }
            )
        }
        if duties.contains(.http) { parts.append(http.part) }
        parts.append(
            RuntimePart("report") { [self] started in
                started()
                return ReportService(application: self)
            }
        )
        return parts
    }
}

extension AppSettings {
    /// What becomes of a schema that is not as its migrations make it, before anything starts; nil if nobody looks.
    ///
    /// - Throws: `ConfigurationError`.
    func driftReaction() throws(ConfigurationError) -> GateCheck.Reaction? {
        let reactions: [String: GateCheck.Reaction?] = ["off": nil, "report": .report, "refuse": .refuse]
        return try value(.drift, expected: "off, report or refuse") { reactions[$0] } ?? nil
    }

    /// Where HTTP is served, and what it takes.
    ///
    /// - Throws: `ConfigurationError`.
    func httpOptions() throws(ConfigurationError) -> HTTPServerOptions {
        var options = HTTPServerOptions()
        options.port = try port(.port, default: options.port)
        options.host = text(.host) ?? options.host
        options.trustedProxies = Set(words(.trustedProxies))
        let expected = "an address such as https://study.example.org"
        if let origin = try value(.publicURL, expected: expected, Self.origin) {
            options.origins = [origin]
            options.isBehindTLS = origin.hasPrefix("https:")
        }
        return options
    }

    /// What processes share, if one is configured.
    ///
    /// - Throws: `ConfigurationError`, without the address, which may hold a password.
    func redis() throws(ConfigurationError) -> Redis? {
        guard let url = text(.redis) else { return nil }
        do {
            return Redis(try RedisSettings(url))
        } catch {
            throw mistake("\(error)", of: .redis, next: "leave it out to do without")
        }
    }

    private static func origin(of address: String) -> String? {
        guard let url = URL(string: address), let scheme = url.scheme, ["http", "https"].contains(scheme),
            let host = url.host
        else { return nil }
        return "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
    }
}

/// Says on standard output that the application is ready, and stays.
private struct ReportService: Service, CustomStringConvertible {
    let application: StudyApplication

    var description: String { "report" }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                try await application.waitUntilLookedAt()
                let report = try await StartReport(application)
                StudyApp.say(report.text)
            }
        } catch is CancellationError {
            return
        }
        try? await gracefulShutdown()  // cancelled: the end all the same
    }
}

extension StudyApplication {
    /// Waits for the first look at each component, so that what is said of health is known and not guessed; not for long.
    fileprivate func waitUntilLookedAt() async throws {
        let limit = ContinuousClock.now + .seconds(10)
        while gate.status.current.phase != .ready || !gate.status.current.isReady {
            guard ContinuousClock.now < limit else { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
