import Synchronization

/// The content of chunks, one after the other; the next one is read while the one before is used.
struct ChunkSequence: AsyncSequence, AsyncIteratorProtocol {
    private var rest: ArraySlice<Manifest.Chunk>
    private let reader: ChunkReader
    private let form: Form
    private var isBehindHead: Bool
    private var isBehindEnd: Bool
    private var upcoming: Reading?

    /// Makes a sequence.
    ///
    /// - Parameters:
    ///   - chunks: which chunks.
    ///   - reader: reads them.
    ///   - form: what the chunks hold, and what is made of it.
    init(_ chunks: [Manifest.Chunk], _ reader: ChunkReader, as form: Form = .lines) {
        rest = chunks[...]
        self.reader = reader
        self.form = form
        if case .lines = form { isBehindHead = true } else { isBehindHead = false }
        isBehindEnd = isBehindHead
    }

    /// What chunks hold, and what is made of it.
    enum Form: Sendable {
        /// Lines, which stay lines.
        case lines
        /// Rows of COPY's binary form, which get what belongs before and behind them.
        case binaryRows
        /// Lines, which become a COPY in binary form.
        case converted(BinaryRows, noting: SentRows?)
    }

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> [UInt8]? {
        if !isBehindHead {
            isBehindHead = true
            upcoming = try readNext()
            return BinaryRows.head
        }
        guard let reading = try upcoming ?? readNext() else {
            if isBehindEnd { return nil }
            isBehindEnd = true
            return BinaryRows.end
        }
        // The one behind it is begun first: two threads read while the server takes what comes before.
        upcoming = try readNext()
        return try await reading.content()
    }

    private mutating func readNext() throws -> Reading? {
        try rest.popFirst().map { try Reading(of: $0, reader, as: form) }
    }

    /// A chunk that a thread reads.
    private final class Reading: Sendable {
        private enum State {
            case begun
            case awaited(CheckedContinuation<[UInt8], any Error>)
            case done(Result<[UInt8], any Error>)
        }

        private let state = Mutex(State.begun)

        init(of chunk: Manifest.Chunk, _ reader: ChunkReader, as form: Form) throws {
            try WorkerThread.start { [self] in
                end(
                    with: Result {
                        let content = try reader.content(of: chunk)
                        guard case .converted(let binary, let sent) = form else { return content }
                        let rows = try binary.rows(in: content)
                        try sent?.add(content, as: rows)
                        return rows
                    }
                )
            }
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
