import COpenSSL

/// Bytes that are wiped from memory when nobody needs them any more.
public final class SecretBytes: @unchecked Sendable {  // written to only while it is made
    private let storage: UnsafeMutableRawBufferPointer

    /// Makes room for bytes and has a closure fill it.
    init(count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        storage = .allocate(byteCount: max(count, 1), alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        self.count = count
        do {
            try fill(UnsafeMutableRawBufferPointer(rebasing: storage[..<count]))
        } catch {
            wipe()
            throw error
        }
    }

    /// Copies bytes, which whoever has them still has to wipe.
    public convenience init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// Makes random bytes, fit for a key.
    convenience init(randomCount count: Int) throws {
        try self.init(count: count) { try fillRandomly($0) }
    }

    deinit {
        wipe()
        storage.deallocate()
    }

    /// The number of bytes.
    public let count: Int

    /// Lends the bytes to a closure.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }

    private func wipe() {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
    }
}

/// Fills memory with random bytes, fit for keys and nonces.
func fillRandomly(_ buffer: UnsafeMutableRawBufferPointer) throws(BackupError) {
    let bytes = buffer.bindMemory(to: UInt8.self)
    guard RAND_bytes(bytes.baseAddress, Int32(bytes.count)) == 1 else { throw .cryptography("random bytes") }
}

/// Random bytes that are no secret, such as a nonce or a salt.
func randomBytes(_ count: Int) throws(BackupError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let result = bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(BackupError) in try fillRandomly(buffer) }
    }
    try result.get()
    return bytes
}

extension SecretBytes {
    /// Writes the bytes as they are.
    ///
    /// - Parameter sink: where they go.
    /// - Throws: what the sink throws.
    public func write(to sink: some ByteSink) throws {
        try withUnsafeBytes { try sink.write($0) }
    }
}
