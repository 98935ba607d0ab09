/// The content of chunks, one after the other.
struct ChunkContents: AsyncSequence, AsyncIteratorProtocol {
    private var rest: ArraySlice<Manifest.Chunk>
    private let reader: ChunkReader

    init(_ chunks: [Manifest.Chunk], _ reader: ChunkReader) {
        rest = chunks[...]
        self.reader = reader
    }

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> [UInt8]? {
        guard let chunk = rest.popFirst() else { return nil }
        return try reader.content(of: chunk)
    }
}
