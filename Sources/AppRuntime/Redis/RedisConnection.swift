import CHiredis
import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One connection to a Redis, opened when it is needed and again after it was cut.
///
/// The library blocks, so the connection has a queue of its own: what waits for an answer holds up nothing but this connection.
actor RedisConnection {
    private let settings: RedisSettings
    private let executor = RedisExecutor()
    private var handle: RedisHandle?
    private var failures = 0
    private var mayOpenAt = ContinuousClock.now

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ settings: RedisSettings) {
        self.settings = settings
    }

    /// Sends a command and reads the answer.
    ///
    /// - Parameter arguments: the command's name and what it is given.
    /// - Returns: the answer.
    /// - Throws: ``RedisError`` with code `refused` for an answer that is an error; with code `away` for none, after which nothing is
    ///   tried for a moment that grows up to five seconds.
    func command(_ arguments: [[UInt8]]) throws(RedisError) -> RedisReply {
        preconditionIsolated()
        do throws(RedisError) {
            let handle = try open()
            let reply = try handle.command(arguments)
            failures = 0
            return reply
        } catch {
            if error.code == .away, error != .resting {
                handle = nil
                failures = min(failures + 1, 6)
                mayOpenAt = .now + min(.milliseconds(100) * (1 << failures), .seconds(5))
            }
            throw error
        }
    }

    func close() {
        preconditionIsolated()
        handle = nil
    }

    private func open() throws(RedisError) -> RedisHandle {
        if let handle { return handle }
        guard mayOpenAt <= .now else { throw .resting }
        let opened = try RedisHandle(settings)
        handle = opened
        return opened
    }
}

/// Runs one connection's work on a queue of its own.
private final class RedisExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "lastro.redis.connection", qos: .userInitiated)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}

/// Owns the library's connection; used on its actor's queue alone.
private final class RedisHandle {
    private let context: UnsafeMutablePointer<redisContext>

    init(_ settings: RedisSettings) throws(RedisError) {
        _ = ignoresBrokenPipes
        let patience = timeval(settings.connectTimeout)
        let opened =
            if let path = settings.socketPath {
                redisConnectUnixWithTimeout(path, patience)
            } else {
                redisConnectWithTimeout(settings.host, Int32(settings.port), patience)
            }
        guard let opened else { throw RedisError(code: .away, message: "there is no memory for a connection to Redis") }
        context = opened
        guard opened.pointee.err == 0 else { throw lost() }
        guard redisSetTimeout(opened, timeval(settings.timeout)) == REDIS_OK else { throw lost() }
        if let password = settings.password {
            try command(["AUTH"].map(\.bytes) + [settings.user, password].compactMap { $0?.bytes })
        }
        if settings.database != 0 { try command(["SELECT".bytes, "\(settings.database)".bytes]) }
    }

    deinit { redisFree(context) }

    @discardableResult
    func command(_ arguments: [[UInt8]]) throws(RedisError) -> RedisReply {
        let flat = arguments.flatMap(\.self).map { CChar(bitPattern: $0) }
        let answer = flat.withUnsafeBufferPointer { bytes -> UnsafeMutableRawPointer? in
            // An empty buffer has no address, and no command is empty.
            guard let base = bytes.baseAddress else { return nil }
            var starts: [UnsafePointer<CChar>?] = []
            var offset = 0
            for argument in arguments {
                starts.append(base + offset)
                offset += argument.count
            }
            return redisCommandArgv(context, Int32(arguments.count), &starts, arguments.map(\.count))
        }
        guard let answer else { throw lost() }
        defer { freeReplyObject(answer) }
        return try RedisReply(answer.assumingMemoryBound(to: redisReply.self))
    }

    /// What the library says of a connection that is of no use any more.
    private func lost() -> RedisError {
        let words = withUnsafeBytes(of: context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let isLate = words.isEmpty || words.contains("temporarily unavailable")
        return RedisError(
            code: .away,
            message: isLate ? "Redis does not answer in time" : "Redis cannot be reached: \(words)"
        )
    }
}

/// The library writes to sockets whose other end may be gone: that is to be an error, and not the end of the process.
private let ignoresBrokenPipes: Bool = {
    signal(SIGPIPE, SIG_IGN)
    return true
}()

extension String {
    fileprivate var bytes: [UInt8] { Array(utf8) }
}

extension timeval {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
