import Foundation
import Postgres
import TestSupport
import Testing

@testable import AppRuntime

@Suite("The dashboard")
struct DashboardTests {
    static let pages = [
        "/dashboard", "/dashboard/jobs", "/dashboard/jobs?state=failed", "/dashboard/jobs?q=import",
        "/dashboard/jobs/new",
        "/dashboard/queues", "/dashboard/schedules", "/dashboard/workers", "/dashboard/migrations",
        "/dashboard/backups",
        "/dashboard/alerts", "/dashboard/jobs/0199a000-0000-7000-8000-0000000000ff",
        "/dashboard/jobs/00000000-0000-7000-8000-000000000000",
    ]

    @Test("shows every page with real data, in both languages, as well-formed markup")
    func pages() async throws {
        try await withDashboard { site in
            for isSeeded in [false, true] {
                if isSeeded { try await site.pool.withConnection { try await DashboardData.seed($0) } }
                for path in Self.pages {
                    for language in DashboardLanguage.allCases {
                        let page = try await site.get(path, headers: ["Accept-Language": language.tag])
                        let isMissing = path.hasSuffix("000") || !isSeeded && path.hasSuffix("ff")
                        #expect(page.status == (isMissing ? 404 : 200), "\(path): \(page.body.prefix(2000))")
                        #expect(page.body.contains("<html lang=\"\(language.tag)\">"), "\(path)")
                        #expect(!page.body.contains("{{"), "\(path)")
                        #expect(!page.body.contains("style=\""), "the policy refuses styles in elements: \(path)")
                        #expect(Markup.problem(in: page.body) == nil, "\(path)")
                        #expect(page.headers["content-security-policy"]?.contains("script-src 'self'") == true)
                        #expect(page.headers["cache-control"] == "no-store")
                    }
                }
            }
            let overview = try await site.get("/dashboard").body
            #expect(overview.contains("Study &lt;platform&gt;") && !overview.contains("Study <platform>"))
            let job = try await site.get("/dashboard/jobs/0199a000-0000-7000-8000-0000000000ff").body
            #expect(job.contains("&quot;api_token&quot;: &quot;***&quot;") && !job.contains("tok-live-123456"))
            #expect(job.contains("Put back into the queue by ada") && job.contains("Attempt 2 wrote to the log"))
            let portuguese = ["Cookie": "lastro_lang=pt"]
            let alerts = try await site.get("/dashboard/alerts", headers: portuguese).body
            #expect(alerts.contains("Uma tarefa do tipo send-receipt espera há 71 s"))
            let running = "/dashboard/jobs/0199a000-0000-7000-8000-000000000001"
            #expect(try await site.get(running, headers: portuguese).body.contains(" UTC em study-1, processo 4120"))
            #expect(overview.contains("<span>ada</span>"))
            #expect(try await site.get("/dashboard/jobs/nothing").status == 404)
            #expect(try await site.get("/dashboard/nothing").status == 404)
        }
    }

    @Test("writes nothing as markup that somebody else has written")
    func hostile() async throws {
        try await withDashboard { site in
            let id = try await site.pool.withConnection { try await DashboardData.seedHostile($0) }
            let other = id.dropLast() + "f"
            let type = String(DashboardData.hostile.prefix(90)).encodedForQuery
            let paths =
                Self.pages + [
                    "/dashboard/jobs/\(id)", "/dashboard/jobs/\(other)", "/dashboard/jobs/new?like=\(id)",
                    "/dashboard/jobs?type=\(type)", "/dashboard/jobs?q=\(type)", "/dashboard/jobs?state=\(type)",
                    "/dashboard/jobs/new?type=\(type)", "/dashboard/alerts?pattern=\(type)",
                    "/dashboard?done=\(type)&n=\(type)", "/dashboard/queues?done=pause&x=\(type)",
                ]
            for path in paths {
                let page = try await site.get(path)
                for trace in ["<script>hacked", "<img", "\"\u{301}", "'\u{301}", "<\u{301}", "hunter2", "tok-live"] {
                    #expect(page.body.unicodeScalarRange(of: trace) == nil, "\(trace) in \(path)")
                }
                #expect(Markup.problem(in: page.body) == nil, "\(path)")
                let attributes = Markup.attributes(in: page.body)
                #expect(!attributes.contains { $0.hasPrefix("on") || $0 == "autofocus" }, "\(path)")
            }
            // What is sent later goes the same way.
            let stream = try await site.events("page=job&ids=\(id)", until: { $0.contains("event: live") })
            #expect(!stream.contains("<script>hacked") && stream.contains("&lt;script&gt;hacked"))
        }
    }

    @Test("is open to those who look after the system, and lets only operators and admins change it")
    func roles() async throws {
        try await withDashboard { site in
            try await site.pool.withConnection { try await DashboardData.seed($0) }
            for path in Self.pages {
                #expect(try await site.get(path, as: nil).status == 401, "\(path)")
                #expect(try await site.get(path, as: "leo").status == 403, "\(path)")
                if !path.contains("/new") {
                    let page = try await site.get(path, as: "eve")
                    #expect(page.status == (path.hasSuffix("000") ? 404 : 200), "\(path)")
                    #expect(!page.body.contains("method=\"post\""), "\(path)")
                }
            }
            let job = "0199a000-0000-7000-8000-0000000000ff"
            let actions = [
                "/dashboard/jobs/\(job)/retry", "/dashboard/jobs/\(job)/discard", "/dashboard/jobs/actions",
                "/dashboard/queues/redrive",
                "/dashboard/jobs", "/dashboard/queues/pause", "/dashboard/schedules/disable",
                "/dashboard/migrations/drift", "/dashboard/alerts/silence", "/dashboard/alerts/acknowledge",
            ]
            for path in actions {
                #expect(try await site.post(path, as: nil).status == 401, "\(path)")
                #expect(try await site.post(path, as: "leo").status == 403, "\(path)")
                #expect(try await site.post(path, as: "eve").status == 403, "\(path)")
                #expect(try await site.post(path, as: "ada", token: .some(nil)).status == 403, "no token: \(path)")
                #expect(try await site.post(path, as: "ada", token: "token-of-eve").status == 403, "another's: \(path)")
                let foreign = ["Origin": "https://elsewhere.example"]
                #expect(try await site.post(path, as: "ada", headers: foreign).status == 403, "elsewhere: \(path)")
            }
            #expect(try await site.queue.job(job)?.status == "failed")
            #expect(try await site.get("/dashboard/events?page=overview", as: nil).status == 401)
            #expect(try await site.get("/dashboard/events?page=overview", as: "leo").status == 403)
        }
        try await withDashboard(signInPath: "/sign-in") {
            $0.accountPath = "/account"
        } _: { site in
            #expect(try await site.get("/dashboard").body.contains("<a href=\"/account\">ada</a>"))
            let page = try await site.get("/dashboard/jobs", as: nil)
            #expect(page.status == 303 && page.headers["location"] == "/sign-in?next=%2Fdashboard%2Fjobs")
        }
    }

    @Test("speaks the language that was chosen, or else the browser's")
    func languages() async throws {
        let cases: [(chosen: String?, accepted: String?, DashboardLanguage)] = [
            (nil, nil, .english), (nil, "", .english), (nil, "pt-BR,pt;q=0.9,en;q=0.8", .portuguese),
            (nil, "en-GB,en;q=0.9,pt;q=0.8", .english), (nil, "de,fr;q=0.9", .english),
            (nil, "de, pt;q=0.5", .portuguese),
            (nil, "en;q=0.2, PT-pt;q=0.7", .portuguese), (nil, "pt;q=0, en", .english), ("en", "pt", .english),
            ("pt", "en", .portuguese), ("xx", "pt", .portuguese), (nil, ";;;,q=,=;q=x", .english),
        ]
        for (chosen, accepted, language) in cases {
            #expect(DashboardLanguage(chosen: chosen, accepted: accepted) == language, "\(accepted ?? "")")
        }
        try await withDashboard { site in
            let chosen = try await site.get("/dashboard/jobs?state=failed&lang=pt")
            #expect(chosen.status == 303 && chosen.headers["location"] == "/dashboard/jobs?state=failed")
            let cookie = try #require(chosen.headers["set-cookie"])
            #expect(
                cookie.contains("lastro_lang=pt") && cookie.contains("HttpOnly") && cookie.contains("Path=/dashboard")
            )
            let page = try await site.get(
                "/dashboard/jobs",
                headers: ["Cookie": "lastro_lang=pt", "Accept-Language": "en"]
            )
            #expect(page.body.contains("<html lang=\"pt-BR\">") && page.body.contains("Tarefas"))
            let unknown = try await site.get("/dashboard?lang=xx")
            #expect(unknown.status == 303 && unknown.headers["set-cookie"] == nil)
        }
    }

    @Test("has every phrase in both languages, and no template asks for one that is not there")
    func phrases() throws {
        for (key, phrase) in DashboardWords.phrases {
            for language in DashboardLanguage.allCases {
                let text = phrase[language]
                #expect(!text.isEmpty && text == text.trimmingCharacters(in: .whitespaces), "\(key)")
                let places = text.components(separatedBy: "{}").count
                #expect(places == phrase[.english].components(separatedBy: "{}").count, "\(key)")
            }
        }
        for code in JobReason.sentences.keys {
            let phrase = try #require(DashboardWords.phrases["why-\(code)"])
            #expect(phrase[.portuguese] != phrase[.english], "\(code)")
        }
        for rule in AlertRule.standard { #expect(DashboardWords.alertTitles[rule.name] != nil, "\(rule.name)") }
        for kind in [
            "created", "cancelled", "cancel-requested", "redriven", "retried", "discarded", "rescued",
            "orphan",
            "repaired", "ack-stale", "handed-back-often",
        ] { #expect(DashboardWords.phrases["event-\(kind)"] != nil, "\(kind)") }
        var used: Set<String> = []
        for (name, text) in DashboardTemplates.texts {
            for match in text.matches(of: /\{\{t\.([A-Za-z0-9-]+)\}\}/) {
                let key = String(match.output.1)
                used.insert(key)
                #expect(DashboardWords.phrases[key] != nil, "\(key) in \(name)")
            }
            // The only text that is not escaped is a template of ours, and only in the frame around it.
            let raw = text.matches(of: /\{\{[{&]\s*([A-Za-z0-9.]+)/).map { String($0.output.1) }
            #expect(raw == (name == "layout" ? ["body"] : []), "\(name)")
        }
        #expect(used.count > 80)
    }

    @Test("has its own files, under names that change with what is in them")
    func assets() async throws {
        try await withDashboard { site in
            let page = try await site.get("/dashboard").body
            for asset in DashboardAsset.all {
                #expect(page.contains(asset.path))
                let file = try await site.get(asset.path, as: nil)
                #expect(file.status == 200 && file.headers["cache-control"]?.contains("immutable") == true)
                #expect(file.headers["content-type"] == asset.type && file.body == asset.text)
                let tag = try #require(file.headers["etag"])
                #expect(try await site.get(asset.path, as: nil, headers: ["If-None-Match": tag]).status == 304)
                #expect(try await site.get(asset.path, as: nil, headers: ["If-None-Match": "\"x\""]).status == 200)
            }
            #expect(!page.contains("http://") && !page.contains("https://"), "nothing comes from elsewhere")
            #expect(try await site.get("/dashboard/assets/style.css", as: nil).status == 404)
        }
    }
}

extension String {
    /// Where a text stands, scalar by scalar: as a browser looks at it, and not as characters.
    func unicodeScalarRange(of text: String) -> Bool? {
        let (all, wanted) = (Array(utf8), Array(text.utf8))
        guard all.count >= wanted.count else { return nil }
        for start in 0...(all.count - wanted.count) where all[start] == wanted[0] {
            if all[start..<(start + wanted.count)].elementsEqual(wanted) { return true }
        }
        return nil
    }
}
