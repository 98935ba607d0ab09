import Synchronization
package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The standard streams of a program: nothing is lost on the way to them without a word.
package enum StandardStreams {
    /// Why results did not reach standard output; nil if they did, or if nobody reads them any more.
    ///
    /// A run is not stopped for it: the program says so at its end.
    package static var failure: Errno? { firstFailure.withLock(\.self) }

    private static let firstFailure = Mutex<Errno?>(nil)

    /// Sees to it that the standard streams are open.
    ///
    /// In the place of a closed one the next file or connection would be opened, and results be written into it.
    package static func claim() {
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) == -1 {
            // Of a closed standard output a write still fails, since this is open for reading.
            _ = open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes the bytes of a text, and the end of a line behind it where it has none.
    package static func write(_ pieces: [[UInt8]], to file: FileDescriptor) {
        let newline = UInt8(ascii: "\n")
        do {
            var isLineEnded = false
            for piece in pieces where !piece.isEmpty {
                try file.writeWaiting(piece)
                isLineEnded = piece.last == newline
            }
            if !isLineEnded { try file.writeWaiting([newline]) }
        } catch Errno.brokenPipe {
            // Nobody reads any more: the work goes on.
        } catch {
            // Of standard error nobody could be told.
            guard file == .standardOutput else { return }
            let errno = error as? Errno ?? .ioError
            firstFailure.withLock { $0 = $0 ?? errno }
        }
    }
}

extension FileDescriptor {
    /// Writes all bytes, also where another program made the terminal or pipe one that does not wait.
    fileprivate func writeWaiting(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            do {
                let count = try rest.withUnsafeBytes { try write($0) }
                rest = rest.dropFirst(count)
            } catch Errno.wouldBlock {
                var request = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                _ = poll(&request, 1, -1)
            }
        }
    }
}
