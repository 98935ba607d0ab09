import CoreMetrics
import Foundation
import HTTPTypes
import Hummingbird
import Migrator
import Postgres
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

@Suite("An HTTP server")
struct HTTPServerTests {
    @Test("tells programs of a problem as RFC 9457 has it, browsers with a page, and nobody of its own errors")
    func tellsProblems() async throws {
        let nowhere = PostgresPool(to: try ConnectionSettings("host=127.0.0.1 port=1"), limit: 1)
        let routes = Routes { router in
            router.get("mine") { _, _ -> String in
                throw Problem(.conflict, "taken", "<b>taken</b>", next: "take another", errors: [.init("/a", "is b")])
            }
            router.get("secret") { _, _ -> String in throw Secret() }
            router.get("away") { _, _ -> String in try await nowhere.withConnection { _ in "" } }
            router.get("api/mine") { _, _ -> String in throw Problem.notFound() }
        }
        try await withHTTP([routes]) { port in
            let mine = try await get(port, "/mine", headers: ["X-Request-Id": "a-request-of-mine"])
            #expect(mine.status == 409)
            #expect(mine.headers["content-type"] == "application/problem+json")
            #expect(mine.headers["x-request-id"] == "a-request-of-mine")
            #expect(
                mine.body == """
                    {"code":"taken","detail":"<b>taken</b>","errors":[{"detail":"is b","place":"/a"}],\
                    "instance":"urn:lastro:request:a-request-of-mine","next":"take another","status":409,\
                    "title":"Conflict","type":"urn:lastro:problem:taken"}
                    """
            )
            let page = try await get(port, "/mine", headers: ["Accept": "text/html,*/*"])
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.body.contains("&lt;b&gt;taken&lt;/b&gt;"))
            let api = try await get(port, "/api/mine", headers: ["Accept": "text/html,*/*"])
            #expect(api.headers["content-type"] == "application/problem+json")
            let secret = try await get(port, "/secret")
            #expect(secret.status == 500)
            #expect(!secret.body.contains("hunter2"))
            let away = try await get(port, "/away")
            #expect(away.status == 503)
            #expect(away.headers["retry-after"] == "2")
            #expect(try await get(port, "/nowhere").field("code") == "not-found")
        }
        await nowhere.shutDown()
    }

    @Test("lets those through who have the role, and tells the others why not")
    func asksForRoles() async throws {
        let routes = Routes { router in
            router.group("desk").add(middleware: RequireRole(.operator)).get { _, context in
                try context.require().name
            }
            router.get("known") { _, context in try context.require().userID }
        }
        try await withHTTP([routes]) { port in
            let nobody = try await get(port, "/desk")
            #expect(nobody.status == 401)
            #expect(nobody.headers["www-authenticate"] == "Bearer")
            #expect(try await get(port, "/desk", headers: ["Authorization": "Bearer wrong"]).status == 401)
            #expect(try await get(port, "/desk", headers: .token(.learner)).status == 403)
            #expect(try await get(port, "/desk", headers: .token(.operator)).body == "operator")
            #expect(try await get(port, "/desk", headers: .session(.admin)).body == "admin")
            #expect(try await get(port, "/known").status == 401)
            #expect(try await get(port, "/known", headers: .token(.learner)).body == "id-of-learner")
        }
    }

    @Test("refuses what another site has a browser send")
    func refusesForgery() async throws {
        let routes = Routes { router in
            router.post("change") { request, context -> String in
                let form = FormFields(String(buffer: try await request.body.collect(upTo: context.maxUploadSize)))
                return form["a"] ?? "done"
            }
        }
        let form = ["Content-Type": "application/x-www-form-urlencoded"]
        try await withHTTP(
            [routes],
            configure: { $0.options.origins = ["https://friend.example.org"] },
            { port in
                let own = ["Origin": "http://127.0.0.1:\(port)"]
                let shown = ["X-CSRF-Token": "token-of-the-session"]
                for (headers, body, status) in [
                    (.session(.learner), nil, 403),
                    (.session(.learner, own), nil, 403),
                    (.session(.learner, shown), nil, 200),
                    (.session(.learner, ["X-CSRF-Token": "token-of-another-one"]), nil, 403),
                    (.session(.learner, own.merging(shown) { $1 }), nil, 200),
                    (.session(.learner, shown.merging(["Origin": "https://evil.example.org"]) { $1 }), nil, 403),
                    (.session(.learner, shown.merging(["Origin": "null"]) { $1 }), nil, 403),
                    (.session(.learner, shown.merging(["Sec-Fetch-Site": "cross-site"]) { $1 }), nil, 403),
                    (.session(.learner, shown.merging(["Sec-Fetch-Site": "same-origin"]) { $1 }), nil, 200),
                    (.session(.learner, shown.merging(["Origin": "https://friend.example.org"]) { $1 }), nil, 200),
                    (.session(.learner, form), "a=%C3%A9+1&_csrf=token-of-the-session", 200),
                    (.session(.learner, form), "a=b&_csrf=token", 403),
                    (.token(.learner), nil, 200),
                    (.token(.learner, ["Origin": "https://evil.example.org"]), nil, 200),
                    ([:], nil, 200),
                    (["Origin": "https://evil.example.org"], nil, 403),
                ] as [([String: String], String?, Int)] {
                    let answer = try await send("POST", port, "/change", body, headers: headers)
                    #expect(answer.status == status, "\(headers) \(answer.body)")
                    if body != nil, status == 200 { #expect(answer.body == "é 1") }
                }
            }
        )
    }

    @Test("keeps sizes and times within limits, whoever says what of them")
    func keepsLimits() async throws {
        let routes = Routes { router in
            router.post("take") { request, _ -> String in
                var count = 0
                for try await buffer in request.body { count += buffer.readableBytes }
                return "\(count)"
            }
            router.get("wait") { _, _ -> String in
                try await Task.sleep(for: .seconds(600))
                return "late"
            }
        }
        try await withHTTP(
            [routes],
            configure: { server in
                server.options.limits.body = 1000
                server.options.limits.headers = 2000
                server.options.limits.time = .milliseconds(300)
            },
            { port in
                func take(_ head: String, _ body: String) async throws -> String {
                    let host = "Host: x\r\nConnection: close\r\n"
                    return try await sendRaw(port, "POST /take HTTP/1.1\r\n\(host)\(head)\r\n\r\n\(body)")
                }
                let fits = String(repeating: "a", count: 1000)
                #expect(try await take("Content-Length: 1000", fits).hasSuffix("1000"))
                #expect(try await take("Content-Length: 1001", fits + "a").hasPrefix("HTTP/1.1 413 "))
                let chunked = "Transfer-Encoding: chunked"
                #expect(try await take(chunked, "3e8\r\n\(fits)\r\n0\r\n\r\n").contains("1000"))
                #expect(try await take(chunked, "3e8\r\n\(fits)\r\n1\r\na\r\n0\r\n\r\n").hasPrefix("HTTP/1.1 413 "))
                #expect(try await take("X: \(fits)\(fits)\r\nContent-Length: 0", "").hasPrefix("HTTP/1.1 4"))
                let late = try await get(port, "/wait")
                #expect(late.status == 503)
                #expect(try late.field("code") == "took-too-long")
            }
        )
    }

    @Test("says with each response what browsers may do, whose request and whose trace it was")
    func sendsHeaders() async throws {
        let routes = Routes { router in
            router.get("page") { _, _ in "page" }
            router.get("own") { _, _ in
                Response(
                    status: .ok,
                    headers: [.contentSecurityPolicy: "default-src 'self'", .cacheControl: "max-age=60"]
                )
            }
            router.get("address") { _, context in "\(context.remoteAddress ?? "") \(context.isSecure)" }
        }
        try await withHTTP(
            [routes],
            configure: { $0.options.trustedProxies = ["127.0.0.1", "10.0.0.9"] },
            { port in
                let page = try await get(port, "/page", headers: ["X-Request-Id": "no id\" at all"])
                let policy = try #require(page.headers["content-security-policy"])
                #expect(policy.contains("script-src 'self';"))
                #expect(policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(page.headers["x-content-type-options"] == "nosniff")
                #expect(page.headers["cache-control"] == "no-store")
                #expect(page.headers["strict-transport-security"] == nil)
                #expect(page.headers["x-request-id"].map { !$0.contains("no id") } == true)
                #expect(page.headers["traceparent"]?.hasPrefix("00-") == true)
                let own = try await get(port, "/own")
                #expect(own.headers["content-security-policy"] == "default-src 'self'")
                #expect(own.headers["cache-control"] == "max-age=60")
                let forwarded = try await get(
                    port,
                    "/address",
                    headers: ["X-Forwarded-For": "203.0.113.7, 198.51.100.2, 10.0.0.9", "X-Forwarded-Proto": "https"]
                )
                #expect(forwarded.body == "198.51.100.2 true")
            }
        )
        try await withHTTP(
            [routes],
            configure: { $0.options.isBehindTLS = true },
            { port in
                let forged = try await get(port, "/address", headers: ["X-Forwarded-For": "203.0.113.7"])
                #expect(forged.body == "127.0.0.1 true")
                #expect(forged.headers["strict-transport-security"] != nil)
            }
        )
    }

    @Test("counts requests by their route's template, and tells whoever wants to know")
    func counts() async throws {
        let registry = PrometheusRegistry()
        let seen = Mutex<[String]>([])
        let routes = Routes { router in
            router.get("things/{id}") { _, context in "thing" }
        }
        try await withHTTP(
            [routes],
            configure: { server in
                server.metrics = registry
                server.onRequest = { request in
                    seen.withLock { $0.append("\(request.method) \(request.route ?? "-") \(request.status.code)") }
                }
            },
            { port in
                for path in ["/things/1", "/things/2", "/other"] { _ = try await get(port, path) }
                _ = try await send("DELETE", port, "/things/3")
            }
        )
        #expect(
            seen.withLock { $0 } == [
                "GET /things/{id} 200", "GET /things/{id} 200", "GET - 404", "DELETE - 404",
            ]
        )
        let text = registry.text()
        let labels = #"http_request_method="GET",http_response_status_code="200",http_route="/things/{id}""#
        #expect(text.contains("http_server_request_duration_seconds_count{\(labels)} 2"), "\(text)")
        #expect(text.contains("http_server_active_requests{http_request_method=\"GET\"} 0"), "\(text)")
    }

    @Test(
        "warns where passwords would go over the wire as they are",
        arguments: [
            ("127.0.0.1", false, false), ("0.0.0.0", false, true), ("0.0.0.0", true, false), ("::", false, true),
        ]
    )
    func warns(host: String, isBehindTLS: Bool, isWarned: Bool) {
        var options = HTTPServerOptions()
        options.host = host
        options.isBehindTLS = isBehindTLS
        #expect((options.notice != nil) == isWarned)
    }

    @Test(
        "answers 503 while its database is away or it is about to end, and ends what it has begun",
        .timeLimit(.minutes(2))
    )
    func followsTheApplication() async throws {
        let (begun, mayEnd) = (Signal<Void>(), Signal<Void>())
        let routes = Routes { router in
            router.get("quick") { _, _ in "quick" }
            router.get("slow") { _, _ in
                begun.end()
                try await mayEnd.value()
                return "done"
            }
        }
        try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
            try await withOwnServer { server in
                try await server.initialise()
                let gate = BootGate(
                    Migrator(directory: folder.path, database: try server.superuser()),
                    mode: .migrate
                )
                var http = HTTPServer(gate.status, logger: quiet)
                http.options.port = 0
                http.groups = [routes]
                var runtime = ApplicationRuntime(
                    gate: gate,
                    probes: ProbeListener(gate.status, address: .hostname("127.0.0.1", port: 0)),
                    logger: quiet
                )
                runtime.catchesSignals = false
                runtime.limits.drainDelay = .seconds(60)
                runtime.limits.graceful = .seconds(60)
                runtime.parts = [http.part]
                let group = ServiceGroup(services: [Nested(runtime: runtime)], logger: quiet)
                try await withThrowingTaskGroup(of: Void.self) { [http] tasks in
                    tasks.addTask { try await group.run() }
                    try await server.whileRunning { _ in
                        let port = try await http.port()
                        try await ask(port, "/quick") { $0.status == 200 }
                    }
                    let port = try await http.port()
                    let away = try await ask(port, "/quick") { $0.status == 503 }
                    #expect(away.headers["retry-after"] == "2")
                    try await server.whileRunning { _ in
                        try await ask(port, "/quick") { $0.status == 200 }
                        async let slow = get(port, "/slow")
                        try await begun.value()
                        await group.triggerGracefulShutdown()
                        let draining = try await ask(port, "/quick") { $0.status == 503 }
                        #expect(draining.headers["retry-after"] == "5")
                        mayEnd.end()
                        #expect(try await slow.body == "done")
                    }
                    tasks.cancelAll()
                }
            }
        }
    }
}

private struct Secret: Error, CustomStringConvertible {
    var description: String { "the password is hunter2" }
}

/// The runtime as a service of another group.
private struct Nested: Service {
    let runtime: ApplicationRuntime

    func run() async throws { try await runtime.run() }
}
