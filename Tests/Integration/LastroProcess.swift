import Subprocess
import Synchronization
import SystemPackage
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The built `lastro`, run as a user runs it.
struct LastroProcess {
    /// How a run ended.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        var text: String { output + errors }
    }

    /// The folder that it runs in.
    var folder: String
    /// The environment, beside what it needs to find programs.
    var environment: [String: String] = [:]

    /// The program: the one that `LASTRO_PROGRAM` names, so that what people install can be tested, else the tests' own.
    static let program: FilePath = {
        let here = FilePath(FileManager.default.currentDirectoryPath)
        if let program = ProcessInfo.processInfo.environment["LASTRO_PROGRAM"] {
            return here.pushing(FilePath(program))
        }
        return here.pushing(FilePath(CommandLine.arguments[0]).removingLastComponent()).appending("lastro")
    }()

    /// Runs a command to its end.
    func callAsFunction(_ arguments: String...) async throws -> Outcome {
        try await run(arguments) { _ in }
    }

    /// Runs a command whose arguments are a list, to its end.
    func callAsFunction(_ arguments: [String]) async throws -> Outcome {
        try await run(arguments) { _ in }
    }

    /// Runs a command and sends it a signal after a time.
    @discardableResult
    func killed(with signal: Signal, after delay: Duration, _ arguments: String...) async throws -> Outcome {
        try await run(arguments) { process in
            try await Task.sleep(for: delay)
            try? process.send(signal)  // it may have ended by itself
        }
    }

    /// Runs a command, sends it SIGKILL when a condition is met, and waits for its end.
    @discardableResult
    func killed(
        _ arguments: String...,
        when condition: @Sendable @escaping () async throws -> Void
    ) async throws -> Outcome {
        try await killed(arguments, when: condition)
    }

    /// Runs a command whose arguments are a list, and sends it SIGKILL when a condition is met.
    func killed(
        _ arguments: [String],
        when condition: @Sendable @escaping () async throws -> Void
    ) async throws -> Outcome {
        try await run(arguments) { process in
            try await condition()
            try? process.send(.kill)  // it may have ended by itself
        }
    }

    /// Runs a command, sends it a signal when a condition is met, and waits for its end.
    func interrupted(
        _ arguments: String...,
        by signal: Signal = .interrupt,
        when condition: @Sendable @escaping () async throws -> Void
    ) async throws -> Outcome {
        try await run(arguments) { process in
            try await condition()
            try process.send(signal)
        }
    }

    /// Runs a command that may be stopped; if it is, does something else, and lets it go on.
    func stopped(
        _ arguments: [String],
        _ body: @Sendable @escaping () async throws -> Void
    ) async throws -> Outcome {
        try await run(arguments) { process in
            while let state = process.state {
                if state == "T" {
                    do {
                        try await body()
                    } catch {
                        try process.send(.resume)
                        throw error
                    }
                    return try process.send(.resume)
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    /// Runs a command beside something else, and waits for the end of both.
    func running(
        _ arguments: String...,
        beside body: @Sendable @escaping () async throws -> Void
    ) async throws -> Outcome {
        try await run(arguments) { _ in try await body() }
    }

    /// Runs a command to its end.
    ///
    /// - Returns: how it ended, and how much memory it had at most, in bytes, as seen every few milliseconds.
    func measured(_ arguments: String...) async throws -> (outcome: Outcome, peak: Int) {
        let peak = Mutex(0)
        let outcome = try await run(arguments) { process in
            while let bytes = process.peakMemory {
                peak.withLock { $0 = max($0, bytes) }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        return (outcome, peak.withLock { $0 })
    }

    /// The running program.
    private struct Process {
        let pid: pid_t
        let send: (Signal) throws -> Void

        func send(_ signal: Signal) throws { try send(signal) }

        /// The letter of what it does (`R`, `S`, `T` when it is stopped); nil once it has ended.
        var state: Character? {
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
            let letter = text.split(separator: ") ").last?.first  // behind the name, in which anything may stand
            return letter == "Z" || letter == "X" ? nil : letter
        }

        /// The most memory that it had so far; nil once it has ended.
        var peakMemory: Int? {
            let path = "/proc/\(pid)/status"
            guard let status = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }  // it is gone
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 }
        }
    }

    /// Runs a shell's script to its end, in which `$lastro` is the program.
    func shell(_ script: String) async throws -> Outcome {
        try await run(["-c", "lastro='\(Self.program)'\n" + script], program: "/bin/sh") { _ in }
    }

    private func run(
        _ arguments: [String],
        program: FilePath = Self.program,
        _ body: @Sendable @escaping (Process) async throws -> Void
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(program),
            arguments: Arguments(arguments),
            environment: .custom(surroundings),
            workingDirectory: FilePath(folder),
            input: .none,
            output: .string(limit: 1 << 22),
            error: .string(limit: 1 << 22)
        ) { execution in
            try await body(
                Process(pid: execution.processIdentifier.value, send: { try execution.send(signal: $0) })
            )
        }
        let status: Int32
        switch result.terminationStatus {
        case .exited(let code): status = code
        case .signaled(let signal): status = 128 + signal
        }
        return Outcome(status: status, output: result.standardOutput, errors: result.standardError)
    }

    private var surroundings: [Environment.Key: String] {
        var values = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder]
        // The cache of server templates is shared with the tests' own process.
        for name in ["LASTRO_CACHE", "LASTRO_PG_BIN"] { values[name] = ProcessInfo.processInfo.environment[name] }
        return Dictionary(
            uniqueKeysWithValues: values.merging(environment) { _, new in new }.map {
                (Environment.Key(stringLiteral: $0), $1)
            }
        )
    }
}
