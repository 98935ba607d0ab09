import Metrics
import Synchronization

/// The job system's metrics; each is made once and kept.
final class JobMetrics: Sendable {
    private struct Key: Hashable {
        var label: String
        var type: String
        var outcome: String?

        var dimensions: [(String, String)] {
            [("type", type)] + (outcome.map { [("outcome", $0)] } ?? [])
        }
    }

    private let counters = Mutex<[Key: Counter]>([:])
    private let timers = Mutex<[Key: Metrics.Recorder]>([:])
    private let staleAcks = Counter(label: "lastro_ack_stale_total")
    private let ackBatch = Metrics.Recorder(label: "lastro_ack_batch_size")
    private let fetchTime = Metrics.Recorder(label: "lastro_fetch_duration_seconds")

    func started(_ type: String, waited: Double) {
        count(Key(label: "lastro_jobs_started_total", type: type))
        record(Key(label: "lastro_job_queue_wait_seconds", type: type), max(0, waited))
    }

    func finished(_ type: String, _ outcome: JobOutcome, after duration: Duration) {
        count(Key(label: "lastro_jobs_finished_total", type: type, outcome: outcome.rawValue))
        record(Key(label: "lastro_job_duration_seconds", type: type), duration / .seconds(1))
    }

    func stuck(_ type: String) {
        count(Key(label: "lastro_jobs_stuck_total", type: type))
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

    private func count(_ key: Key) {
        counters.withLock { counters in
            if let counter = counters[key] { return counter.increment() }
            let counter = Counter(label: key.label, dimensions: key.dimensions)
            counters[key] = counter
            counter.increment()
        }
    }

    private func record(_ key: Key, _ value: Double) {
        timers.withLock { timers in
            if let timer = timers[key] { return timer.record(value) }
            let timer = Metrics.Recorder(label: key.label, dimensions: key.dimensions)
            timers[key] = timer
            timer.record(value)
        }
    }
}
