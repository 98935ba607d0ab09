import Subprocess
import SystemPackage

@testable import Backup

/// Encrypts bytes in memory.
func encrypted(_ content: [UInt8], for recipients: [AgeRecipient], isArmored: Bool = false) throws -> [UInt8] {
    let sink = MemorySink()
    try AgeFile.encrypt(MemorySource(content), to: sink, for: recipients, isArmored: isArmored)
    return sink.bytes
}

/// Decrypts bytes in memory, and gives what was released with the error that ended it.
func decrypted(_ file: [UInt8], with identities: [AgeIdentity]) -> (released: [UInt8], error: BackupError?) {
    let sink = MemorySink()
    do {
        try AgeFile.decrypt(SmallReads(file), to: sink, with: identities)
        return (sink.bytes, nil)
    } catch {
        return (sink.bytes, error as? BackupError)
    }
}

/// A source that gives little at a time, as a pipe may.
final class SmallReads: ByteSource {
    private let source: MemorySource
    private var size = 1

    init(_ bytes: [UInt8]) {
        source = MemorySource(bytes)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        size = size * 3 % 70_001 + 1
        return source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(size)))
    }
}

/// Bytes that look like no others.
func content(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8 ^ $0 >> 16) }
}

func passphrase(_ text: String) -> SecretBytes { SecretBytes(copying: text.utf8) }

/// Runs a program of the system to its end.
func run(
    _ program: String,
    _ arguments: String...,
    input: [UInt8] = []
) async throws -> (status: TerminationStatus, output: [UInt8], errors: String) {
    try await run(program, arguments, input: input)
}

func run(
    _ program: String,
    _ arguments: [String],
    input: [UInt8]
) async throws -> (status: TerminationStatus, output: [UInt8], errors: String) {
    let result = try await Subprocess.run(
        .name(program),
        arguments: Arguments(arguments),
        input: .array(input),
        output: .bytes(limit: 1 << 25),
        error: .string(limit: 1 << 16)
    )
    return (result.terminationStatus, result.standardOutput, result.standardError)
}
