import Foundation
import Postgres

/// What an open page follows.
struct DashboardTopic: Sendable, Hashable {
    enum Page: String, Sendable {
        case overview, queues, schedules, workers, alerts, jobs, job
    }

    var page: Page
    var language: DashboardLanguage
    var mayAct = false
    /// The list of jobs that is shown, for the marks of its tabs.
    var filter = JobFilter()
    /// The jobs that are shown.
    var ids: [String] = []

    init(_ page: Page, _ language: DashboardLanguage, mayAct: Bool) {
        self.page = page
        self.language = language
        self.mayAct = mayAct
    }

    /// Reads the query of a URL; nil if it names no page.
    init?(_ fields: FormFields, _ language: DashboardLanguage, mayAct: Bool) {
        guard let page = fields["page"].flatMap({ Page(rawValue: $0) }) else { return nil }
        self.init(page, language, mayAct: mayAct)
        guard page == .jobs || page == .job else { return }
        filter = JobFilter(fields)
        ids = (fields["ids"] ?? "").split(separator: ",").prefix(JobListing.length).map(String.init).filter {
            UUID(uuidString: $0) != nil
        }
        if page == .job, ids.count != 1 { return nil }
    }

    /// Where the page hears of changes.
    var path: String {
        var parts = ["page=\(page.rawValue)"]
        if page == .jobs, !filter.query.isEmpty { parts.append(filter.query) }
        if !ids.isEmpty { parts.append("ids=" + ids.joined(separator: ",")) }
        return "/dashboard/events?" + parts.joined(separator: "&")
    }

    /// Whether all who follow it are sent the same text.
    var isShared: Bool { page != .jobs && page != .job }
}

/// What is sent to a page: all that it shows of what changes, so that one event is enough, whatever was missed.
struct DashboardEvent: Sendable, Hashable {
    private struct Content: Encodable {
        let live: String
        let rows: [String: String]?
    }

    /// The same for the same content, on every node: a page that was cut off says what it has.
    let id: String
    /// The content as JSON, in one line.
    let data: String

    init(live: String, rows: [String: String] = [:]) {
        data = Content(live: live, rows: rows.isEmpty ? nil : rows).json
        id = StableHash(data).description
    }
}
