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

/// A shell that runs, with the pipes that it writes to.
///
/// Its functions block.
final class ShellProcess {
    private let pid: pid_t
    private var output: Pipe
    private var errors: Pipe

    /// Starts `/bin/sh -c` with a command, in this program's environment and folder.
    ///
    /// - Parameters:
    ///   - command: the command.
    ///   - variables: what its environment has besides.
    /// - Throws: `Errno`.
    init(_ command: String, variables: [String: String]) throws {
        output = try Pipe()
        errors = try Pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing.rawValue, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.writing.rawValue, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // This program ignores SIGPIPE and blocks signals on some threads, and a child would inherit that.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var arguments: [UnsafeMutablePointer<CChar>?] =
            ["sh", "-c", command].map { (word: String) in strdup(word) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] =
            ProcessInfo.processInfo.environment.merging(variables) { _, new in new }
            .map { (name: String, value: String) in strdup("\(name)=\(value)") } + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, &environment)
        self.pid = pid
        output.closeWriting()
        errors.closeWriting()
        guard status == 0 else {
            output.closeReading()
            errors.closeReading()
            throw Errno(rawValue: status)
        }
    }

    /// Reads what the shell writes until it ends, or is ended because its time is over or nobody wants it any more.
    func end(within patience: Duration, isCancelled: () -> Bool) -> ShellCommand.Outcome {
        defer {
            output.closeReading()
            errors.closeReading()
        }
        let deadline = ContinuousClock.now.advanced(by: patience)
        var status: Int32 = 0
        while true {
            let hasOpenPipe = readWhatIsThere(waitingUpTo: 50)
            if waitpid(pid, &status, WNOHANG) == pid {
                // Something that it started may hold the pipes open for longer; what it has written is taken.
                for _ in 0..<32 where hasOpenPipe { _ = readWhatIsThere(waitingUpTo: 0) }
                return outcome(status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signalled(status & 0x7f))
            }
            guard ContinuousClock.now < deadline, !isCancelled() else { break }
            if !hasOpenPipe { usleep(2000) }
        }
        kill(-pid, SIGTERM)
        // A shell that does not listen gets a moment, and then no choice.
        for _ in 0..<50 {
            if waitpid(pid, &status, WNOHANG) == pid { break }
            usleep(10_000)
        }
        kill(-pid, SIGKILL)
        waitpid(pid, &status, 0)
        return outcome(.timedOut)
    }

    private func outcome(_ end: ShellCommand.Outcome.End) -> ShellCommand.Outcome {
        ShellCommand.Outcome(end: end, output: output.bytes, errors: errors.bytes)
    }

    /// Reads once from each pipe that has something; whether one of them is still open.
    private func readWhatIsThere(waitingUpTo milliseconds: Int32) -> Bool {
        var waiting = [output, errors].filter { !$0.isAtEnd }.map {
            pollfd(fd: $0.reading.rawValue, events: Int16(POLLIN), revents: 0)
        }
        guard !waiting.isEmpty else { return false }
        guard poll(&waiting, nfds_t(waiting.count), milliseconds) > 0 else { return true }
        for ready in waiting where ready.revents != 0 {
            if ready.fd == output.reading.rawValue { output.read() } else { errors.read() }
        }
        return !(output.isAtEnd && errors.isAtEnd)
    }
}

/// A pipe from a child, and what has come through it.
private struct Pipe {
    let reading: FileDescriptor
    let writing: FileDescriptor
    private(set) var bytes: [UInt8] = []
    private(set) var isAtEnd = false

    init() throws {
        (reading, writing) = try FileDescriptor.pipe()
        for end in [reading, writing] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    }

    /// Reads what is there; what goes beyond the limit is forgotten.
    mutating func read() {
        let chunk = try? [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            count = try reading.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        guard let chunk, !chunk.isEmpty else {  // an error is the end too: nothing more will come
            isAtEnd = true
            return
        }
        bytes += chunk.prefix(max(0, FirstLine.limit - bytes.count))
    }

    func closeReading() { try? reading.close() }  // a descriptor that cannot be closed is of no use to anybody

    func closeWriting() { try? writing.close() }  // the same
}
