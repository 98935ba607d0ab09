import CZstd

/// Compresses one chunk after the other, each as a frame of its own with a checksum.
final class ZstdCompressor {
    private let context: OpaquePointer
    private(set) var effort: CompressionEffort
    /// Where frames are made; it grows with the chunks.
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init(_ effort: CompressionEffort) throws {
        guard let context = ZSTD_createCCtx() else { throw BackupError.compression("out of memory") }
        self.context = context
        self.effort = effort
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        setParameters()
    }

    convenience init(level: Int) throws {
        try self.init(.level(level))
    }

    deinit {
        ZSTD_freeCCtx(context)
        memory.deallocate()
    }

    /// Compresses the next chunks with another effort.
    func use(_ effort: CompressionEffort) {
        guard effort != self.effort else { return }
        self.effort = effort
        setParameters()
    }

    private func setParameters() {
        let (level, skip, literals): (Int, Int32, ZSTD_paramSwitch_e) =
            switch effort {
            case .quick: (1, 4, ZSTD_ps_enable)
            case .level(let level): (level, 0, ZSTD_ps_auto)
            }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_targetLength, skip)
        // ZSTD_c_literalCompressionMode
        ZSTD_CCtx_setParameter(context, ZSTD_c_experimentalParam5, Int32(literals.rawValue))
    }

    /// Compresses bytes to a whole frame, which says how many bytes are in it.
    ///
    /// - Parameters:
    ///   - bytes: the bytes.
    ///   - body: takes the frame, which stays where it is only during the call.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws; ``BackupError``.
    func withFrame<Result>(
        of bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let bound = ZSTD_compressBound(bytes.count)
        if memory.count < bound {
            memory.deallocate()
            memory = .allocate(byteCount: bound, alignment: 16)
        }
        let count = ZSTD_compress2(context, memory.baseAddress, memory.count, bytes.baseAddress, bytes.count)
        guard ZSTD_isError(count) == 0 else { throw BackupError.compression("a chunk cannot be compressed") }
        return try body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }

    /// Compresses bytes to a whole frame, which says how many bytes are in it.
    func frame(of bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        try withFrame(of: bytes) { Array($0) }
    }
}
