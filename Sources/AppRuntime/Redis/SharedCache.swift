import Synchronization

/// Keeps what takes long to find out, for a while: in a Redis that processes share, else in this process.
///
/// While Redis is away every process has a cache of its own, and a removal reaches that one alone; what was kept then is forgotten
/// as soon as Redis is back. So give what must not be old a short life.
public final class SharedCache: Sendable {
    private struct Entry {
        let value: [UInt8]
        let until: ContinuousClock.Instant
    }

    private let redis: Redis?
    private let prefix: String
    private let capacity: Int
    private let own = Mutex<[String: Entry]>([:])

    /// Makes a cache.
    ///
    /// - Parameters:
    ///   - redis: what processes share; nil for this one alone.
    ///   - prefix: what the names of its keys begin with.
    ///   - capacity: how many values are kept in this process.
    public init(redis: Redis? = nil, prefix: String = "lastro:cache:", capacity: Int = 10_000) {
        self.redis = redis
        self.prefix = prefix
        self.capacity = capacity
    }

    /// A value that was stored; nil if there is none, or its time is over.
    public func value(of key: String) async -> [UInt8]? {
        if let redis {
            do throws(RedisError) {
                let reply = try await redis.command("GET", prefix + key)
                forgetOwn()
                guard case .bytes(let value) = reply else { return nil }
                return value
            } catch {}  // away: what this process knows has to do
        }
        return own.withLock { own in
            guard let entry = own[key], entry.until > .now else { return nil }
            return entry.value
        }
    }

    /// Stores a value.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - key: its name.
    ///   - lifetime: how long it is kept at most.
    public func store(_ value: [UInt8], as key: String, for lifetime: Duration) async {
        let milliseconds = max(Int(lifetime / .milliseconds(1)), 1)
        if let redis {
            do throws(RedisError) {
                _ = try await redis.command(
                    bytes: ["SET", prefix + key].map { Array($0.utf8) } + [value]
                        + ["PX", "\(milliseconds)"].map { Array($0.utf8) }
                )
                return forgetOwn()
            } catch {}  // away: kept in this process
        }
        own.withLock { own in
            if own.count >= capacity {
                own = own.filter { $0.value.until > .now }
                if own.count >= capacity, let first = own.min(by: { $0.value.until < $1.value.until }) {
                    own[first.key] = nil
                }
            }
            own[key] = Entry(value: value, until: .now + lifetime)
        }
    }

    /// Forgets a value.
    public func remove(_ key: String) async {
        if let redis { _ = try? await redis.command("DEL", prefix + key) }  // away: its time ends it
        own.withLock { $0[key] = nil }
    }

    /// What was kept while Redis was away is not what the others have.
    private func forgetOwn() { own.withLock { if !$0.isEmpty { $0 = [:] } } }
}
