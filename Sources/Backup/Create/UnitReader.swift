import Postgres

/// Takes the rows of a unit, cuts them into chunks and has these written.
final class UnitReader: @unchecked Sendable {  // used by one worker, whose calls come one after the other
    private let writer: ChunkWriter
    private let compressor: ZstdCompressor
    private let cutter: ChunkCutter
    private var buffer: UnsafeMutableRawBufferPointer
    private var size = 0
    private var sum = LineSum()
    private var chunks: [Manifest.Chunk] = []

    init(writer: ChunkWriter, level: Int, cutter: ChunkCutter = ChunkCutter()) throws {
        self.writer = writer
        self.cutter = cutter
        compressor = try ZstdCompressor(level: level)
        buffer = .allocate(byteCount: cutter.maximum + 64 * 1024, alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    /// What was read of a unit.
    struct Result: Sendable {
        let unit: Manifest.Unit
        let sum: LineSum
    }

    /// Reads a unit from its first row to its last.
    func read(_ unit: WorkUnit, on connection: PostgresConnection, encoding: String) async throws -> Result {
        size = 0
        sum = LineSum()
        chunks = []
        try await connection.copyOut(unit.table.copy(unit.pages, encoding: encoding)) { row in
            try self.add(row)
        }
        try writeChunk()
        let result = Manifest.Unit(
            firstPage: unit.pages.first,
            endPage: unit.pages.end,
            rows: sum.count,
            chunks: chunks
        )
        return Result(unit: result, sum: sum)
    }

    private func add(_ row: UnsafeRawBufferPointer) throws {
        if size + row.count > buffer.count { try makeRoom(for: row.count) }
        UnsafeMutableRawBufferPointer(rebasing: buffer[size...]).copyMemory(from: row)
        size += row.count
        let hash = sum.add(row)
        if cutter.cuts(at: size, lineSize: row.count, hash: hash) { try writeChunk() }
    }

    private func writeChunk() throws {
        guard size > 0 else { return }
        chunks.append(try writer.write(UnsafeRawBufferPointer(rebasing: buffer[..<size]), with: compressor))
        size = 0
    }

    /// A row that does not fit goes into a buffer of its size.
    private func makeRoom(for count: Int) throws {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size + count, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<size]))
        buffer.deallocate()
        buffer = larger
    }
}
