import Foundation
import Hummingbird
import Postgres

extension DashboardPages {
    /// Adds the pages of jobs.
    func addJobs(to group: RouterGroup<AppRequestContext>) {
        group.get("jobs") { request, context in try await self.jobs(request, context) }
        group.get("jobs/new") { request, context in try await self.newJob(request, context) }
        group.post("jobs") { request, context in try await self.createJob(request, context) }
        group.post("jobs/actions") { request, context in try await self.actOnJobs(request, context) }
        group.get("jobs/:id") { request, context in try await self.job(request, context) }
        group.post("jobs/:id/:action") { request, context in try await self.actOnJob(request, context) }
    }

    private func jobs(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let fields = FormFields(request.uri.query ?? "")
        let filter = JobFilter(fields)
        let language = Self.language(of: request)
        let snapshot = try await dashboard.source.snapshot()
        var listing: JobListing?
        do {
            listing = try await dashboard.pool.withConnection { connection in
                try await JobListing.read(filter, from: fields["from"].flatMap { JobListCursor($0) }, on: connection)
            }
        } catch let error as PostgresError where error.sqlState == .queryCanceled {
            // A type of which there are few among many, in a state that has no index of its own.
        }
        var model = PageModel(tabs: filter, snapshot, in: language)
        let canAct = mayAct(context)
        model[flag: "mayAct"] = canAct
        model[flag: "isFiltered"] = filter != JobFilter()
        model["q"] = filter.search
        model["state"] = filter.view == .all ? nil : filter.view.rawValue
        model["caption"] = language(filter.view.word)
        model[list: "types"] = types(snapshot, filter).map { type in
            var option = PageModel(("name", type))
            option[flag: "isCurrent"] = type == filter.type
            return option
        }
        let entries = listing?.entries ?? []
        let isSearch = filter.search != nil || filter.type != nil
        model["emptyTitle"] = language(listing == nil ? "tooSlow" : isSearch ? "noMatch" : "noJobs")
        model["emptyText"] = language(listing == nil ? "tooSlowHint" : isSearch ? "noMatchHint" : "noJobsHint")
        model[flag: "hasJobs"] = !entries.isEmpty
        model[list: "jobs"] = entries.map { entry in
            PageModel(
                entry,
                at: snapshot.takenAt,
                in: language,
                canPick: canAct && context.principal?.csrfToken != nil,
                redaction: dashboard.redaction
            )
        }
        let base = "/dashboard/jobs?" + (filter.query.isEmpty ? "" : filter.query + "&")
        model["next"] = listing?.next.map { base + "from=" + $0.text }
        model["first"] = fields["from"] == nil ? nil : "/dashboard/jobs?" + filter.query
        var topic = DashboardTopic(.jobs, language, mayAct: canAct)
        topic.filter = filter
        topic.ids = entries.map(\.id)
        return await page("jobs", heading: language("jobs"), "jobs", model, events: topic.path, request, context)
    }

    /// The types that can be chosen: those that are known of, and the one that is chosen.
    private func types(_ snapshot: RuntimeSnapshot, _ filter: JobFilter) -> [String] {
        var types = Set(snapshot.queues.map(\.type) + snapshot.workers.flatMap(\.types) + dashboard.handlers.types)
        if let type = filter.type { types.insert(type) }
        return types.filter { !$0.isEmpty }.sorted()
    }

    private func job(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let id = context.parameters.get("id") ?? ""
        let language = Self.language(of: request)
        guard let job = try await JobDetails.read(id, from: dashboard.queue) else {
            let model = PageModel(
                ("detail", language("goneHint")),
                ("href", "/dashboard/jobs"),
                ("action", language("jobs"))
            )
            return await page(
                "jobs",
                heading: language("gone"),
                "message",
                model,
                status: .notFound,
                request,
                context
            )
        }
        let canAct = mayAct(context)
        let model = PageModel(
            job,
            in: language,
            mayAct: canAct,
            mayCopy: dashboard.handlers.types.contains(job.entry.type),
            redaction: dashboard.redaction
        )
        var topic = DashboardTopic(.job, language, mayAct: canAct)
        topic.ids = [job.entry.id]
        let name = job.entry.name.isEmpty ? job.entry.type : job.entry.name
        let heading = name.isEmpty ? String(job.entry.id.prefix(8)) : name
        return await page("jobs", heading: heading, "job", model, events: topic.path, request, context)
    }

    private func actOnJob(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let actor = try Self.actor(context)
        let id = context.parameters.get("id") ?? ""
        let action = context.parameters.get("action") ?? ""
        let fields = try await Self.form(request, context)
        let (done, count) = try await act(action, on: [id], by: actor)
        return Self.redirect(to: fields["back"] ?? "/dashboard/jobs/\(id)", done: done, count: count)
    }

    private func actOnJobs(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let actor = try Self.actor(context)
        let fields = try await Self.form(request, context)
        let ids = Array(fields.all("id").prefix(JobListing.length))
        let (done, count) = try await act(fields["action"] ?? "", on: ids, by: actor)
        return Self.redirect(to: fields["back"] ?? "/dashboard/jobs", done: done, count: count)
    }

    /// Does something to jobs; each of them is recorded in `job_events` with the name of who did it.
    ///
    /// - Returns: what was done, and to how many.
    private func act(_ action: String, on ids: [String], by actor: String) async throws -> (done: String, count: Int) {
        guard ids.allSatisfy({ UUID(uuidString: $0) != nil }) else {
            throw Problem.badRequest("that is no id of a job")
        }
        let queue = dashboard.queue
        switch action {
        case "retry": return ("retry", try await count(ids) { try await queue.retry($0, by: actor) })
        case "discard": return ("discard", try await count(ids) { try await queue.discard($0, by: actor) })
        case "cancel":
            var asked = 0
            let cancelled = try await count(ids) { id in
                if try await !queue.cancel(id, by: actor) { asked += 1 }
            }
            return (asked * 2 > cancelled ? "ask" : "cancel", cancelled)
        default: throw Problem.badRequest("there is no such action")
        }
    }

    /// Does something to each job; how many it could be done to.
    private func count(_ ids: [String], _ action: (String) async throws -> Void) async throws -> Int {
        var count = 0
        for id in ids where try await isDone(id, action) { count += 1 }
        return count
    }

    /// Does something to a job, unless it is gone, or went on in the meantime.
    private func isDone(_ id: String, _ action: (String) async throws -> Void) async throws -> Bool {
        do {
            try await action(id)
            return true
        } catch let error as AppRuntimeError where [.wrongState, .noJob].contains(error.code) {
            return false
        }
    }
}

extension JobFilter.View {
    /// The phrase for it.
    var word: String { self == .all ? "all" : rawValue }
}

extension PageModel {
    /// The lists of jobs that can be chosen, with how many jobs are in them.
    init(tabs filter: JobFilter, _ snapshot: RuntimeSnapshot, in language: DashboardLanguage) {
        self.init()
        let counts = snapshot.counts
        self[list: "tabs"] = JobFilter.View.allCases.map { view in
            let count: String? =
                switch view {
                case .waiting: language.count(counts.runnable)
                case .scheduled: language.count(counts.scheduled)
                case .running: language.number(counts.running)
                case .failed: language.count(counts.failed)
                default: nil
                }
            let query = filter.showing(view).query
            // With a type or a search chosen the numbers of all jobs would mislead.
            let isWhole = filter.type == nil && filter.search == nil
            var tab = PageModel(
                ("name", language(view.word)),
                ("href", "/dashboard/jobs" + (query.isEmpty ? "" : "?" + query)),
                ("count", isWhole && count != "0" ? count : nil)
            )
            tab[flag: "isCurrent"] = view == filter.view
            tab[flag: "isBad"] = view == .failed
            return tab
        }
    }
}
