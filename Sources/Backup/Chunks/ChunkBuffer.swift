/// Memory for the rows of one chunk, which goes from the session that fills it to the thread that stores it.
final class ChunkBuffer: @unchecked Sendable {  // has one owner at a time, who hands it on through a lock
    private(set) var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(size: Int) {
        memory = .allocate(byteCount: size, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// Adds bytes; what does not fit gets more memory.
    func append(_ bytes: UnsafeRawBufferPointer) {
        let end = count + bytes.count
        if end > memory.count { grow(to: end) }
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<end]).copyMemory(from: bytes)
        count = end
    }

    /// Takes the content away, and memory beyond a size.
    func empty(keeping size: Int) {
        count = 0
        guard memory.count > size else { return }
        memory.deallocate()
        memory = .allocate(byteCount: size, alignment: 16)
    }

    private func grow(to size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, memory.count * 2), alignment: 16)
        larger.copyMemory(from: bytes)
        memory.deallocate()
        memory = larger
    }
}
