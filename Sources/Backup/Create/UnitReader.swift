import Postgres

/// Takes the rows of a unit, cuts them into chunks and passes these on.
final class UnitReader: @unchecked Sendable {  // used by one worker, whose calls come one after the other
    private let pipeline: ChunkPipeline
    private let cutter: ChunkCutter
    private let progress: CreationProgress.Worker
    private var buffer: ChunkBuffer?
    private var unit = UnitChunks()
    private var sum = LineSum()
    /// Of large objects, the lines that say whose they are.
    private var entries = LineSum()
    private var hasEntries = false
    /// What takes messages in binary form apart; nil for lines of text.
    private var stream: BinaryStream?
    /// The rows that progress was told of.
    private var toldRows = 0

    init(_ pipeline: ChunkPipeline, progress: CreationProgress.Worker, cutter: ChunkCutter = ChunkCutter()) {
        self.pipeline = pipeline
        self.progress = progress
        self.cutter = cutter
    }

    deinit {
        if let buffer { pipeline.release(buffer) }
    }

    /// What was read of a unit.
    struct Result: Sendable {
        let pages: PageRange
        let sum: LineSum
        let entries: LineSum
        let chunks: UnitChunks

        /// What the manifest says of it, when everything is stored.
        var unit: Manifest.Unit {
            Manifest.Unit(
                firstPage: pages.first,
                endPage: pages.end,
                rows: sum.count + entries.count,
                chunks: chunks.all
            )
        }
    }

    /// Reads a unit from its first row to its last.
    func read(_ unit: WorkUnit, on connection: PostgresConnection, encoding: String) async throws -> Result {
        self.unit = UnitChunks()
        sum = LineSum()
        entries = LineSum()
        hasEntries = unit.tableIndex == nil
        stream = unit.isBinary ? BinaryStream() : nil
        toldRows = 0
        progress.begin(unit)
        // What is left here of a unit that failed is of nobody's interest.
        buffer?.empty(keeping: .max)
        try await connection.copyOut(unit.copy(encoding: encoding)) { row in
            try self.add(row)
        }
        // Not on the connection's thread any more, so nothing may block.
        if let due = pass() { try await Task.sleep(until: due, clock: .continuous) }
        progress.end(of: unit)
        return Result(pages: unit.pages, sum: sum, entries: entries, chunks: self.unit)
    }

    private func add(_ message: UnsafeRawBufferPointer) throws {
        guard let row = stream == nil ? message : try stream?.row(in: message) else { return }
        let buffer = try buffer ?? pipeline.buffer()
        self.buffer = buffer
        buffer.append(row)
        let hash = hasEntries && LargeObjectRange.isEntry(row) ? entries.add(row) : sum.add(row)
        if cutter.cuts(at: buffer.count, lineSize: row.count, hash: hash), let due = pass() {
            try progress.block(until: due)
        }
    }

    /// Passes on what there is.
    ///
    /// - Returns: when the next rows may be read; nil if there was nothing.
    private func pass() -> ContinuousClock.Instant? {
        guard let buffer, buffer.count > 0 else { return nil }
        let bytes = buffer.count
        pipeline.submit(buffer, of: unit)
        self.buffer = nil
        defer { toldRows = sum.count }
        return progress.add(bytes: bytes, rows: sum.count - toldRows)
    }
}
