import Glibc
import Subprocess
import SystemPackage

/// The most memory that a program held, and what else it took.
///
/// Linux counts the memory of the process that starts a program to that program's peak. So the bench, which has grown by
/// then, has a fresh copy of itself start it, and ask for it.
enum PeakMemory {
    /// What makes the bench that copy.
    static let word = "--peak-memory"

    /// The peak of the memory that a command held, in MB.
    static func of(_ command: Command) async throws -> Double { try await usage(of: command).peak }

    /// What a command took of a machine.
    struct Usage {
        let milliseconds: Double
        /// The seconds of a processor, in it and in all that it waited for.
        let processor: Double
        /// The most memory that one of them held, in MB.
        let peak: Double
    }

    /// Runs a command for what it takes.
    static func usage(of command: Command) async throws -> Usage {
        let result = try await Subprocess.run(
            .path("/proc/self/exe"),
            arguments: Arguments([word, String(command.status), command.program.string] + command.arguments),
            environment: .inherit.updating(command.environment),
            workingDirectory: command.folder.map { FilePath($0) },
            output: .string(limit: 64),
            error: .string(limit: 1 << 20)
        )
        let figures = result.standardOutput.split(separator: " ").compactMap { Double($0) }
        guard result.terminationStatus.isSuccess, figures.count == 3 else {
            throw BenchFailure("\(command.program): \(result.standardError)")
        }
        return Usage(milliseconds: figures[0], processor: figures[1], peak: figures[2] * 1024 / 1_000_000)
    }

    /// Runs a program and prints its time, its processor's time and its peak in KiB, as the copy does.
    ///
    /// - Parameter words: the exit status that the program has to have, and its command line.
    /// - Returns: the exit status.
    static func tell(ofRunning words: [String]) -> Int32 {
        guard let expected = words.first.flatMap({ Int32($0) }) else { return EXIT_FAILURE }
        var arguments = words.dropFirst().map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        var status: Int32 = 0
        var usage = rusage()
        // What the program prints is not the answer.
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        let start = ContinuousClock.now
        guard let program = arguments.first ?? nil,
            posix_spawn(&child, program, &actions, nil, &arguments, environ) == 0,
            wait4(child, &status, 0, &usage) == child, status == expected << 8
        else { return EXIT_FAILURE }
        let seconds = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
        print(start.duration(to: .now) / .milliseconds(1), seconds, usage.ru_maxrss, terminator: "")
        return EXIT_SUCCESS
    }
}
