import CZstd

/// Takes frames apart.
final class ZstdDecompressor {
    private let context: OpaquePointer

    init() throws {
        guard let context = ZSTD_createDCtx() else { throw BackupError.compression("out of memory") }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// The bytes in a frame that was authenticated, of whatever size it says.
    func bytes(in frame: [UInt8]) throws -> [UInt8] {
        let size = ZSTD_getFrameContentSize(frame, frame.count)
        guard size < 1 << 32 else { throw BackupError.compression("a frame does not say its size") }
        return try bytes(in: frame, size: Int(size))
    }

    /// The bytes in a frame.
    ///
    /// - Parameters:
    ///   - frame: the frame.
    ///   - size: how many bytes there have to be.
    /// - Returns: the bytes.
    /// - Throws: ``BackupError`` if it is no frame, or one of another size.
    func bytes(in frame: [UInt8], size: Int) throws -> [UInt8] {
        // Asked before memory is taken: a frame may claim anything.
        guard ZSTD_getFrameContentSize(frame, frame.count) == UInt64(size) else {
            throw BackupError.compression("a frame is not of the size that the manifest says")
        }
        var problem: String?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let result = ZSTD_decompressDCtx(context, buffer.baseAddress, buffer.count, frame, frame.count)
            if ZSTD_isError(result) != 0 {
                problem = String(cString: ZSTD_getErrorName(result))
            } else {
                count = result
            }
        }
        if let problem { throw BackupError.compression(problem) }
        guard bytes.count == size else { throw BackupError.compression("a frame ends early") }
        return bytes
    }
}
