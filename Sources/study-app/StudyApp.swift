import AppRuntime
import ArgumentParser
import Foundation
import Migrator
import Postgres
import ProjectSettings

/// The study platform's back end: parses arguments, runs one command, and turns its end into an exit status.
@main
struct StudyApp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study-app",
        abstract: "The back end of the study platform.",
        discussion: """
            EXAMPLES
              study-app serve                     HTTP, workers and the scheduler in one process, on port 3333
              study-app worker                    workers alone, beside another process that serves
              study-app jobs list --status failed
              study-app admin create ana@example.org --name Ana

            The database is taken from --database, DATABASE_URL, the PG* variables or .env, in that order. Without any, the \
            project's private server is used.

            EXIT STATUS
              0  done
              1  the database is not as it must be, or a check found something
              2  the command line or the configuration is wrong
              3  no database could be reached
              4  a migration failed, or something else went wrong
            """,
        version: lastroVersion,
        subcommands: [
            ServeCommand.self, WorkerCommand.self, SchedulerCommand.self, JobsCommand.self, AdminCommand.self,
        ]
    )

    static func main() async {
        StandardStreams.claim()
        // Who reads the output may end before it does: `jobs list | head`, or whoever has started `serve`.
        signal(SIGPIPE, SIG_IGN)
        PostgresLibrary.begin()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            ExitStatus.done.end()
        } catch {
            end(with: error)
        }
    }
}
