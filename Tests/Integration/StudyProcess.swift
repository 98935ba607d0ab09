import Subprocess
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The built `study-app`, run as a user runs it.
struct StudyProcess {
    /// The folder that it runs in.
    var folder: TemporaryFolder
    /// The environment, beside what it needs to find programs.
    var environment: [String: String] = [:]

    /// How a run ended.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs a command to its end.
    func callAsFunction(_ arguments: String...) async throws -> Outcome {
        try await run(arguments) { _ in }
    }

    /// Runs a line of the shell with the program as `$0`, and gives its exit status.
    func shell(_ line: String) async throws -> Int32 { try await run([], line: line) { _ in }.status }

    /// Runs `serve` on free ports while a closure asks it, then ends it with SIGTERM.
    ///
    /// - Parameters:
    ///   - arguments: what stands behind `serve`.
    ///   - body: is given what the program says when it is ready.
    /// - Returns: how it ended.
    /// - Throws: what the closure throws; an expectation's failure if it is not ready within a minute.
    func serving(
        _ arguments: [String] = [],
        _ body: @Sendable @escaping (StartedApp) async throws -> Void
    ) async throws -> Outcome {
        let folder = folder
        return try await run(["serve", "--port", "0", "--probe-port", "0"] + arguments) { process in
            let limit = ContinuousClock.now + .seconds(60)
            while true {
                let said = (try? folder.read("out")) ?? ""  // not there before it begins
                if said.contains("study-app is ready"), said.hasSuffix("\n") {
                    do {
                        try await body(try StartedApp(said: said, folder: folder))
                    } catch {
                        try process.send(.terminate)
                        throw error
                    }
                    return try process.send(.terminate)
                }
                guard ContinuousClock.now < limit, process.isRunning else {
                    try? process.send(.kill)  // it may have ended by itself
                    let log = (try? folder.read("log")) ?? ""
                    Issue.record("not ready: \(said)\n\(log)")
                    throw CancellationError()
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// The tests' own build, also where `lastro` is tested as people install it.
    private static let program = FilePath(FileManager.default.currentDirectoryPath)
        .pushing(FilePath(CommandLine.arguments[0]).removingLastComponent()).appending("study-app")

    private func run(
        _ arguments: [String],
        line: String = "exec \"$0\" \"$@\" >out 2>log",
        _ body: @Sendable @escaping (RunningProgram) async throws -> Void
    ) async throws -> Outcome {
        var values = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "USER": "tester"]
        // Passwords that cost little to try: tests have no secrets.
        values["STUDY_PASSWORD_COST"] = "ln=5,r=8,p=1"
        for name in ["LASTRO_CACHE", "LASTRO_PG_BIN"] { values[name] = ProcessInfo.processInfo.environment[name] }
        let all = values.merging(environment) { _, new in new }
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: Arguments(["-c", line, Self.program.string] + arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: all.map { (Environment.Key(stringLiteral: $0), $1) })
            ),
            workingDirectory: FilePath(folder.path),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            let pid = execution.processIdentifier.value
            try await body(RunningProgram(pid: pid, send: { try execution.send(signal: $0) }))
        }
        let status: Int32
        switch result.terminationStatus {
        case .exited(let code): status = code
        case .signaled(let signal): status = 128 + signal
        }
        return Outcome(status: status, output: try folder.read("out"), errors: try folder.read("log"))
    }
}

/// A program that was started.
private struct RunningProgram {
    let pid: pid_t
    let send: (Signal) throws -> Void

    func send(_ signal: Signal) throws { try send(signal) }

    /// Whether it has not ended yet.
    var isRunning: Bool {
        let path = "/proc/\(pid)/stat"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return false }  // it is gone
        return text.split(separator: ") ").last?.first != "Z"
    }
}

/// A back end that runs, as it said of itself.
struct StartedApp: Sendable {
    /// What it said when it was ready.
    let said: String
    let port: Int
    let probePort: Int
    private let folder: TemporaryFolder

    init(said: String, folder: TemporaryFolder) throws {
        func number(behind text: String) throws -> Int {
            let rest = try #require(said.components(separatedBy: text).dropFirst().first)
            return try #require(Int(rest.prefix { $0.isNumber }))
        }
        self.said = said
        self.folder = folder
        port = try number(behind: "http        http://127.0.0.1:")
        probePort = try number(behind: "active: http://127.0.0.1:")
    }

    /// What it has logged so far.
    var log: String { (try? folder.read("log")) ?? "" }

    /// Asks it with curl, which is on every machine that builds this.
    func curl(_ arguments: String...) async throws -> String {
        let result = try await Subprocess.run(
            .name("curl"),
            arguments: Arguments(["--silent", "--show-error", "--max-time", "60"] + arguments),
            input: .none,
            output: .string(limit: 1 << 22),
            error: .string(limit: 1 << 16)
        )
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        return result.standardOutput
    }
}
