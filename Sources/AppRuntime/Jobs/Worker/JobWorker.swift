public import Logging
public import Postgres
import ServiceLifecycle

/// Takes jobs from the queue and runs their handlers, many at once, until it is told to stop.
///
/// It holds four connections of its own: one fetches, one acknowledges, one says every ten seconds that the process
/// lives, one listens; and opens a fifth to acknowledge beside the second where many have gathered. No transaction is
/// open while a handler runs. A worker whose heartbeat does not get through in time takes it that others have its jobs: it
/// cancels their handlers, and starts again under another id.
///
/// As a service of a `ServiceGroup` it stops gracefully: nothing more is taken, running jobs have
/// ``JobWorkerOptions/softStop`` to end, then their tasks are cancelled, and after ``JobWorkerOptions/hardStop`` what
/// still runs is given back without costing an attempt. In an ``ApplicationRuntime`` all of that fits into the application's own end.
public final class JobWorker: DrainingService {
    private let settings: ConnectionSettings
    private let handlers: JobHandlers
    private let queue: JobQueue?
    private let options: JobWorkerOptions
    private let logger: Logger
    private let metrics = JobMetrics()

    /// Makes a worker; it takes nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - settings: where the database is.
    ///   - handlers: what to do with each kind of job.
    ///   - queue: the queue that this process inserts with, whose jobs then wake the worker without a notification.
    ///   - options: how to work.
    ///   - logger: where to say what happens.
    public init(
        to settings: ConnectionSettings,
        handlers: JobHandlers,
        queue: JobQueue? = nil,
        options: JobWorkerOptions = JobWorkerOptions(),
        logger: Logger = Logger(label: "lastro.jobs")
    ) {
        self.settings = settings
        self.handlers = handlers
        self.queue = queue
        self.options = options
        self.logger = logger
    }

    /// Works until a graceful shutdown, or the task's cancellation, which leaves running jobs no time of their own.
    public func run() async throws {
        let stop = StopSignal()
        let options = ShutdownLimits.current.map(options.fitting) ?? options
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                while !stop.isRaised {
                    let session = WorkerSession(
                        settings: settings,
                        handlers: handlers,
                        options: options,
                        stop: stop,
                        logger: logger,
                        metrics: metrics
                    )
                    queue?.wake.add(session.wake)
                    defer { queue?.wake.remove(session.wake) }
                    // Out of reach of the cancellation: a worker that stops has things to tell the server.
                    await Task.detached { await session.run() }.value
                }
            } onCancel: {
                stop.raise(isHard: true)
            }
        } onGracefulShutdown: {
            stop.raise(isHard: false)
        }
    }
}
