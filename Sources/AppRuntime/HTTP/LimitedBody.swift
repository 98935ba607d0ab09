import Hummingbird
import Synchronization

extension RequestBody {
    /// The body up to a limit, for one whose length nobody said.
    func limited(to limit: Int) -> RequestBody {
        let count = ByteCount()
        return RequestBody(
            asyncSequence: map { buffer in
                guard count.add(buffer.readableBytes) <= limit else { throw Problem.tooLarge(limit: limit) }
                return buffer
            }
        )
    }
}

private final class ByteCount: Sendable {
    private let count = Mutex(0)

    func add(_ more: Int) -> Int {
        count.withLock { count in
            count += more
            return count
        }
    }
}
