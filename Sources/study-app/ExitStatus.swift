import AppRuntime
import ArgumentParser
import Backup
import Foundation
import Migrator
import Postgres
import ProjectSettings
import QueryContract
import SystemPackage

/// How the program ends; the same in every command, and as `lastro` has it.
enum ExitStatus: Int32 {
    case done = 0
    /// A check found something.
    case finding = 1
    /// The command line or the configuration is wrong.
    case usage = 2
    /// No database could be reached.
    case unreachable = 3
    /// A migration failed, or something else went wrong.
    case failed = 4

    init(of error: any Error) {
        self =
            switch error {
            case is Finding: .finding
            case is ConfigurationError: .usage
            case let error as AccountError: error.isUsage ? .usage : .finding
            case let error as AppRuntimeError:
                switch error.code {
                case .notMigrated, .schemaTooNew, .drift, .checkFailed, .noJob, .wrongState: .finding
                default: .failed
                }
            case let error as MigratorError:
                error.isRefusal
                    ? .finding : [.noDirectory, .unreadableDirectory].contains(error.code) ? .usage : .failed
            case let error as QueryContractError: error.isUsage ? .usage : .finding
            case let error as BackupError: error.isUsage ? .usage : .failed
            case let error as PostgresError:
                switch error.code {
                case .settings: .usage
                case .connectionFailed: .unreachable
                default: .failed
                }
            case is LocalServerError: .unreachable
            default: .failed
            }
    }

    /// Ends the program without the libraries' own tidying up: output is not buffered.
    func end() -> Never {
        guard let failure = StandardStreams.failure else { _exit(rawValue) }
        StudyApp.report(
            "standard output cannot be written: \(failure)\n"
                + "  state: \(self == .done ? "the command did its work all the same" : "as if it could be")\n"
                + "  next:  see to it that it is open and that there is space"
        )
        _exit((self == .done ? .failed : self).rawValue)
    }
}

/// What was asked for was found, and is reported already.
struct Finding: Error {}

extension StudyApp {
    /// Reports an error and ends the program.
    static func end(with error: any Error) -> Never {
        if error is Finding { ExitStatus.finding.end() }
        let parserStatus = exitCode(for: error)
        if parserStatus == .success || parserStatus == .validationFailure {
            let text = fullMessage(for: error)
            let meant = tree.meant(by: CommandLine.arguments.dropFirst()).map { "\n  Did you mean \($0)?" }
            if parserStatus == .success { say(text) } else { report(text + (meant ?? "")) }
            (parserStatus == .success ? ExitStatus.done : .usage).end()
        }
        report("\(error)")
        ExitStatus(of: error).end()
    }

    /// Writes a result to standard output.
    static func say(_ text: String) { StandardStreams.write([Array(text.utf8)], to: .standardOutput) }

    /// Writes to standard error.
    static func report(_ text: String) { StandardStreams.write([Array(text.utf8)], to: .standardError) }
}

extension ParsableCommand {
    fileprivate static var tree: CommandTree { CommandTree(_commandName, configuration.subcommands.map { $0.tree }) }
}
