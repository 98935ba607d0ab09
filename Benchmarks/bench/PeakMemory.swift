import Glibc
import Subprocess
import SystemPackage

/// The most memory that a program held.
///
/// Linux counts the memory of the process that starts a program to that program's peak. So the bench, which has grown by
/// then, has a fresh copy of itself start it, and ask for it.
enum PeakMemory {
    /// What makes the bench that copy.
    static let word = "--peak-memory"

    /// The peak of the memory that a command held, in MB.
    static func of(_ command: Command) async throws -> Double {
        let result = try await Subprocess.run(
            .path("/proc/self/exe"),
            arguments: Arguments([word, command.program.string] + command.arguments),
            output: .string(limit: 64),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess, let kibibytes = Double(result.standardOutput) else {
            throw BenchFailure("\(command.program): \(result.standardError)")
        }
        return kibibytes * 1024 / 1_000_000
    }

    /// Runs a program and prints its peak in KiB, as the copy does.
    ///
    /// - Returns: the exit status.
    static func tell(ofRunning words: [String]) -> Int32 {
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        var status: Int32 = 0
        var usage = rusage()
        guard let program = arguments.first ?? nil, posix_spawn(&child, program, nil, nil, &arguments, environ) == 0,
            wait4(child, &status, 0, &usage) == child, status == 0
        else { return EXIT_FAILURE }
        print(usage.ru_maxrss, terminator: "")
        return EXIT_SUCCESS
    }
}
