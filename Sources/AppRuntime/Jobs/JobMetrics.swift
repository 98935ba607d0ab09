import Metrics
import Synchronization

/// The job system's metrics; each is made once and kept.
final class JobMetrics: Sendable {
    private let types = Mutex<[String: TypeMetrics]>([:])
    private let staleAcks = Counter(label: "lastro_ack_stale_total")
    private let rescues = Counter(label: "lastro_jobs_rescued_total")
    private let sentNotifications = Counter(label: "lastro_notify_sent_total", dimensions: [("suppressed", "false")])
    private let suppressedNotifications = Counter(
        label: "lastro_notify_sent_total",
        dimensions: [("suppressed", "true")]
    )
    private let ackBatch = Metrics.Recorder(label: "lastro_ack_batch_size")
    private let fetchTime = Metrics.Recorder(label: "lastro_fetch_duration_seconds")

    /// The metrics of one type; whoever counts many jobs keeps them.
    func of(_ type: String) -> TypeMetrics {
        types.withLock { types in
            if let metrics = types[type] { return metrics }
            let metrics = TypeMetrics(type)
            types[type] = metrics
            return metrics
        }
    }

    func enqueued(_ type: String, _ jobs: Int = 1) {
        of(type).enqueued(jobs)
    }

    func notified(isSuppressed: Bool) {
        (isSuppressed ? suppressedNotifications : sentNotifications).increment()
    }

    func rescued(_ jobs: Int) {
        rescues.increment(by: jobs)
    }

    func stale(_ jobs: Int) {
        staleAcks.increment(by: jobs)
    }

    func acknowledged(_ jobs: Int) {
        ackBatch.record(jobs)
    }

    func fetched(in duration: Duration) {
        fetchTime.record(duration / .seconds(1))
    }
}

/// The metrics of one type of jobs; a series appears with its first value.
final class TypeMetrics: Sendable {
    private struct Series {
        var counters: [String: Counter] = [:]
        var waits: Metrics.Recorder?
        var outcomes: [JobOutcome: Counter] = [:]
        var duration: Metrics.Recorder?
    }

    private let type: String
    private let series = Mutex(Series())

    init(_ type: String) {
        self.type = type
    }

    func enqueued(_ jobs: Int) { counter("lastro_jobs_enqueued_total").increment(by: jobs) }

    func stuck() { counter("lastro_jobs_stuck_total").increment() }

    /// Counts jobs that start, after so many seconds each.
    func started(after waits: [Double]) {
        counter("lastro_jobs_started_total").increment(by: waits.count)
        let recorder = series.withLock { series in
            let recorder =
                series.waits ?? Metrics.Recorder(label: "lastro_job_queue_wait_seconds", dimensions: [("type", type)])
            series.waits = recorder
            return recorder
        }
        for wait in waits { recorder.record(max(0, wait)) }
    }

    func finished(_ outcome: JobOutcome, after duration: Duration) {
        let (counter, recorder) = series.withLock { series in
            if let counter = series.outcomes[outcome], let recorder = series.duration { return (counter, recorder) }
            let dimensions = [("type", type), ("outcome", outcome.rawValue)]
            let counter = Counter(label: "lastro_jobs_finished_total", dimensions: dimensions)
            let recorder =
                series.duration ?? Metrics.Recorder(label: "lastro_job_duration_seconds", dimensions: [("type", type)])
            series.outcomes[outcome] = counter
            series.duration = recorder
            return (counter, recorder)
        }
        counter.increment()
        recorder.record(duration / .seconds(1))
    }

    private func counter(_ label: String) -> Counter {
        series.withLock { series in
            if let counter = series.counters[label] { return counter }
            let counter = Counter(label: label, dimensions: [("type", type)])
            series.counters[label] = counter
            return counter
        }
    }
}
