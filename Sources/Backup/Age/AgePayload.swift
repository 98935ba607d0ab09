import COpenSSL

/// The content of an age file: chunks of 64 KiB, each sealed with its number and whether it is the last (age v1, "Payload").
enum AgePayload {
    static let nonceSize = 16
    static let chunkSize = 64 * 1024

    /// The key of the content, which follows from the file key and the nonce before the chunks.
    static func key(fileKey: SecretBytes, nonce: [UInt8]) throws -> SecretBytes {
        try KeyDerivation.hkdf(fileKey, salt: nonce, info: "payload")
    }
}

/// A chunk's nonce: its number in eleven bytes, and a byte that is 1 for the last chunk (STREAM).
struct ChunkNonce {
    private var number: UInt64 = 0

    /// The nonce of the chunk whose turn it is.
    func bytes(isLast: Bool) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 12)
        for index in 0..<8 { bytes[3 + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * (7 - index))) }
        bytes[11] = isLast ? 1 : 0
        return bytes
    }

    mutating func advance() {
        // Eleven bytes hold more, and nobody writes 2^64 chunks.
        number += 1
    }
}

/// Seals content chunk by chunk.
final class PayloadSealer: ByteSink {
    private let sink: any ByteSink
    private let cipher: ChaChaPoly
    private let chunkSize: Int
    private var nonce = ChunkNonce()
    /// The beginning of the next chunk; a full one waits here until it is known whether it is the last.
    private let pending: UnsafeMutableRawBufferPointer
    private var pendingCount = 0
    private let sealed: UnsafeMutableRawBufferPointer

    init(key: SecretBytes, to sink: any ByteSink, chunkSize: Int = AgePayload.chunkSize) throws {
        cipher = try ChaChaPoly(sealingWith: key)
        self.sink = sink
        self.chunkSize = chunkSize
        pending = .allocate(byteCount: chunkSize, alignment: 16)
        sealed = .allocate(byteCount: chunkSize + ChaChaPoly.tagSize, alignment: 16)
    }

    deinit {
        OPENSSL_cleanse(pending.baseAddress, pending.count)
        pending.deallocate()
        sealed.deallocate()
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            if pendingCount == chunkSize {
                try seal(UnsafeRawBufferPointer(pending), isLast: false)
                pendingCount = 0
            }
            if pendingCount == 0, rest.count > chunkSize {
                // More follows: it need not wait.
                try seal(UnsafeRawBufferPointer(rebasing: rest.prefix(chunkSize)), isLast: false)
                rest = rest.dropFirst(chunkSize)
                continue
            }
            let part = rest.prefix(chunkSize - pendingCount)
            UnsafeMutableRawBufferPointer(rebasing: pending[pendingCount...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
            pendingCount += part.count
            rest = rest.dropFirst(part.count)
        }
    }

    /// Seals what is left as the last chunk, which is empty only if there was no content at all.
    func finish() throws {
        try seal(UnsafeRawBufferPointer(rebasing: pending[..<pendingCount]), isLast: true)
        pendingCount = 0
    }

    private func seal(_ chunk: UnsafeRawBufferPointer, isLast: Bool) throws {
        let target = UnsafeMutableRawBufferPointer(rebasing: sealed[..<(chunk.count + ChaChaPoly.tagSize)])
        try cipher.seal(chunk, nonce: nonce.bytes(isLast: isLast), into: target)
        nonce.advance()
        try sink.write(UnsafeRawBufferPointer(target))
    }
}

/// Opens content chunk by chunk; what it gives is authenticated.
final class PayloadOpener: ByteSource {
    private let reader: BufferedReader
    private let cipher: ChaChaPoly
    private let chunkSize: Int
    private var nonce = ChunkNonce()
    private var isFirst = true
    private var state = State.more
    private let sealed: UnsafeMutableRawBufferPointer
    private let chunk: UnsafeMutableRawBufferPointer

    private enum State: Equatable {
        case more
        /// The last chunk was released, and something stands behind it.
        case trailing
        case atEnd
    }

    init(key: SecretBytes, from reader: BufferedReader, chunkSize: Int = AgePayload.chunkSize) throws {
        cipher = try ChaChaPoly(openingWith: key)
        self.reader = reader
        self.chunkSize = chunkSize
        sealed = .allocate(byteCount: chunkSize + ChaChaPoly.tagSize, alignment: 16)
        chunk = .allocate(byteCount: chunkSize, alignment: 16)
    }

    deinit {
        OPENSSL_cleanse(chunk.baseAddress, chunk.count)
        chunk.deallocate()
        sealed.deallocate()
    }

    private var unread = 0..<0

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if unread.isEmpty, let next = try nextChunk() { unread = 0..<next.count }
        let count = min(unread.count, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: chunk[unread.prefix(count)]))
        unread = unread.dropFirst(count)
        return count
    }

    /// The next chunk, which stays where it is until the next call; nil at the end.
    func nextChunk() throws -> UnsafeRawBufferPointer? {
        switch state {
        case .more: break
        case .trailing: throw BackupError.damagedPayload("something stands behind the last chunk")
        case .atEnd: return nil
        }
        let count = try reader.readFully(into: sealed)
        let next = UnsafeRawBufferPointer(rebasing: sealed[..<count])
        guard count >= ChaChaPoly.tagSize else { throw BackupError.damagedPayload("it ends before its last chunk") }
        let content = UnsafeMutableRawBufferPointer(rebasing: chunk[..<(count - ChaChaPoly.tagSize)])
        let isAtEnd = try reader.isAtEnd()
        // A chunk that is not the last is full, and something follows it.
        if isAtEnd, try cipher.open(next, nonce: nonce.bytes(isLast: true), into: content) {
            guard !content.isEmpty || isFirst else { throw BackupError.damagedPayload("its last chunk is empty") }
            state = .atEnd
        } else if isAtEnd {
            // Authentic all the same, if the file was cut off right behind it.
            guard content.count == chunkSize,
                try cipher.open(next, nonce: nonce.bytes(isLast: false), into: content)
            else { throw BackupError.damagedPayload("its end is not authentic: it was changed, or cut off") }
        } else if try !cipher.open(next, nonce: nonce.bytes(isLast: false), into: content) {
            guard try cipher.open(next, nonce: nonce.bytes(isLast: true), into: content) else {
                throw BackupError.damagedPayload("a chunk is not authentic")
            }
            state = .trailing
        }
        nonce.advance()
        isFirst = false
        return content.isEmpty ? nil : UnsafeRawBufferPointer(content)
    }
}
