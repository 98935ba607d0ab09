import CZstd

/// Compresses one chunk after the other, each as a frame of its own with a checksum.
final class ZstdCompressor {
    private let context: OpaquePointer

    init(level: Int) throws {
        guard let context = ZSTD_createCCtx() else { throw BackupError.compression("out of memory") }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// Compresses bytes to a whole frame, which says how many bytes are in it.
    func frame(of bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
            let result = ZSTD_compress2(context, buffer.baseAddress, buffer.count, bytes.baseAddress, bytes.count)
            count = ZSTD_isError(result) == 0 ? result : 0
        }
        guard !frame.isEmpty else { throw BackupError.compression("a chunk cannot be compressed") }
        return frame
    }
}

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
