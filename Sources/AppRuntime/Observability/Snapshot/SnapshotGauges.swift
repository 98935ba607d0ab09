import Metrics
import Synchronization

/// The gauges that Prometheus reads, set from each snapshot.
final class SnapshotGauges: Sendable {
    private struct Key: Hashable {
        var label: String
        var dimension: String?
    }

    private let factory: any MetricsFactory
    private let gauges = Mutex<[Key: Gauge]>([:])

    init(factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
    }

    func set(_ snapshot: RuntimeSnapshot) {
        var values: [Key: Double] = [
            Key(label: "lastro_jobs_scheduled"): Double(snapshot.counts.scheduled.number),
            Key(label: "lastro_jobs_failed"): Double(snapshot.counts.failed.number),
            Key(label: "lastro_jobs_oldest_runnable_age_seconds"): snapshot.oldestRunnableAge,
            Key(label: "lastro_scheduler_lag_seconds"): snapshot.schedulerLag,
            Key(label: "lastro_leader_present"): snapshot.leader?.isPresent == true ? 1 : 0,
            Key(label: "lastro_workers"): Double(snapshot.workers.count),
            Key(label: "lastro_alerts_open"): Double(snapshot.alerts.count),
            Key(label: "lastro_db_clock_skew_seconds"): snapshot.database.clockSkew,
            Key(label: "lastro_db_oldest_xmin_age_seconds"): snapshot.database.oldestSnapshot,
            Key(label: "lastro_db_dead_rows"): Double(snapshot.database.deadRows),
        ]
        for queue in snapshot.queues {
            values[Key(label: "lastro_jobs_runnable", dimension: queue.type)] = Double(queue.runnable.number)
            values[Key(label: "lastro_jobs_running", dimension: queue.type)] = Double(queue.running)
        }
        gauges.withLock { gauges in
            // A type that is gone counts nothing any more; without this it would keep its last number for ever.
            for (key, gauge) in gauges where values[key] == nil { gauge.record(0) }
            for (key, value) in values {
                let gauge =
                    gauges[key]
                    ?? Gauge(
                        label: key.label,
                        dimensions: key.dimension.map { [("type", $0)] } ?? [],
                        factory: factory
                    )
                gauges[key] = gauge
                gauge.record(value)
            }
        }
    }
}
