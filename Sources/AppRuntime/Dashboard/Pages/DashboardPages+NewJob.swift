import Foundation
import Hummingbird
import Postgres

extension DashboardPages {
    /// The form for a new job, empty or like one that is there.
    func newJob(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        _ = try Self.actor(context)
        var fields = NewJobFields()
        let query = FormFields(request.uri.query ?? "")
        if let id = query["like"], let job = try await JobDetails.read(id, from: dashboard.queue) {
            fields.type = job.entry.type
            fields.data = RedactedJSON.text(job.data, dashboard.redaction)
            fields.name = job.entry.name == job.entry.type ? "" : job.entry.name
        } else if let type = query["type"] {
            fields.type = type
        }
        return await form(fields, problem: nil, request, context)
    }

    /// Makes the job that a form describes.
    func createJob(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let actor = try Self.actor(context)
        let fields = NewJobFields(try await Self.form(request, context))
        let language = Self.language(of: request)
        do {
            var insertion = try fields.insertion(in: language)
            insertion.actor = actor
            guard let kind = dashboard.handlers.entries[fields.type] else {
                throw NewJobFields.Mistake(text: language("badKind"))
            }
            let id = try await dashboard.pool.withConnection { [insertion] connection in
                try await dashboard.queue.insert(fields.data, as: kind, of: fields.type, insertion, on: connection)
            }
            return Self.redirect(to: "/dashboard/jobs/\(id)", done: "create")
        } catch let mistake as NewJobFields.Mistake {
            return await form(fields, problem: mistake.text, request, context)
        } catch let error as AppRuntimeError where error.code == .payload {
            return await form(fields, problem: "\(error.message). \(error.next)", request, context)
        }
    }

    private func form(
        _ fields: NewJobFields,
        problem: String?,
        _ request: Request,
        _ context: AppRequestContext
    ) async -> Response {
        let language = Self.language(of: request)
        var model = PageModel(
            ("data", fields.data),
            ("name", fields.name),
            ("at", fields.at),
            ("priority", fields.priority),
            ("attempts", fields.attempts)
        )
        model[flag: "hasKinds"] = !dashboard.handlers.types.isEmpty
        model[list: "kinds"] = dashboard.handlers.types.map { type in
            var kind = PageModel(("name", type))
            kind[flag: "isCurrent"] = type == fields.type
            return kind
        }
        model[model: "notice"] = problem.map { PageModel(("kind", "bad"), ("text", $0)) }
        return await page(
            "jobs",
            heading: language("newJob"),
            "new-job",
            model,
            status: problem == nil ? .ok : .unprocessableContent,
            request,
            context
        )
    }
}

/// What somebody has written into the form for a new job.
struct NewJobFields {
    /// Something that cannot be read, in words.
    struct Mistake: Error {
        let text: String
    }

    var type = ""
    var data = "{}"
    var name = ""
    var at = ""
    var priority = ""
    var attempts = ""

    init() {}

    init(_ form: FormFields) {
        func text(_ name: String) -> String {
            (form[name] ?? "").replacing("\0", with: "").trimmingCharacters(in: .whitespacesAndNewlines)
        }
        (type, data, name) = (text("type"), text("data"), String(text("name").prefix(255)))
        (at, priority, attempts) = (text("at"), text("priority"), text("attempts"))
    }

    /// When and how the job is to run.
    func insertion(in language: DashboardLanguage) throws(Mistake) -> JobInsertion {
        var insertion = JobInsertion()
        if !name.isEmpty { insertion.name = name }
        if !priority.isEmpty {
            guard let number = Int32(priority) else { throw Mistake(text: language("badNumber")) }
            insertion.priority = Int(number)
        }
        if !attempts.isEmpty {
            guard let number = Int32(attempts), number > 0 else { throw Mistake(text: language("badNumber")) }
            insertion.maxAttempts = Int(number)
        }
        if !at.isEmpty {
            guard let date = Self.date(at) else { throw Mistake(text: language("badTime")) }
            insertion.scheduledAt = date
        }
        return insertion
    }

    /// A time as browsers send it (HTML Standard, 2.3.5.5), in UTC.
    static func date(_ text: String) -> Date? {
        let whole = text.count == 16 ? text + ":00Z" : text + "Z"
        return try? Date(whole, strategy: .iso8601)
    }
}
