/// How a worker works; the defaults suit a process that does little else.
public struct JobWorkerOptions: Sendable, Hashable {
    /// How many jobs run at once in this process.
    public var concurrency: Int
    /// The types that are taken; nil for every one that has a handler.
    public var types: [String]?
    /// How long to sleep where nothing wakes the worker, give or take a fifth.
    public var pollInterval: Duration
    /// Whether to listen for notifications; without, as behind a pooler in transaction mode, the poll finds jobs.
    public var listens: Bool
    /// How often the worker says that it lives.
    public var heartbeat: Duration
    /// After how long without a heartbeat a worker has lost its jobs, the same in every process.
    public var timeToLive: Duration
    /// How long running jobs have to end by themselves when the worker stops.
    public var softStop: Duration
    /// How long handlers have to end after they were cancelled; what is left then is given back.
    ///
    /// In an ``ApplicationRuntime`` it is two fifths of ``ShutdownLimits/cancellation`` at most.
    public var hardStop: Duration
    /// How long the last acknowledgements may take; what has not got through then a sweep finds.
    ///
    /// In an ``ApplicationRuntime`` it is half of ``ShutdownLimits/cancellation`` at most.
    public var lastWords: Duration
    /// After how long a handler that was cancelled and goes on is given up.
    public var stuckAfter: Duration
    /// How many acknowledgements go into one statement at most; where half as many wait, a second connection sends them.
    public var acknowledgementBatch: Int

    /// Makes options.
    public init(
        concurrency: Int = 100,
        types: [String]? = nil,
        pollInterval: Duration = .seconds(1),
        listens: Bool = true,
        heartbeat: Duration = .seconds(10),
        timeToLive: Duration = .seconds(30),
        softStop: Duration = .seconds(20),
        hardStop: Duration = .seconds(5),
        lastWords: Duration = .seconds(5),
        stuckAfter: Duration = .seconds(10),
        acknowledgementBatch: Int = 500
    ) {
        self.concurrency = concurrency
        self.types = types
        self.pollInterval = pollInterval
        self.listens = listens
        self.heartbeat = heartbeat
        self.timeToLive = timeToLive
        self.softStop = softStop
        self.hardStop = hardStop
        self.lastWords = lastWords
        self.stuckAfter = stuckAfter
        self.acknowledgementBatch = acknowledgementBatch
    }

    /// The same, with an end that fits into that of an application: what is not given back by then would be lost with the process.
    func fitting(_ limits: ShutdownLimits) -> JobWorkerOptions {
        var options = self
        options.softStop = min(softStop, limits.graceful)
        options.hardStop = min(hardStop, limits.cancellation * 2 / 5)
        options.lastWords = min(lastWords, limits.cancellation / 2)
        return options
    }
}
