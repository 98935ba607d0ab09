import Synchronization
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A result that a command prints: a JSON object for machines, a text for people.
protocol Report: Encodable {
    /// The result for people, styled for the terminal it goes to.
    func text(style: TextStyle) -> String
    /// The result in a format of its own; nil where it has none.
    func text(in format: OutputFormat) -> String?
}

extension Report {
    func text(in format: OutputFormat) -> String? { nil }
}

/// The only way to standard output; errors and progress go to standard error.
struct OutputWriter: Sendable {
    let format: OutputFormat
    let isQuiet: Bool
    let style: TextStyle
    /// Where results go: standard error where standard output belongs to somebody else.
    private let file: FileDescriptor

    init(format: OutputFormat, isQuiet: Bool, usesColor: Bool, to file: FileDescriptor = .standardOutput) {
        self.format = format
        self.isQuiet = isQuiet
        self.file = file
        style = TextStyle(for: file, usesColor: usesColor)
    }

    /// Prints a result: one JSON object, or its text.
    func write(_ report: some Report) throws {
        switch format {
        case .json: Self.write(try json(report), to: file)
        case .text: if !isQuiet { Self.write(report.text(style: style), to: file) }
        default:
            Self.write(report.text(in: format) ?? report.text(style: style), to: file)
        }
    }

    /// Prints an event of a long command: one JSON object on a line, or its text if it has one.
    func write(event: some Encodable, text: String?) throws {
        switch format {
        case .json: Self.write(try json(event), to: file)
        default: if let text, !isQuiet { Self.write(text, to: file) }
        }
    }

    /// Says something that is no result, on standard error.
    func note(_ text: String) {
        if !isQuiet { Self.report(text) }
    }

    static func print(_ text: String) { write(text, to: .standardOutput) }

    /// Prints a large text, which is given as the bytes of its pieces.
    static func print(pieces: [[UInt8]]) { write(pieces, to: .standardOutput) }

    static func report(_ text: String) { write(text, to: .standardError) }

    /// Why results did not reach standard output; nil if they did, or if nobody reads them any more.
    ///
    /// A run is not stopped for it: the command says so at its end.
    static var failure: Errno? { firstFailure.withLock(\.self) }

    private static let firstFailure = Mutex<Errno?>(nil)

    private static func write(_ text: String, to file: FileDescriptor) {
        write([Array((text.hasSuffix("\n") ? text : text + "\n").utf8)], to: file)
    }

    /// Writes the bytes of a text, and the end of a line behind it where it has none.
    private static func write(_ pieces: [[UInt8]], to file: FileDescriptor) {
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

    /// Sees to it that the standard streams are open.
    ///
    /// In the place of a closed one the next file or connection would be opened, and results be written into it.
    static func claimStreams() {
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) == -1 {
            // Of a closed standard output a write still fails, since this is open for reading.
            _ = open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
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
