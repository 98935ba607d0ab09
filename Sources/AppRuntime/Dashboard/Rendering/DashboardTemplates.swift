import Mustache

/// The templates of all pages, read once.
struct DashboardTemplates: Sendable {
    /// The templates' texts by their names.
    static let texts: [String: String] = [
        "layout": layout, "overview": overview, "overview-live": overviewLive, "jobs": jobs, "jobs-live": jobsLive,
        "job": job, "job-live": jobLive, "new-job": newJob, "queues": queues, "queues-live": queuesLive,
        "schedules": schedules, "schedules-live": schedulesLive, "workers": workers, "workers-live": workersLive,
        "migrations": migrations, "backups": backups, "alerts": alerts, "alerts-live": alertsLive, "chart": chart,
        "message": message, "job-buttons": jobButtons, "job-row": jobRow,
    ]

    private let library: MustacheLibrary

    /// Reads the templates; one that cannot be read is a mistake of this program, which its tests find.
    init() throws {
        MustacheContentTypes.register(HTMLEscaping(), named: HTMLEscaping.name)
        var library = MustacheLibrary()
        for (name, text) in Self.texts {
            // A partial begins anew with Mustache's own escaping, so each of them asks for ours.
            try library.register("{{% CONTENT_TYPE:\(HTMLEscaping.name)}}\n" + text, named: name)
        }
        self.library = library
    }

    /// Fills a template.
    ///
    /// - Parameters:
    ///   - name: the template.
    ///   - model: what it is filled with.
    ///   - language: the language of its own words.
    /// - Returns: HTML.
    func render(_ name: String, _ model: PageModel, in language: DashboardLanguage) -> String {
        var values = model.values
        values["t"] = DashboardWords.texts(in: language)
        return library.render(values, withTemplate: name) ?? ""
    }
}
