public import SystemPackage

/// Where bytes come from, piece by piece.
public protocol ByteSource: AnyObject {
    /// Reads some bytes into memory that has room for at least one.
    ///
    /// - Parameter buffer: where to put them.
    /// - Returns: how many there were; 0 at the end only.
    /// - Throws: why nothing can be read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Where bytes go to, piece by piece.
public protocol ByteSink: AnyObject {
    /// Takes bytes, all of them.
    ///
    /// - Parameter bytes: the bytes, which stay where they are only during the call.
    /// - Throws: why they cannot be taken.
    func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// Bytes in memory as a source.
final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}

/// A sink that keeps everything in memory.
final class MemorySink: ByteSink {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    func write(_ bytes: UnsafeRawBufferPointer) {
        self.bytes.append(contentsOf: bytes)
    }
}

/// A file, pipe or terminal as a source.
public final class FileSource: ByteSource {
    private let file: FileDescriptor

    /// Reads from an open file, which whoever opened it closes.
    public init(_ file: FileDescriptor) {
        self.file = file
    }

    /// Reads some bytes; 0 at the end only.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        do {
            return try file.read(into: buffer)
        } catch {
            throw BackupError.unreadableStream(error as? Errno ?? .ioError)
        }
    }
}

/// A file, pipe or terminal as a sink.
public final class FileSink: ByteSink {
    private let file: FileDescriptor

    /// Writes to an open file, which whoever opened it closes.
    public init(_ file: FileDescriptor) {
        self.file = file
    }

    /// Writes all bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        do {
            try file.writeAll(bytes)
        } catch {
            throw BackupError.unwritableStream(error as? Errno ?? .ioError)
        }
    }
}
