import Postgres

/// Takes the rows of a unit, cuts them into chunks and passes these on.
final class UnitReader: @unchecked Sendable {  // used by one worker, whose calls come one after the other
    private let pipeline: ChunkPipeline
    private let cutter: ChunkCutter
    private let progress: CreationProgress.Worker
    private var buffer: ChunkBuffer?
    private var unit = UnitChunks()
    private var sum = LineSum()
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
        let chunks: UnitChunks

        /// What the manifest says of it, when everything is stored.
        var unit: Manifest.Unit {
            Manifest.Unit(firstPage: pages.first, endPage: pages.end, rows: sum.count, chunks: chunks.all)
        }
    }

    /// Reads a unit from its first row to its last.
    func read(_ unit: WorkUnit, on connection: PostgresConnection, encoding: String) async throws -> Result {
        self.unit = UnitChunks()
        sum = LineSum()
        toldRows = 0
        progress.begin(unit)
        // What is left here of a unit that failed is of nobody's interest.
        buffer?.empty(keeping: .max)
        try await connection.copyOut(unit.table.copy(unit.pages, encoding: encoding)) { row in
            try self.add(row)
        }
        // Not on the connection's thread any more, so nothing may block.
        if let due = pass() { try await Task.sleep(until: due, clock: .continuous) }
        progress.end(of: unit)
        return Result(pages: unit.pages, sum: sum, chunks: self.unit)
    }

    private func add(_ row: UnsafeRawBufferPointer) throws {
        let buffer = try buffer ?? pipeline.buffer()
        self.buffer = buffer
        buffer.append(row)
        let hash = sum.add(row)
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
