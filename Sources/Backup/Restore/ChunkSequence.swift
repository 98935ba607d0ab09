import Synchronization

/// The content of chunks, one after the other; the next one is read while the one before is used.
struct ChunkSequence: AsyncSequence, AsyncIteratorProtocol {
    private var rest: ArraySlice<Manifest.Chunk>
    private let reader: ChunkReader
    private var upcoming: Reading?

    init(_ chunks: [Manifest.Chunk], _ reader: ChunkReader) {
        rest = chunks[...]
        self.reader = reader
    }

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> [UInt8]? {
        guard let reading = try upcoming ?? readNext() else { return nil }
        let content = try await reading.content()
        upcoming = try readNext()
        return content
    }

    private mutating func readNext() throws -> Reading? {
        try rest.popFirst().map { try Reading(of: $0, reader) }
    }

    /// A chunk that a thread reads.
    private final class Reading: Sendable {
        private enum State {
            case begun
            case awaited(CheckedContinuation<[UInt8], any Error>)
            case done(Result<[UInt8], any Error>)
        }

        private let state = Mutex(State.begun)

        init(of chunk: Manifest.Chunk, _ reader: ChunkReader) throws {
            try WorkerThread.start { [self] in end(with: Result { try reader.content(of: chunk) }) }
        }

        private func end(with result: Result<[UInt8], any Error>) {
            let waiting: CheckedContinuation<[UInt8], any Error>? = state.withLock { state in
                defer { state = .done(result) }
                guard case .awaited(let continuation) = state else { return nil }
                return continuation
            }
            waiting?.resume(with: result)
        }

        /// What was read; to be asked for once.
        func content() async throws -> [UInt8] {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state in
                    if case .done(let result) = state { return Optional(result) }
                    state = .awaited(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }
}
