import Foundation
import Hummingbird
import Logging
import Postgres
import Synchronization
import TestSupport
import Testing
import Tracing

@testable import AppRuntime

@Suite("Spans")
struct SpanTests {
    private static let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test("are made of requests, by method and route, in the caller's trace")
    func ofRequests() async throws {
        let seen = Texts()
        let routes = Routes { router in
            router.get("cards/{id}") { _, _ in
                seen.add(TraceContext.current?.spanID ?? "")
                return "card"
            }
            router.get("broken") { _, _ -> String in throw URLError(.badURL) }
        }
        let tracer = HeaderTracer()
        try await withTracer(tracer) {
            try await withHTTP([routes]) { port in
                let answer = try await send("GET", port, "/cards/7?secret=1", headers: ["traceparent": Self.caller])
                #expect(answer.status == 200)
                #expect(try await send("GET", port, "/broken").status == 500)
                #expect(try await send("GET", port, "/nowhere").status == 404)
                let sent = try #require(answer.headers["traceparent"].flatMap { TraceContext(traceparent: $0) })
                #expect(sent.traceID == "0af7651916cd43dd8448eb211c80319c")
                #expect(seen.all == [sent.spanID])
            }
        }
        let spans = tracer.ended
        #expect(spans.map(\.name).sorted() == ["GET", "GET /broken", "GET /cards/{id}"])
        let card = try #require(spans.first { $0.name == "GET /cards/{id}" })
        #expect(card.kind == .server && card.status == nil && card.errors == 0)
        #expect(card.trace.traceID == "0af7651916cd43dd8448eb211c80319c" && card.parent == "b7ad6b7169203331")
        #expect(card.trace.spanID == seen.all.first)
        #expect(card.attributes.get("http.route") == .string("/cards/{id}"))
        #expect(card.attributes.get("http.response.status_code") == .int64(200))
        #expect(card.attributes.get("url.path") == .string("/cards/7"))
        let broken = try #require(spans.first { $0.name == "GET /broken" })
        #expect(broken.status?.code == .error && broken.attributes.get("error.type") == .string("500"))
    }

    private static let handlers = {
        var handlers = JobHandlers()
        handlers.register(Act.self) { job, context in
            context.logger.info("at work")
            switch job.how {
            case "fail": throw URLError(.badURL)
            case "put off": throw JobDirective.snooze(for: .seconds(3600))
            default: break
            }
        }
        return handlers
    }()

    private func context(_ id: String, _ logger: Logger = quiet) -> JobContext {
        JobContext(
            id: id,
            type: "act",
            attempt: 2,
            maxAttempts: 3,
            traceParent: Self.caller,
            isTraced: true,
            payload: "{}",
            base: logger,
            reports: JobReports()
        )
    }

    @Test("are made of attempts at jobs, in the trace of whoever asked for them")
    func ofJobs() async throws {
        let lines = Texts()
        let logger = lines.logger
        let work = try #require(Self.handlers.entries["act"]?.work)
        let tracer = HeaderTracer()
        await withTracer(tracer) {
            for how in ["well", "fail", "put off"] {
                _ = try? await work("{\"how\": \"\(how)\"}", context(how, logger))  // what comes of it is in the span
            }
        }
        let spans = tracer.ended
        #expect(spans.map(\.name) == ["process act", "process act", "process act"])
        for (span, id) in zip(spans, ["well", "fail", "put off"]) {
            #expect(span.kind == .consumer && span.parent == "b7ad6b7169203331")
            #expect(span.trace.traceID == "0af7651916cd43dd8448eb211c80319c")
            #expect(span.attributes.get("messaging.message.id") == .string(id))
            #expect(span.attributes.get("messaging.destination.name") == .string("act"))
            #expect(span.attributes.get("lastro.job.attempt") == .int64(2))
            let isBad = id == "fail"
            #expect((span.status?.code == .error) == isBad && span.errors == (isBad ? 1 : 0), "\(id)")
            #expect(lines.all.contains { $0.contains(id) && $0.contains("\"span_id\":\"\(span.trace.spanID)\"") })
        }
    }

    @Test("are not made without a tracer; a job's log names it and its trace all the same")
    func withoutTracer() async throws {
        let trace = try await context("1").traced { TraceContext.current?.traceID }
        #expect(trace == "0af7651916cd43dd8448eb211c80319c")
        #expect(TraceContext.current == nil)
        let lines = Texts()
        try await withJobDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 2)
            let queue = JobQueue(pool: pool)
            let (options, logger) = (JobWorkerOptions.quick, lines.logger)
            let worker = JobWorker(
                to: settings,
                handlers: Self.handlers,
                queue: queue,
                options: options,
                logger: logger
            )
            let id = try await queue.insert(Act(how: "well"), JobInsertion(traceParent: Self.caller))
            let running = Task { try await worker.run() }
            _ = try await queue.wait(for: id, toBe: "completed")
            running.cancel()
            try await running.value
            await pool.shutDown()
            let line = try #require(lines.all.first { $0.contains("at work") })
            #expect(line.contains("\"job_id\":\"\(id)\""), "\(line)")
            #expect(line.contains("\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\""), "\(line)")
        }
    }
}

/// What was seen, in order.
private final class Texts: Sendable {
    private let seen = Mutex<[String]>([])

    var all: [String] { seen.withLock { $0 } }

    func add(_ text: String) { seen.withLock { $0.append(text) } }

    /// A logger whose lines these are.
    var logger: Logger {
        Logger(label: "test") { label in
            JSONLogHandler(label: label) { self.add(String(decoding: $0, as: UTF8.self)) }
        }
    }
}
