import AppRuntime
import Foundation
import FoundationNetworking
import Postgres
import TestSupport
import Testing

@testable import study_app

@Suite("Logging in through HTTP")
struct AccountRouteTests {
    private let password = "um cavalo certo"

    /// Serves the accounts of a database with one admin, who has a password, while a test asks.
    private func withServer(
        _ limits: RequestLimits? = nil,
        _ body: @Sendable @escaping (Browser, Accounts) async throws -> Void
    ) async throws {
        try await withStudyDatabase { _, pool in
            let accounts = Accounts(pool: pool, hasher: PasswordHasher(cost: cheap))
            let link = try await accounts.create(
                "ana@example.com",
                name: "Ana <b>",
                role: .admin,
                linkFor: .seconds(60)
            )
            try await accounts.setPassword(password, with: link.token.secret, from: Visitor(address: nil, agent: nil))
            var options = HTTPServerOptions()
            options.port = 0
            let cookie = SessionCookie(isSecure: false)
            var http = HTTPServer(
                RuntimeStatus(),
                options: options,
                authenticator: SessionAuthenticator(accounts: accounts, cookie: cookie)
            )
            let api = APIRoutes(
                AccountAPI(accounts: accounts, cookie: cookie).routes,
                description: APIDescription(title: "Accounts", version: "1", sessionCookie: cookie.name),
                components: AccountAPI.components
            )
            http.groups = [AccountRoutes(accounts: accounts, cookie: cookie), api]
            http.requestLimits = limits
            try await withThrowingTaskGroup(of: Void.self) { [http] group in
                group.addTask { try await http.run() }
                defer { group.cancelAll() }
                try await body(Browser(port: http.port()), accounts)
            }
        }
    }

    @Test("gives a browser a cookie that no script reads, and takes it back with the form's token alone")
    func servesBrowsers() async throws {
        try await withServer { browser, _ in
            let page = try await browser.get("/login?next=/dashboard", headers: ["Accept-Language": "pt-BR,pt;q=0.9"])
            #expect(page.status == 200 && page.body.contains("Senha") && page.body.contains("value=\"/dashboard\""))
            #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            let wrong = try await browser.post("/login", form: ["email": "ana@example.com", "password": "x"])
            #expect(wrong.status == 401 && wrong.body.contains("role=\"alert\"") && wrong.headers["set-cookie"] == nil)
            let elsewhere = try await browser.post(
                "/login",
                form: ["email": "ana@example.com", "password": password],
                headers: ["Origin": "https://evil.example"]
            )
            #expect(elsewhere.status == 403)
            let right = try await browser.post(
                "/login",
                form: ["email": "ana@example.com", "password": password, "next": "/dashboard"]
            )
            #expect(right.status == 303 && right.headers["location"] == "/dashboard")
            let set = try #require(right.headers["set-cookie"])
            #expect(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"))
            let cookie = String(set.prefix { $0 != ";" })
            let account = try await browser.get("/account", headers: ["Cookie": cookie])
            #expect(account.status == 200 && account.body.contains("Ana &lt;b&gt;") && !account.body.contains("<b>"))
            let bare = try await browser.post("/logout", form: [:], headers: ["Cookie": cookie])
            #expect(bare.status == 403)
            let token = try #require(account.body.firstMatch(of: #/name="_csrf" value="([^"]+)"/#)?.1)
            let out = try await browser.post("/logout", form: ["_csrf": String(token)], headers: ["Cookie": cookie])
            #expect(out.status == 303 && out.headers["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(try await browser.get("/account", headers: ["Cookie": cookie]).status == 303)
        }
    }

    @Test("leads to no other site")
    func staysHere() {
        for (text, path) in [
            (nil, "/account"), ("/jobs?x=1", "/jobs?x=1"), ("//evil.example", "/account"),
            ("/\\evil.example", "/account"),
            ("https://evil.example", "/account"), ("/a\r\nSet-Cookie: b=c", "/account"),
        ] as [(String?, String)] {
            #expect(AccountRoutes.localPath(text) == path)
        }
    }

    @Test("gives programs tokens, refreshes them, and says why not in problem details")
    func servesPrograms() async throws {
        try await withServer { browser, _ in
            let answer = try await browser.post(
                "/api/auth/login",
                json: "{\"email\":\"ana@example.com\",\"password\":\"\(password)\"}"
            )
            #expect(answer.status == 200 && answer.headers["set-cookie"] == nil)
            let (access, refresh) = (try answer.field("access_token"), try answer.field("refresh_token"))
            let me = try await browser.get("/api/auth/me", headers: ["Authorization": "Bearer \(access)"])
            #expect(me.status == 200 && me.body.contains("\"admin\""))
            #expect(try await browser.get("/api/auth/me").status == 401)
            #expect(
                try await browser.get("/api/auth/me", headers: ["Authorization": "Bearer \(refresh)"]).status == 401
            )
            // A program's token is no cookie, which would make it last.
            #expect(try await browser.get("/account", headers: ["Cookie": "study=\(access)"]).status == 303)
            let next = try await browser.post("/api/auth/refresh", json: "{\"refresh_token\":\"\(refresh)\"}")
            #expect(next.status == 200)
            let again = try await browser.post("/api/auth/refresh", json: "{\"refresh_token\":\"\(refresh)\"}")
            #expect(again.status == 401 && again.body.contains("urn:lastro:problem:ended-token"))
            for body in ["", "[]", "{\"email\":1}", "{\"email\":\"a\\u0000b\",\"password\":\"\"}"] {
                let status = try await browser.post("/api/auth/login", json: body).status
                #expect([400, 401, 422].contains(status), "\(body)")
            }
            let guess = "{\"email\":\"b@c.de\",\"password\":\"x\"}"
            for _ in 0..<5 { _ = try await browser.post("/api/auth/login", json: guess) }
            let locked = try await browser.post("/api/auth/login", json: guess)
            #expect(locked.status == 429 && locked.headers["retry-after"].flatMap { Int($0) } ?? 0 > 0)
        }
    }

    @Test("keeps what its OpenAPI document says of the routes for programs", .timeLimit(.minutes(5)))
    func keepsItsWord() async throws {
        try await withServer { browser, accounts in
            let visitor = Visitor(address: nil, agent: nil)
            let (grant, _) = try await accounts.grant(email: "ana@example.com", password: password, from: visitor)
            // The token is to outlive the many times that it is used to log out.
            for statement in [
                "CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                "CREATE TRIGGER kept BEFORE UPDATE OF revogada_em ON user_sessions FOR EACH ROW EXECUTE FUNCTION kept()",
            ] { try await accounts.pool.run(statement) }
            let run = try await Schemathesis.run(
                on: browser.port,
                authorization: "Bearer \(grant.access.secret)",
                examples: isLongTest ? 200 : 4
            )
            #expect(run.isPassed, "\(run.output)")
            #expect(
                run.output.contains("5 selected / 5 total") || run.output.contains("6 selected / 6 total"),
                "\(run.output)"
            )
        }
    }

    @Test("sets a password with the code of a link")
    func usesLink() async throws {
        try await withServer { browser, accounts in
            let link = try await accounts.link(for: "ana@example.com", lasting: .seconds(60))
            #expect(try await browser.get("/account/link").body.contains("name=\"code\""))
            #expect(
                try await browser.get("/account/link.js").headers["content-type"]?.hasPrefix("text/javascript") == true
            )
            var form = ["code": link.token.secret, "password": "outro cavalo certo", "again": "outro cavalo"]
            #expect(try await browser.post("/account/link", form: form).status == 422)
            form["again"] = "outro cavalo certo"
            #expect(try await browser.post("/account/link", form: form).status == 200)
            #expect(try await browser.post("/account/link", form: form).status == 401)
            let login = ["email": "ana@example.com", "password": "outro cavalo certo"]
            #expect(try await browser.post("/login", form: login).status == 303)
        }
    }

    @Test("counts a token that is refused as a request of nobody who is known")
    func limitsGuesses() async throws {
        let hour = Duration.seconds(3600)
        let limits = RequestLimits(RateLimiter(), known: RateLimit(50, per: hour), unknown: RateLimit(5, per: hour))
        try await withServer(limits) { browser, accounts in
            let visitor = Visitor(address: nil, agent: nil)
            let (grant, _) = try await accounts.grant(email: "ana@example.com", password: password, from: visitor)
            var statuses: [Int] = []
            for guess in ["Bearer acc_x", "Bearer ", "Basic eDp5", "acc_x", "Bearer ref_x", "Bearer acc_y"] {
                statuses.append(try await browser.get("/api/auth/me", headers: ["Authorization": guess]).status)
            }
            #expect(statuses == [401, 401, 401, 401, 401, 429])
            #expect(try await browser.get("/login").status == 429)
            let known = ["Authorization": "Bearer \(grant.access.secret)"]
            #expect(try await browser.get("/api/auth/me", headers: known).status == 200)
        }
    }

    @Test("lets who is logged in log in as somebody else, and use a link")
    func servesWhoIsLoggedIn() async throws {
        try await withServer { browser, accounts in
            let login = ["email": "ana@example.com", "password": password]
            let set = try #require(try await browser.post("/login", form: login).headers["set-cookie"])
            let session = ["Cookie": String(set.prefix { $0 != ";" })]
            func token(_ page: Browser.Answer) throws -> String {
                String(try #require(page.body.firstMatch(of: #/name="_csrf" value="([^"]+)"/#)?.1))
            }
            var form = login
            #expect(try await browser.post("/login", form: form, headers: session).status == 403)
            form["_csrf"] = try token(try await browser.get("/login", headers: session))
            form["password"] = "x"
            let wrong = try await browser.post("/login", form: form, headers: session)
            #expect(wrong.status == 401)
            form["_csrf"] = try token(wrong)
            form["password"] = password
            #expect(try await browser.post("/login", form: form, headers: session).status == 303)

            let link = try await accounts.link(for: "ana@example.com", lasting: .seconds(60))
            var words = ["code": link.token.secret, "password": "outro cavalo certo", "again": "outro cavalo"]
            words["_csrf"] = try token(try await browser.get("/account/link", headers: session))
            let different = try await browser.post("/account/link", form: words, headers: session)
            #expect(different.status == 422)
            words["_csrf"] = try token(different)
            words["again"] = "outro cavalo certo"
            #expect(try await browser.post("/account/link", form: words, headers: session).status == 200)
            // Nobody is logged in any more, and the pages have no token.
            #expect(try await browser.get("/login", headers: session).body.contains("_csrf") == false)
        }
    }

    @Test("changes a password for who knows the one that was, and ends the session")
    func changesPassword() async throws {
        try await withServer { browser, _ in
            let login = ["email": "ana@example.com", "password": password]
            let set = try #require(try await browser.post("/login", form: login).headers["set-cookie"])
            let session = ["Cookie": String(set.prefix { $0 != ";" }), "Accept-Language": "pt"]
            let page = try await browser.get("/account", headers: session).body
            #expect(page.contains("administrador") && page.contains("name=\"old\""))
            var form = ["old": password, "password": "um burro errado", "again": "um burro errado"]
            #expect(try await browser.post("/account/password", form: form, headers: session).status == 403)
            form["_csrf"] = String(try #require(page.firstMatch(of: #/name="_csrf" value="([^"]+)"/#)?.1))
            form["old"] = "um cavalo"
            let wrong = try await browser.post("/account/password", form: form, headers: session)
            #expect(wrong.status == 401 && wrong.body.contains("A senha atual não está certa."))
            form["old"] = password
            form["again"] = "um burro"
            let different = try await browser.post("/account/password", form: form, headers: session)
            #expect(different.status == 422 && different.body.contains("As duas senhas não são iguais."))
            form["again"] = "um burro errado"
            let changed = try await browser.post("/account/password", form: form, headers: session)
            #expect(changed.status == 200 && changed.headers["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(try await browser.get("/account", headers: session).status == 303)
            #expect(try await browser.post("/login", form: login).status == 401)
            #expect(try await browser.post("/account/password", form: form).status == 303)
        }
    }

    @Test("can be done by everybody: with labels, contrast, the keyboard, on narrow screens and without JavaScript")
    func isAccessible() async throws {
        let axe = try Axe()
        let artefacts = FileManager.default.currentDirectoryPath + "/.build/artifacts/accounts"
        try await withServer { server, accounts in
            let base = "http://127.0.0.1:\(server.port)"
            let chromium = try await HeadlessBrowser()
            defer { chromium.close() }
            func look(_ name: String) async throws {
                try await chromium.screenshot("\(artefacts)/\(name).png")
                #expect(try await chromium.text(Accessibility.script) == "", "\(name)")
                #expect(try await axe.violations(on: chromium) == "", "\(name)")
            }
            func write(_ text: String, _ field: String) async throws {
                _ = try await chromium.value("document.getElementById('\(field)').value = '\(text)'")
            }
            let looks = [("wide", 1280, false, "en"), ("narrow-dark", 320, true, "pt-BR")]
            for (kind, width, isDark, language) in looks {
                try await chromium.resize(width, 900, isDark: isDark)
                try await chromium.send("Network.setExtraHTTPHeaders", ["headers": ["Accept-Language": language]])
                try await chromium.open("\(base)/login?next=/account")
                try await look("login-\(kind)")
                // One that is wrong, with the keyboard: the address has the focus, and is kept.
                #expect(try await chromium.text("document.activeElement.id") == "email")
                try await chromium.send("Input.insertText", ["text": "\(kind)@example.com"])
                try await chromium.press("Tab", code: 9)
                try await chromium.send("Input.insertText", ["text": "errada"])
                try await chromium.press("Enter", code: 13, text: "\r")
                try await chromium.wait(for: "document.querySelector('[role=alert]')")
                #expect(try await chromium.text("document.getElementById('email').value") == "\(kind)@example.com")
                try await look("login-wrong-\(kind)")

                let link = try await accounts.link(for: "ana@example.com", lasting: .seconds(60))
                try await chromium.open("\(base)/account/link#\(link.token.secret)")
                #expect(
                    try await chromium.text("location.hash + document.getElementById('code').value.length").count < 4
                )
                #expect(try await chromium.text("document.activeElement.id") == "password")
                try await look("link-\(kind)")
                for field in ["password", "again"] { try await write("uma senha bem longa", field) }
                try await chromium.press("Enter", code: 13, text: "\r")
                try await chromium.wait(for: "document.querySelector('[role=status]')")
                try await look("link-done-\(kind)")

                try await chromium.open("\(base)/login?next=/account")
                // Forms are the browser's own: nothing runs in the page from here on.
                try await chromium.send("Emulation.setScriptExecutionDisabled", ["value": true])
                try await write("ana@example.com", "email")
                try await write("uma senha bem longa", "password")
                _ = try await chromium.value("document.querySelector('button').click()")
                try await chromium.wait(for: "document.getElementById('old')")
                try await chromium.send("Emulation.setScriptExecutionDisabled", ["value": false])
                try await look("account-\(kind)")
                _ = try await chromium.value("document.querySelector('button').click()")
                try await chromium.wait(for: "document.getElementById('email')")
            }
        }
    }

    @Test("keeps the cookie to TLS where that is spoken")
    func securesCookie() throws {
        let token = try SecretToken(.session)
        let header = SessionCookie(isSecure: true).header(token, lasting: .seconds(60))
        #expect(header.hasPrefix("__Host-study=ses_") && header.hasSuffix("; Secure"))
    }
}

/// Asks a server on this machine, and follows nothing.
struct Browser: Sendable {
    let port: Int

    struct Answer: Sendable {
        let status: Int
        let body: String
        let headers: [String: String]

        func field(_ name: String) throws -> String {
            let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return try #require(object?[name] as? String)
        }
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", path, headers, nil)
    }

    func post(_ path: String, form: [String: String], headers: [String: String] = [:]) async throws -> Answer {
        let body = form.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }.joined(separator: "&")
        let type = ["Content-Type": "application/x-www-form-urlencoded"]
        return try await send("POST", path, headers.merging(type) { $1 }, body)
    }

    func post(_ path: String, json: String) async throws -> Answer {
        try await send("POST", path, ["Content-Type": "application/json"], json)
    }

    private func send(
        _ method: String,
        _ path: String,
        _ headers: [String: String],
        _ body: String?
    ) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = method
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        request.httpBody = body.map { Data($0.utf8) }
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 60
        configuration.httpCookieStorage = nil
        let session = URLSession(configuration: configuration, delegate: Stay(), delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        let fields = answer.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }
        return Answer(
            status: answer.statusCode,
            body: String(decoding: data, as: UTF8.self),
            headers: Dictionary(fields, uniquingKeysWith: { $1 })
        )
    }
}

private final class Stay: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
