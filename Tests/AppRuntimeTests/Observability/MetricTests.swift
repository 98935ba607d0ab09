import AppRuntime
import CoreMetrics
import Foundation
import TestSupport
import Testing

@Suite("The metrics")
struct MetricTests {
    private func filled() -> PrometheusRegistry {
        let registry = PrometheusRegistry(bounds: ["lastro_ack_batch_size": [1, 10, 100]])
        let finished = Counter(label: "lastro_jobs_finished", dimensions: [("outcome", "completed")], factory: registry)
        finished.increment(by: 41)
        finished.increment()
        Counter(
            label: "lastro_jobs_finished_total",
            dimensions: [("outcome", "a \"quoted\" \\ two\nlines, ünïcode")],
            factory: registry
        ).increment()
        FloatingPointCounter(label: "work.done", factory: registry).increment(by: 1.25)
        Meter(label: "lastro_jobs_running", factory: registry).set(7)
        Gauge(label: "lastro_leader", factory: registry).record(1)
        Gauge(label: "not.a.number", factory: registry).record(Double.nan)
        Gauge(label: "very.large", factory: registry).record(Double.infinity)
        let timer = Timer(
            label: "http.server.request.duration",
            dimensions: [("http.route", "/api/jobs/{id}"), ("http.response.status_code", "200")],
            factory: registry
        )
        timer.recordNanoseconds(4_000_000)
        timer.recordMilliseconds(90)
        timer.recordSeconds(4000)
        let sizes = Recorder(label: "lastro_ack_batch_size", factory: registry)
        for size in [1, 2, 10, 11, 1000] { sizes.record(size) }
        Recorder(label: "lastro_job_duration_seconds", dimensions: [("le", "x"), ("type", "1")], factory: registry)
            .record(0.3)
        return registry
    }

    @Test("are written as the text format has it")
    func areWritten() throws {
        try expectGolden(filled().text(), "metrics.txt", testFile: Self.folder)
    }

    @Test("are understood by Prometheus's own parser")
    func areUnderstood() async throws {
        try await withTemporaryFolder(["metrics.txt": filled().text()]) { folder in
            let answer = try await PrometheusParser.read(folder.file("metrics.txt"))
            #expect(answer.contains("lastro_jobs_finished counter outcome=completed 42.0"), "\(answer)")
            #expect(answer.contains("outcome=a \"quoted\" \\ two|lines, ünïcode 1.0"), "\(answer)")
            #expect(answer.contains("http_server_request_duration_seconds histogram"), "\(answer)")
            #expect(answer.contains("lastro_jobs_running gauge  7.0"), "\(answer)")
            #expect(answer.contains("not_a_number gauge  nan"), "\(answer)")
        }
    }

    @Test("keep what somebody else chooses within limits")
    func areBounded() {
        var limits = PrometheusRegistry.Limits()
        limits.series = 10
        limits.valueLength = 8
        let registry = PrometheusRegistry(limits: limits)
        for number in 0..<1000 {
            let path = "/\(number)/" + String(repeating: "x", count: 10_000)
            Counter(label: "requests", dimensions: [("path", path)], factory: registry).increment()
        }
        let lines = registry.text().split(separator: "\n").filter { $0.hasPrefix("requests_total") }
        #expect(lines.count == 11)
        #expect(lines.contains("requests_total{path=\"other\"} 990"))
        #expect(registry.text().contains("lastro_metrics_series_dropped_total 990"))
        #expect(registry.text().utf8.count < 2000)
    }

    @Test("have one kind each, and the first one stays")
    func haveOneKind() {
        let registry = PrometheusRegistry()
        Meter(label: "size_total", factory: registry).set(5)
        Counter(label: "size", factory: registry).increment()
        #expect(registry.text().contains("# TYPE size_total gauge\nsize_total 5\n"))
    }

    @Test("are shared by those who ask for the same, and forgotten when all have given them back")
    func areShared() {
        let registry = PrometheusRegistry()
        let one = Counter(label: "shared", dimensions: [("a", "1"), ("b", "2")], factory: registry)
        let other = Counter(label: "shared", dimensions: [("b", "2"), ("a", "1")], factory: registry)
        one.increment()
        other.increment()
        #expect(registry.text().contains("shared_total{a=\"1\",b=\"2\"} 2\n"))
        one.destroy()
        other.increment()
        #expect(registry.text().contains("shared_total{a=\"1\",b=\"2\"} 3\n"))
        other.destroy()
        #expect(registry.text() == "")
    }

    @Test("count right from many threads at once")
    func countFromManyThreads() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = Counter(label: "busy", factory: registry)
                    let timer = Timer(label: "busy.time", factory: registry)
                    for _ in 0..<5000 {
                        counter.increment()
                        timer.recordNanoseconds(1_000_000_000)
                    }
                }
            }
        }
        #expect(registry.text().contains("busy_total 40000\n"))
        #expect(registry.text().contains("busy_time_seconds_sum 40000\nbusy_time_seconds_count 40000\n"))
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "x").path
}

/// Prometheus's parser for Python, in an environment of its own.
enum PrometheusParser {
    /// Reads metrics; one line for each sample.
    static func read(_ path: String) async throws -> String {
        let program = """
            import sys
            from prometheus_client.parser import text_string_to_metric_families
            for family in text_string_to_metric_families(open(sys.argv[1], encoding="utf-8").read()):
                for sample in family.samples:
                    labels = " ".join(f"{n}={v}" for n, v in sample.labels.items()).replace("\\n", "|")
                    print(family.name, family.type, labels, sample.value)
                if family.type == "histogram":
                    for sample in family.samples:
                        if sample.name.endswith("_bucket"): assert "le" in sample.labels
            """
        let python = try PythonEnvironment.python(of: "prometheus")
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", program, path]
        process.environment = ["PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
