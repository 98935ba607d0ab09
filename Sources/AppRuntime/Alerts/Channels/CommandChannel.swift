import Foundation
import Glibc
import Subprocess
import SystemPackage

/// Runs a program with the message on its standard input: only the program that the configuration names, without a shell.
public struct CommandChannel: AlertChannel {
    /// The name by which rules know it.
    public let name: String
    private let program: FilePath
    private let arguments: [String]
    private let timeout: Duration

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - name: the name by which rules know it.
    ///   - program: the path of the program, from the configuration.
    ///   - arguments: its arguments, from the configuration; nothing of an alert is ever among them.
    ///   - timeout: after how long the program is killed.
    public init(_ name: String, program: String, arguments: [String] = [], timeout: Duration = .seconds(30)) {
        self.name = name
        self.program = FilePath(program)
        self.arguments = arguments
        self.timeout = timeout
    }

    /// Runs the program and waits for its end; anything but status 0 is a failure.
    public func deliver(_ message: AlertMessage) async throws {
        let input = try PreparedInput(message.json + "\n", for: name)
        let result = try await withThrowingTaskGroup { group in
            group.addTask {
                // Its environment is what it needs to find others, and none of this process's secrets.
                let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
                let result = try await run(
                    .path(program),
                    arguments: Arguments(arguments),
                    environment: .custom(["PATH": path]),
                    input: .fileDescriptor(input.readingEnd, closeAfterSpawningProcess: true),
                    output: .discarded,
                    error: .string(limit: 4096)
                )
                return (result.terminationStatus, result.standardError)
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw AppRuntimeError.commandFailed(name, "it did not end within \(timeout)")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
        guard result.0.isSuccess else {
            throw AppRuntimeError.commandFailed(name, "\(result.0): \(result.1.prefix(500))")
        }
    }
}

/// A pipe that holds all that is to be read from it before anybody reads.
///
/// A program that ends without reading would otherwise raise SIGPIPE in whoever still writes to it.
private struct PreparedInput {
    /// What a pipe holds on Linux by default.
    private static let capacity = 65536

    let readingEnd: FileDescriptor

    init(_ text: String, for channel: String) throws {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.capacity else {
            throw AppRuntimeError.commandFailed(channel, "the message has \(bytes.count) bytes, more than a pipe holds")
        }
        let (reading, writingEnd) = try FileDescriptor.pipe()
        readingEnd = reading
        for end in [reading, writingEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        do {
            try writingEnd.closeAfter { _ = try writingEnd.writeAll(bytes) }
        } catch {
            try? readingEnd.close()  // the first failure is the one to tell
            throw error
        }
    }
}
