import Foundation
import Migrator
import Postgres
import SchemaDiff
import TestSupport
import Testing

@testable import AppRuntime

@Suite("The dashboard in a browser")
struct DashboardBrowserTests {
    static let failed = "0199a000-0000-7000-8000-0000000000ff"
    static let pages = [
        ("overview", "/dashboard"), ("jobs", "/dashboard/jobs"), ("failed", "/dashboard/jobs?state=failed"),
        ("job", "/dashboard/jobs/\(failed)"), ("running", "/dashboard/jobs/0199a000-0000-7000-8000-000000000001"),
        ("new-job", "/dashboard/jobs/new"), ("queues", "/dashboard/queues"), ("schedules", "/dashboard/schedules"),
        ("workers", "/dashboard/workers"), ("migrations", "/dashboard/migrations"), ("backups", "/dashboard/backups"),
        ("alerts", "/dashboard/alerts"), ("empty", "/dashboard/jobs?q=nothing-like-it"),
        ("gone", "/dashboard/jobs/00000000-0000-7000-8000-000000000000"),
    ]
    /// Where the pictures are kept.
    static let artefacts = FileManager.default.currentDirectoryPath + "/.build/artifacts/dashboard"

    @Test("can be read on wide and narrow screens, in light and dark, with labels and contrast")
    func looks() async throws {
        let axe = try Axe()
        try await withDashboard { dashboard in
            dashboard.drift = dashboard.migrator.map {
                DriftCheck(of: $0.database, against: .migrations($0.directory))
            }
        } _: { site in
            try await site.pool.withConnection { try await DashboardData.seed($0) }
            try await Self.withBrowser(on: site) { browser in
                let short = [("wide", 1280, false, "en"), ("narrow-dark", 320, true, "pt")]
                let long = [("dark", 1280, true, "pt"), ("narrow", 360, false, "en"), ("middle", 900, false, "pt")]
                for (kind, width, isDark, language) in isLongTest ? short + long : short {
                    try await browser.resize(width, 900, isDark: isDark)
                    try await Self.setCookie("lastro_lang", language, on: site, browser)
                    for (name, path) in Self.pages {
                        try await browser.open("http://127.0.0.1:\(site.port)\(path)")
                        try await browser.screenshot("\(Self.artefacts)/\(name)-\(kind).png")
                        let problems = try await browser.text(Accessibility.script)
                        #expect(problems == "", "\(name), \(kind)")
                        #expect(try await axe.violations(on: browser) == "", "\(name), \(kind)")
                    }
                }
            }
        }
    }

    @Test("runs nothing that somebody has written into the database")
    func hostile() async throws {
        try await withDashboard { site in
            let id = try await site.pool.withConnection { try await DashboardData.seedHostile($0) }
            try await Self.withBrowser(on: site) { browser in
                for path in Self.pages.map(\.1) + ["/dashboard/jobs/\(id)", "/dashboard/jobs/\(id.dropLast())f"] {
                    try await browser.open("http://127.0.0.1:\(site.port)\(path)")
                    if path.contains(id) || path == "/dashboard/queues" {
                        // What comes later is put into the page by the script.
                        try await browser.wait(for: "document.getElementById('live-state').textContent === 'Live'")
                    }
                    let found = try await browser.text(
                        """
                        [typeof hacked, document.scripts.length, document.images.length,
                            [...document.querySelectorAll('*')].filter((element) => [...element.attributes].some(
                                ({ name }) => name.startsWith('on') || name === 'autofocus')).length].join()
                        """
                    )
                    #expect(found == "undefined,1,0,0", "\(path)")
                }
            }
        }
    }

    @Test("follows what happens, and tries a job again when somebody clicks")
    func clicks() async throws {
        try await withDashboard { site in
            try await site.pool.withConnection { try await DashboardData.seed($0) }
            try await Self.withBrowser(on: site) { browser in
                let base = "http://127.0.0.1:\(site.port)"
                let job = try await site.queue.insert(Add(a: 1, b: 2), JobInsertion(priority: 900, name: "Watched"))
                try await browser.open(base + "/dashboard/jobs?state=waiting")
                try await browser.wait(for: "document.getElementById('live-state').textContent === 'Live'")
                #expect(try await browser.text("document.querySelector('#job-\(job) .tag').textContent") == "waiting")
                // A ticked box stays ticked while its row changes.
                _ = try await browser.value("document.querySelector('#job-\(job) input').checked = true")
                try await site.queue.cancel(job, by: "somebody else")
                try await browser.wait(for: "document.querySelector('#job-\(job) .tag').textContent === 'cancelled'")
                #expect(try await browser.value("document.querySelector('#job-\(job) input').checked") as? Bool == true)
                #expect(try await browser.text("performance.getEntriesByType('navigation').length") == "1")

                try await browser.open(base + "/dashboard/jobs/\(Self.failed)")
                try await browser.wait(for: "document.getElementById('do-retry')")
                _ = try await browser.value("document.getElementById('do-retry').click()")
                try await browser.wait(
                    for: "location.search.includes('done=retry') && document.querySelector('.message.ok')"
                )
                #expect(try await site.queue.job(Self.failed)?.status == "pending")
                try await browser.wait(for: "document.getElementById('do-cancel')")

                // The page is a new one, and its script begins when all of it is there.
                try await browser.wait(for: "document.getElementById('live-state').textContent === 'Live'")
                // The button asks first, and does nothing if the answer is no.
                _ = try await browser.value("window.confirm = () => false")
                _ = try await browser.value("document.getElementById('do-cancel').click()")
                #expect(try await site.queue.job(Self.failed)?.status == "pending")
                _ = try await browser.value("window.confirm = () => true")
                _ = try await browser.value("document.getElementById('do-cancel').click()")
                try await browser.wait(for: "location.search.includes('done=cancel')")
                #expect(try await site.queue.job(Self.failed)?.status == "cancelled")

                try await browser.wait(for: "document.getElementById('live-state').textContent === 'Live'")
                _ = try await browser.value("document.getElementById('live-toggle').click()")
                #expect(try await browser.text("document.getElementById('live-state').textContent") == "Paused")
            }
        }
    }

    @Test("can be used with the keyboard alone, and without JavaScript")
    func keyboard() async throws {
        try await withDashboard { site in
            try await site.pool.withConnection { try await DashboardData.seed($0) }
            try await Self.withBrowser(on: site) { browser in
                let base = "http://127.0.0.1:\(site.port)"
                try await browser.open(base + "/dashboard/jobs/\(Self.failed)")
                try await browser.press("Tab", code: 9)
                #expect(try await browser.text("document.activeElement.className") == "skip")
                try await browser.wait(for: "document.activeElement.getBoundingClientRect().top >= 0")
                try await browser.press("Enter", code: 13, text: "\r")
                try await browser.wait(for: "document.activeElement.id === 'main'")
                var seen: [String] = []
                while seen.last != "do-retry", seen.count < 12 {
                    try await browser.press("Tab", code: 9)
                    seen.append(try await browser.text("document.activeElement.id"))
                    let outline = try await browser.text("getComputedStyle(document.activeElement).outlineStyle")
                    #expect(outline != "none", "the focus is not to be seen on \(seen.last ?? "")")
                }
                #expect(seen.last == "do-retry", "\(seen)")
                try await browser.press("Enter", code: 13, text: "\r")
                try await browser.wait(for: "location.search.includes('done=retry')")
                #expect(try await site.queue.job(Self.failed)?.status == "pending")

                try await browser.send("Emulation.setScriptExecutionDisabled", ["value": true])
                try await browser.open(base + "/dashboard/queues")
                #expect(try await browser.value("document.getElementById('live-toggle').hidden") as? Bool == true)
                // DevTools still reaches the page; the page itself runs nothing.
                _ = try await browser.value(
                    "document.querySelector('[formaction$=\"/pause\"][value=send-receipt]').click()"
                )
                try await browser.wait(for: "location.search.includes('done=pause')")
                let paused = try await site.pool.withConnection { connection in
                    try await connection.query("SELECT paused_by FROM job_controls WHERE type = 'send-receipt'")
                }
                #expect(try paused.decode(as: String.self) == ["ada"])
            }
        }
    }

    private static func withBrowser(on site: DashboardSite, _ body: (HeadlessBrowser) async throws -> Void) async throws
    {
        let browser = try await HeadlessBrowser()
        defer { browser.close() }
        try await browser.resize(1280, 900)
        try await setCookie("session", "ada", on: site, browser)
        try await body(browser)
    }

    private static func setCookie(
        _ name: String,
        _ value: String,
        on site: DashboardSite,
        _ browser: HeadlessBrowser
    ) async throws {
        try await browser.send(
            "Network.setCookie",
            ["name": name, "value": value, "url": "http://127.0.0.1:\(site.port)/dashboard"]
        )
    }
}
