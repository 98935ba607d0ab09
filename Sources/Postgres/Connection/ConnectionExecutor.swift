import Dispatch

/// Runs one connection's work on a queue of its own, so that a blocking libpq call holds up nothing else.
///
/// Blocking calls on a queue beat a socket watched by a `DispatchSource` on latency and equal it on COPY
/// (docs/decisions/0001-blocking-libpq.md).
final class ConnectionExecutor: SerialExecutor {
    let queue = DispatchQueue(label: "lastro.postgres.connection", qos: .userInitiated)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
