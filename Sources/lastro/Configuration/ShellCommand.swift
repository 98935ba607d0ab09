import Dispatch
import ProjectSettings
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A command of the configuration, which /bin/sh runs.
///
/// It has its own process group, so that a time limit ends it with everything that it started, and no standard input: what
/// stands there belongs to somebody else.
struct ShellCommand: Sendable {
    private let text: String
    private let patience: Duration
    private let variables: [String: String]

    /// Makes a command; nothing is run yet.
    init(_ text: String, patience: Duration = .seconds(30), variables: [String: String] = [:]) {
        self.text = text
        self.patience = patience
        self.variables = variables
    }

    /// How a command ended.
    struct Outcome: Sendable {
        /// How it came to its end.
        enum End: Equatable, Sendable {
            case exited(Int32)
            case signalled(Int32)
            case timedOut
        }

        let end: End
        /// Standard output; beyond a limit it is read and forgotten.
        let output: [UInt8]
        /// Standard error, to the same limit.
        let errors: [UInt8]
    }

    /// Runs the command to its end, or to its time limit.
    ///
    /// - Throws: `CancellationError` when the task was cancelled, after the command has been stopped; `Errno` if there is
    ///   no shell.
    func run() async throws -> Outcome {
        let isCancelled = CancellationFlag()
        let outcome = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // It blocks: not on a thread of the pool that everything else shares.
                DispatchQueue.global().async {
                    continuation.resume(
                        with: Result {
                            try ShellProcess(text, variables: variables).end(within: patience) { isCancelled.isSet }
                        }
                    )
                }
            }
        } onCancel: {
            isCancelled.set()
        }
        try Task.checkCancellation()
        return outcome
    }

    /// The password that the command prints.
    ///
    /// - Throws: ``ConfigurationError`` with what the command said on standard error; `CancellationError`.
    func password(for setting: Setting, at place: SettingPlace) async throws -> String {
        // Without its own Ctrl-C the command would outlive this program.
        Interruptions.shared.arm()
        let outcome: Outcome
        do {
            outcome = try await run()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ConfigurationError.noPassword("/bin/sh cannot be run: \(error)", of: setting, at: place)
        }
        let words = outcome.complaint(patience: patience)
        guard outcome.end == .exited(0) else { throw ConfigurationError.noPassword(words, of: setting, at: place) }
        return try FirstLine(of: outcome.output, from: "the command's output", for: setting, at: place).text
    }
}

extension ShellCommand.Outcome {
    /// How the command ended, and what it said on standard error, without what it printed.
    func complaint(patience: Duration) -> String {
        let end =
            switch end {
            case .exited(let status): "the command ended with status \(status)"
            case .signalled(let signal): "the command was ended by signal \(signal)"
            case .timedOut: "the command did not end within \(Words.duration(patience))"
            }
        var text = String(decoding: errors.suffix(2000), as: UTF8.self)
        for secret in output.split(separator: UInt8(ascii: "\n")) where secret.count > 2 {
            text = text.replacing(String(decoding: secret, as: UTF8.self), with: "***")
        }
        let lines = text.split(whereSeparator: \.isNewline)
        return end + (lines.isEmpty ? "" : "; it said\n    " + lines.joined(separator: "\n    "))
    }
}

/// Set once, from whatever thread a task is cancelled on.
private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}
