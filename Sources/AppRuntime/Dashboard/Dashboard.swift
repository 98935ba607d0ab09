public import Hummingbird
public import Migrator
public import Postgres
public import SchemaDiff

/// The pages under `/dashboard` by which people look after an application: how it is, its jobs, queues, schedules and workers, its
/// migrations, backups and alerts.
///
/// The server draws the pages; they can be read and used without JavaScript, and follow what happens with it. Whatever
/// stands in a page is escaped, payloads and logs are shown without what ``Redaction`` masks. Looking needs one of
/// ``readers``, changing something the role operator, and each change is recorded with the name of whoever made it.
///
/// ```swift
/// let source = SnapshotSource(to: settings, status: gate.status)
/// http.groups = [Dashboard(queue, source, pool: pool)]
/// ```
public struct Dashboard: RouteGroup {
    /// The application's name.
    public var site = "Lastro"
    /// Who may look; an admin always may.
    public var readers: [Role] = [.editor, .operator]
    /// Where people sign in; nil if a request without a session is only refused.
    public var signInPath: String?
    /// Where people look after their own account, and sign out; nil if there is no such page.
    public var accountPath: String?
    /// The kinds of jobs that can be made by hand.
    public var handlers = JobHandlers()
    /// What knows which migrations there are; nil leaves the page empty.
    public var migrator: Migrator?
    /// What looks for drift when somebody asks for it.
    public var drift: DriftCheck?
    /// What is masked.
    public var redaction = Redaction()
    /// How often pages are brought up to date.
    public var interval = Duration.seconds(2)
    /// How many pages are brought up to date at most; more are told to come back later.
    public var longestAudience = 256

    let queue: JobQueue
    let source: SnapshotSource
    let pool: PostgresPool

    /// Makes the pages.
    ///
    /// - Parameters:
    ///   - queue: the jobs.
    ///   - source: where the figures come from; it looks once for all pages that are open.
    ///   - pool: connections for everything else.
    public init(_ queue: JobQueue, _ source: SnapshotSource, pool: PostgresPool) {
        self.queue = queue
        self.source = source
        self.pool = pool
    }

    /// Adds the pages.
    public func add(to router: RouterGroup<AppRequestContext>) {
        let pages = DashboardPages(self)
        let all = router.group("dashboard")
        all.get("assets/:name") { request, context in try DashboardPages.asset(request, context) }
        let group = router.group("dashboard")
        group.add(middleware: DashboardDoor(pages: pages))
        group.get { request, context in try await pages.overview(request, context) }
        group.get("events") { request, context in try await pages.events(request, context) }
        pages.addJobs(to: group)
        pages.addOperations(to: group)
    }
}
