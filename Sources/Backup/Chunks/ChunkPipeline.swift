import Dispatch
import Synchronization

/// Chunks on their way from the sessions that read them into the repository.
///
/// Threads of its own hash, compress, encrypt and store them, so that a session reads on meanwhile and nobody waits for
/// the store alone. Memory is bounded: a session gets a buffer only when one is free.
final class ChunkPipeline: Sendable {
    private let writer: ChunkWriter
    private let compression: Compression
    private let threads: Int
    private let bufferSize: Int
    private let state: Mutex<State>
    /// A signal for each chunk that waits, and for each thread when the end has come.
    private let pending = DispatchSemaphore(value: 0)
    /// A signal for each buffer that may be taken.
    private let room = DispatchSemaphore(value: 0)
    private let running = DispatchGroup()

    private struct State {
        var queue: [Work] = []
        var free: [ChunkBuffer] = []
        var error: (any Error)?
        var isEnding = false
        var pace = StorePace()
        var efforts: [CompressionEffort: Int] = [:]
    }

    private struct Work: Sendable {
        let buffer: ChunkBuffer
        let place: Int
        let unit: UnitChunks
    }

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - writer: stores chunks.
    ///   - compression: how hard to compress them.
    ///   - sessions: how many sessions fill buffers.
    ///   - bufferSize: what a buffer holds.
    /// - Throws: ``BackupError`` if there are no threads to be had.
    init(to writer: ChunkWriter, compression: Compression, sessions: Int, bufferSize: Int) throws {
        self.writer = writer
        self.compression = compression
        self.bufferSize = bufferSize
        // More than sessions: some wait for the store.
        threads = sessions + 2
        state = Mutex(State())
        for _ in 0..<(2 * sessions + 2) { room.signal() }
        for _ in 0..<threads {
            running.enter()
            do {
                try WorkerThread.start {
                    self.work()
                    self.running.leave()
                }
            } catch {
                running.leave()
                state.withLock { $0.isEnding = true }
                for _ in 0..<threads { pending.signal() }
                throw error
            }
        }
    }

    /// An empty buffer, as soon as there is one; blocks until then.
    func buffer() throws -> ChunkBuffer {
        room.wait()
        do {
            return try state.withLock { state in
                if let error = state.error { throw error }
                return state.free.popLast() ?? ChunkBuffer(size: bufferSize)
            }
        } catch {
            room.signal()
            throw error
        }
    }

    /// Gives back a buffer that nothing is to be done with.
    func release(_ buffer: ChunkBuffer) {
        buffer.empty(keeping: bufferSize)
        state.withLock { $0.free.append(buffer) }
        room.signal()
    }

    /// Passes a full buffer on.
    ///
    /// - Parameters:
    ///   - buffer: the chunk, which is no longer the caller's.
    ///   - unit: what it is the next chunk of.
    func submit(_ buffer: ChunkBuffer, of unit: UnitChunks) {
        let work = Work(buffer: buffer, place: unit.reserve(), unit: unit)
        state.withLock { $0.queue.append(work) }
        pending.signal()
    }

    /// Waits until everything is stored, and ends the threads.
    ///
    /// - Returns: how the chunks were compressed.
    /// - Throws: the first error of a thread.
    @discardableResult
    func finish() async throws -> [CompressionEffort: Int] {
        await end()
        return try state.withLock { state in
            if let error = state.error { throw error }
            return state.efforts
        }
    }

    /// Ends the threads; what waits is not stored.
    func abandon() async {
        state.withLock { $0.error = $0.error ?? CancellationError() }
        await end()
    }

    private func end() async {
        let isFirst = state.withLock { state in
            defer { state.isEnding = true }
            return !state.isEnding
        }
        if isFirst { for _ in 0..<threads { pending.signal() } }
        await withCheckedContinuation { continuation in
            running.notify(queue: .global()) { continuation.resume() }
        }
    }

    private func work() {
        var choice = CompressionChoice(compression: compression)
        var compressor: ZstdCompressor?
        while let work = next() {
            defer { release(work.buffer) }
            guard state.withLock({ $0.error == nil }) else { continue }
            do {
                let tool = try compressor ?? ZstdCompressor(choice.effort)
                compressor = tool
                choice.storeIsLimit = state.withLock(\.pace.storeIsLimit)
                tool.use(choice.effort)
                let written = try writer.write(work.buffer.bytes, with: tool)
                work.unit.set(written.chunk, at: work.place)
                guard written.storedBytes > 0 else { continue }
                choice.lastRatio = Double(work.buffer.count) / Double(written.storedBytes)
                state.withLock { state in
                    state.efforts[tool.effort, default: 0] += 1
                    state.pace.add(written.storing, threads: threads)
                }
            } catch {
                state.withLock { $0.error = $0.error ?? error }
            }
        }
    }

    /// The next chunk; nil at the end.
    private func next() -> Work? {
        pending.wait()
        return state.withLock { $0.queue.isEmpty ? nil : $0.queue.removeFirst() }
    }
}

/// The chunks of one unit, in its order, as they come to be stored.
final class UnitChunks: Sendable {
    private let chunks = Mutex<[Manifest.Chunk?]>([])

    /// The place of the next chunk.
    func reserve() -> Int {
        chunks.withLock { chunks in
            chunks.append(nil)
            return chunks.count - 1
        }
    }

    func set(_ chunk: Manifest.Chunk, at place: Int) {
        chunks.withLock { $0[place] = chunk }
    }

    /// All chunks, when everything is stored.
    var all: [Manifest.Chunk] { chunks.withLock { $0.compactMap(\.self) } }
}

/// Tells whether threads spend their time in waiting for the store.
struct StorePace: Sendable {
    private static let window = 16
    private var start = ContinuousClock.now
    private var storing = Duration.zero
    private var count = 0
    private(set) var storeIsLimit = false

    /// Counts a chunk, and decides anew after each window of them.
    mutating func add(_ time: Duration, threads: Int, now: ContinuousClock.Instant = .now) {
        storing += time
        count += 1
        guard count == Self.window else { return }
        storeIsLimit = storing > (now - start) * threads * 3 / 4
        (start, storing, count) = (now, .zero, 0)
    }
}
