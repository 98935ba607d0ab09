import ArgumentParser
import Backup
import Catalog
import Migrator
import Postgres
import ProjectSettings
import QueryContract
import SchemaDiff

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How the program ends; the same in every command.
enum ExitStatus: Int32 {
    case done = 0
    /// A check found something.
    case finding = 1
    /// The command line or the configuration is wrong.
    case usage = 2
    /// No database could be reached.
    case unreachable = 3
    /// A migration failed, or results could not be written.
    case failed = 4
    /// The program that `run` is to start cannot be run.
    case notExecutable = 126
    /// The program that `run` is to start is not there.
    case notFound = 127

    init(of error: any Error) {
        self =
            switch error {
            case let error as MigratorError:
                error.isRefusal ? .finding : error.isUsage ? .usage : error.isUnreachable ? .unreachable : .failed
            case let error as PostgresError:
                switch error.code {
                case .settings: .usage
                case .connectionFailed: .unreachable
                default: .failed
                }
            case let error as SchemaDiffError: error.isUsage ? .usage : error.isRefusal ? .finding : .failed
            case let error as QueryContractError: error.isUsage ? .usage : .finding
            case let error as BackupError: error.isUsage ? .usage : .failed
            case is ConfigurationError, is CatalogError: .usage
            case let error as ReplacementError: error.isAbsent ? .notFound : .notExecutable
            case is NotMigrated: .finding
            case is DevelopmentServerStopped, is LocalServerError: .unreachable
            default: .failed
            }
    }
}

/// What was asked for was found, and is reported already: the program ends with status 1 and says nothing more.
struct Finding: Error {}

extension MigratorError {
    fileprivate var isUsage: Bool {
        [
            .noDirectory, .unreadableDirectory, .unwritableFile, .unusableTitle, .unknownMigration, .unusableRole,
            .noTarget,
            .sharedHistory,
        ].contains(code)
    }

    fileprivate var isUnreachable: Bool { code == .targetsUnreachable }
}

extension Lastro {
    /// Reports an error and ends the program.
    static func end(with error: any Error) -> Never {
        if error is Finding { end(.finding) }
        if let signal = (error as? Interruption)?.signal {
            OutputWriter.report("\(error)".printable)
            endBySignal(signal)
        }
        let parserStatus = exitCode(for: error)
        if parserStatus == .success || parserStatus == .validationFailure {
            let text = fullMessage(for: error)
            if parserStatus == .success {
                OutputWriter.print(text)
            } else {
                OutputWriter.report(
                    text.printable
                        + (tree.meant(by: CommandLine.arguments.dropFirst()).map { "\n  Did you mean \($0)?" } ?? "")
                )
            }
            end(parserStatus == .success ? .done : .usage)
        }
        OutputWriter.report("\(error)".printable)
        end(ExitStatus(of: error))
    }

    /// Ends the program as the signal would have, so that a shell sees an interrupted one.
    private static func endBySignal(_ signal: Int32) -> Never {
        // Dispatch blocks signals on its threads.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, signal)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        _ = Glibc.signal(signal, SIG_DFL)
        raise(signal)
        // The first process of a container is not ended by a signal that it does not catch.
        _exit(128 + signal)
    }

    /// Ends the program without the libraries' own tidying up: output is not buffered, so there is nothing to lose.
    static func end(_ status: ExitStatus) -> Never {
        guard let failure = StandardStreams.failure else { _exit(status.rawValue) }
        OutputWriter.report(
            """
            standard output cannot be written: \(failure)
              state: \(status == .done ? "the command did its work all the same" : "as if it could be")
              next:  see to it that it is open and that there is space; `lastro status` shows where each migration stands
            """
        )
        _exit((status == .done ? .failed : status).rawValue)
    }
}

extension ParsableCommand {
    fileprivate static var tree: CommandTree { CommandTree(_commandName, configuration.subcommands.map { $0.tree }) }
}
