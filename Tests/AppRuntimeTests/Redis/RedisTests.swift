import Foundation
import Hummingbird
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

@Suite("Redis")
struct RedisTests {
    @Test("counts and keeps for all processes together")
    func shares() async throws {
        try await withRedisServer { server in
            let nodes = [try await Self.redis(server), try await Self.redis(server)]
            let limiters = nodes.map { RateLimiter(redis: $0) }
            var decisions: [RateLimiter.Decision] = []
            for number in 0..<9 {
                decisions.append(await limiters[number % 2].admit("k", RateLimit(5, per: .seconds(3600))))
            }
            #expect(decisions.map(\.isAdmitted) == [true, true, true, true, true, false, false, false, false])
            #expect(decisions.map(\.isShared) == [Bool](repeating: true, count: 9))
            #expect(try #require(decisions.last).retryAfter > 600)
            let quick = RateLimit(1, per: .milliseconds(1))
            _ = await limiters[0].admit("quick", quick)
            try await wait(for: "the time of one request") { await limiters[1].admit("quick", quick).isAdmitted }
            let caches = nodes.map { SharedCache(redis: $0) }
            await caches[0].store([0, 1, 255], as: "a", for: .seconds(600))
            #expect(await caches[1].value(of: "a") == [0, 1, 255])
            await caches[1].remove("a")
            #expect(await caches[0].value(of: "a") == nil)
            await caches[0].store([], as: "b", for: .milliseconds(1))
            try await wait(for: "the value's time is over") { await caches[0].value(of: "b") == nil }
            let error = await #expect(throws: RedisError.self) { try await nodes[0].command("NOSUCH") }
            #expect(error?.code == .refused)
            for node in nodes { await node.close() }
        }
    }

    @Test("is done without where there is none, within one process")
    func isDoneWithout() async throws {
        let time = Mutex(1000.0)
        let limiter = RateLimiter(redis: nil, prefix: "", capacity: 10) { time.withLock { $0 } }
        let limit = RateLimit(3, per: .seconds(3))
        var admitted: [Bool] = []
        for _ in 0..<4 { admitted.append(await limiter.admit("k", limit).isAdmitted) }
        #expect(admitted == [true, true, true, false])
        #expect(await limiter.admit("k", limit).retryAfter == 1)
        time.withLock { $0 += 1 }
        #expect(await limiter.admit("k", limit).isAdmitted)
        #expect(await limiter.admit("k", limit).isAdmitted == false)
        // More keys than there is room for: those that are nearest to being free are forgotten.
        for number in 0..<100 { #expect(await limiter.admit("other-\(number)", limit).isAdmitted) }
        let cache = SharedCache(capacity: 2)
        for key in ["a", "b", "c"] { await cache.store(Array(key.utf8), as: key, for: .seconds(600)) }
        #expect(await cache.value(of: "c") == Array("c".utf8))
        #expect(await cache.value(of: "a") == nil)
        await cache.remove("c")
        #expect(await cache.value(of: "c") == nil)
    }

    @Test("may be killed and come back, and may hang: the application goes on, degraded [T24]", .timeLimit(.minutes(3)))
    func comesAndGoes() async throws {
        try await withRedisServer { server in
            let redis = try await Self.redis(server, timeout: .milliseconds(500))
            let (limiter, cache) = (RateLimiter(redis: redis), SharedCache(redis: redis))
            let status = RuntimeStatus()
            status.enter(.ready)
            let following = Task { await redis.healthCheck.follow(status) }
            try await withProbes(status, token: "s") { port in
                try await ask(port, "/readyz") { $0.body.contains(#""redis":"up""#) }
                for blow in ["kill", "hang"] {
                    #expect(await limiter.admit("k", RateLimit(100, per: .seconds(60))).isShared)
                    if blow == "kill" { server.kill() } else { kill(server.pid, SIGSTOP) }
                    let degraded = try await ask(port, "/readyz") { $0.body.contains(#""redis":"degraded""#) }
                    #expect(degraded.status == 200)
                    let alone = await limiter.admit("k", RateLimit(100, per: .seconds(60)))
                    #expect(alone.isAdmitted)
                    #expect(!alone.isShared)
                    await cache.store([1], as: "alone", for: .seconds(600))
                    #expect(await cache.value(of: "alone") == [1])
                    if blow == "kill" { try server.start() } else { kill(server.pid, SIGCONT) }
                    try await ask(port, "/readyz") { $0.body.contains(#""redis":"up""#) }
                    try await wait(for: "the count is shared again") {
                        await limiter.admit("k", RateLimit(1000, per: .seconds(60))).isShared
                    }
                    // A server that hung may have found the command in its socket when it went on.
                    guard blow == "kill" else { continue }
                    try await wait(for: "what was kept alone is forgotten") { await cache.value(of: "alone") == nil }
                }
            }
            following.cancel()
            await following.value
            await redis.close()
        }
    }

    @Test("is shown its password, which is in no error")
    func showsThePassword() async throws {
        try await withRedisServer(password: "hunter2 é") { server in
            let good = try RedisSettings("unix://:hunter2%20%C3%A9@\(server.socketPath)?db=3")
            #expect(good.password == "hunter2 é")
            let redis = Redis(good)
            try await wait(for: "Redis answers") { (try? await redis.command("PING")) == .bytes(Array("PONG".utf8)) }
            await redis.close()
            var bad = good
            bad.password = "hunter3"
            let error = await #expect(throws: RedisError.self) { try await Redis(bad).command("PING") }
            #expect(error?.code == .refused)
            #expect(error?.description.contains("hunter") == false)
        }
        for url in ["redis://", "http://a", "redis://a/b", "unix://a", "nonsense", "redis://:hunter2@:1/x"] {
            let error = #expect(throws: RedisError.self) { try RedisSettings(url) }
            #expect(error?.description.contains("hunter2") == false)
        }
        let plain = try RedisSettings("redis://u:p@cache.example.org:6380/2")
        #expect(plain.host == "cache.example.org" && plain.port == 6380 && plain.database == 2 && plain.user == "u")
    }

    @Test("limits what one client may ask of a server")
    func limitsRequests() async throws {
        try await withRedisServer { server in
            let redis = try await Self.redis(server)
            let limits = RequestLimits(
                RateLimiter(redis: redis),
                known: RateLimit(3, per: .seconds(3600)),
                unknown: RateLimit(1, per: .seconds(3600))
            )
            let routes = Routes { $0.get("a") { _, _ in "a" } }
            try await withHTTP([routes], configure: { $0.requestLimits = limits }) { one in
                try await withHTTP([routes], configure: { $0.requestLimits = limits }) { two in
                    var known: [Int] = []
                    for port in [one, two, one, two] {
                        known.append(try await get(port, "/a", headers: .token(.learner)).status)
                    }
                    #expect(known == [200, 200, 200, 429])
                    #expect(try await get(one, "/a").status == 200)
                    let refused = try await get(two, "/a")
                    #expect(refused.status == 429)
                    #expect(refused.headers["retry-after"].flatMap { Int($0) }.map { $0 > 1000 } == true)
                    #expect(try await get(one, "/a", headers: .token(.editor)).status == 200)
                }
            }
            await redis.close()
        }
    }

    /// A client that is patient, because machines that run tests are busy.
    private static func redis(_ server: RedisServer, timeout: Duration = .seconds(20)) async throws -> Redis {
        var settings = try RedisSettings("unix://\(server.socketPath)")
        settings.timeout = timeout
        settings.connectTimeout = .seconds(20)
        let redis = Redis(settings)
        try await answers(redis, server)
        return redis
    }

    private static func answers(_ redis: Redis, _ server: RedisServer) async throws {
        let limit = ContinuousClock.now + .seconds(60)
        while true {
            do {
                _ = try await redis.command("PING")
                return
            } catch {
                try #require(ContinuousClock.now < limit, "\(error); \(server.log)")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}

/// Asks until something is so.
private func wait(for what: String, until isSo: () async -> Bool) async throws {
    let limit = ContinuousClock.now.advanced(by: .seconds(60))
    while await !isSo() {
        try #require(ContinuousClock.now < limit, "still not so: \(what)")
        try await Task.sleep(for: .milliseconds(20))
    }
}
