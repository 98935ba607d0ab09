import AppRuntime
import Foundation
import Instrumentation
import Logging
import Synchronization
import Testing

@Suite("The log")
struct LogTests {
    @Test("is one JSON object a line, with the ids of request, job and trace")
    func isJSON() throws {
        let log = Log()
        var logger = log.logger()
        logger[metadataKey: "hb.request.id"] = "17"
        logger[metadataKey: "job_id"] = "42"
        var scope = InstrumentationContext.topLevel
        let trace = try #require(TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        scope.traceContext = trace
        InstrumentationContext.$current.withValue(scope) {
            logger.error(
                "it \"broke\"\nin two\u{0} \\ lines",
                metadata: ["list": ["a", "b"], "nested": ["x": "1", "y": ["z": "ü"]], "time": "mine"]
            )
        }
        let lines = log.lines
        #expect(lines.count == 1)
        #expect(lines[0].filter { $0 == "\n" }.count == 1)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(object["level"] as? String == "error")
        #expect(object["logger"] as? String == "test")
        #expect(object["message"] as? String == "it \"broke\"\nin two\u{0} \\ lines")
        #expect(object["request_id"] as? String == "17")
        #expect(object["job_id"] as? String == "42")
        #expect(object["trace_id"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(object["span_id"] as? String == "b7ad6b7169203331")
        #expect(object["list"] as? [String] == ["a", "b"])
        #expect((object["nested"] as? [String: Any])?["x"] as? String == "1")
        #expect(object["metadata_time"] as? String == "mine")
        let time = try #require(object["time"] as? String)
        #expect(time.hasSuffix("Z") && time.contains("."), "\(time)")
    }

    @Test(
        "holds no secret, wherever it stands",
        arguments: [
            "postgresql://app:hunter22@db/app is down", "two: redis://:hunter22@cache, http://a:b@c/?x=1 and more",
            "Authorization: Bearer hunter22 was refused", "host=db password=hunter22 dbname=app",
            "host=db password='hunter22 x' dbname=app", "https://u:hunter22/with@slash@host/ path",
            "TOKEN=hunter22&x=y",
            "a bare top-secret-word here", "bearer hunter22, and bearer hunter22",
        ]
    )
    func holdsNoSecret(text: String) {
        let log = Log()
        let logger = log.logger(Redaction(secrets: ["top-secret-word", "abc"]))
        logger.info(
            "\(text)",
            metadata: [
                "note": "\(text)", "db_password": "hunter22", "headers": ["Set-Cookie": "hunter22", "x": "\(text)"],
                "api_key": .stringConvertible("hunter22"), "tokens": ["hunter22"],
            ]
        )
        let line = log.lines.joined()
        #expect(!line.contains("hunter22"), "\(line)")
        #expect(!line.contains("top-secret-word"), "\(line)")
        #expect(line.contains("***"))
    }

    @Test("leaves alone what only looks like a secret")
    func leavesTheRestAlone() {
        let redaction = Redaction()
        for text in [
            "see https://example.org/a@b", "mail to someone@example.org", "10:30@noon", "postgresql://app@db/app",
            "the bearer of bad news came", "abc", "",
        ] where text != "the bearer of bad news came" {
            #expect(redaction(text) == text)
        }
    }
}

@Suite("A trace context")
struct TraceContextTests {
    @Test("is read and written as the standard has it")
    func isReadAndWritten() throws {
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let trace = try #require(TraceContext(traceparent: header, state: "vendor=1"))
        #expect("\(trace)" == header)
        #expect(trace.isSampled)
        #expect(trace.state == "vendor=1")
        let child = trace.child
        #expect(child.traceID == trace.traceID)
        #expect(child.spanID != trace.spanID)
        #expect(child.state == "vendor=1")
        #expect(
            TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")?.isSampled == false
        )
        #expect(TraceContext(traceparent: "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more") != nil)
        #expect(TraceContext(traceparent: "\(TraceContext())") != nil)
    }

    @Test(
        "is not taken from what cannot be trusted",
        arguments: [
            "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
            "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
            "éé-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033-01",
        ]
    )
    func isNotTaken(header: String) {
        #expect(TraceContext(traceparent: header) == nil)
    }

    @Test("goes through the instrument from one header to the next")
    func goesThrough() throws {
        let instrument = TraceContextInstrument()
        var scope = InstrumentationContext.topLevel
        let incoming = ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b"]
        instrument.extract(incoming, into: &scope, using: DictionaryCarrier())
        var outgoing: [String: String] = [:]
        instrument.inject(scope, into: &outgoing, using: DictionaryCarrier())
        #expect(outgoing["tracestate"] == "a=b")
        let sent = try #require(outgoing["traceparent"].flatMap { TraceContext(traceparent: $0) })
        #expect(sent.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(sent.spanID != "b7ad6b7169203331")
        instrument.extract(["traceparent": "nonsense"], into: &scope, using: DictionaryCarrier())
        #expect(scope.traceContext?.traceID != "0af7651916cd43dd8448eb211c80319c")
    }
}

private struct DictionaryCarrier: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}

/// Where a test's lines go.
private final class Log: Sendable {
    private let written = Mutex<[[UInt8]]>([])

    var lines: [String] { written.withLock { $0 }.map { String(decoding: $0, as: UTF8.self) } }

    func logger(_ redaction: Redaction = Redaction()) -> Logger {
        Logger(label: "test") { label in
            JSONLogHandler(label: label, redaction: redaction) { line in self.written.withLock { $0.append(line) } }
        }
    }
}
