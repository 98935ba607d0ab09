import AppRuntime
import ArgumentParser
import Foundation

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Look at jobs, and do something about them.",
        discussion: """
            What is done stands in job_events, with who did it.

            EXAMPLES
              study-app jobs list --status failed
              study-app jobs why 0193…              why does it not run?
              study-app jobs redrive --type backup  put all that have failed back
              study-app jobs fsck --repair
            """,
        subcommands: [
            JobsListCommand.self, JobsWhyCommand.self, JobsRetryCommand.self, JobsCancelCommand.self,
            JobsRedriveCommand.self, JobsCheckCommand.self,
        ]
    )
}

/// Who does something, for the record.
struct ActorOptions: ParsableArguments {
    @Option(
        name: .customLong("by"),
        help: ArgumentHelp("Who does it (default: the user of the system).", valueName: "name")
    )
    var actor: String?

    var name: String { actor ?? ProcessInfo.processInfo.environment["USER"] ?? "study-app" }
}

/// A job's state, on the command line.
enum JobStatus: String, ExpressibleByArgument, CaseIterable {
    case pending, running, completed, failed, cancelled
}

/// A job's id, on the command line.
struct JobArgument: ExpressibleByArgument {
    let id: String

    init?(argument: String) {
        guard let id = UUID(uuidString: argument) else { return nil }
        self.id = id.uuidString.lowercased()
    }
}

extension OutputFormat {
    /// Prints a value as JSON, or as text.
    func show(_ value: some Encodable, text: String) throws {
        guard self == .json else { return StudyApp.say(text) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        StudyApp.say(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}

struct JobsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Show the newest jobs.")

    @OptionGroup var options: AppOptions

    @Option(help: "Only those that are pending, running, completed, failed or cancelled.")
    var status: JobStatus?

    @Option(help: "Only those of a type.")
    var type: String?

    @Option(help: "How many at most.")
    var limit = 50

    @Option(help: "How results are printed: text or json.")
    var format: OutputFormat = .text

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 10000") }
    }

    func run() async throws {
        try await options.withQueue { pool, _ in
            let list = try await JobList(status: status?.rawValue, type: type, limit: limit, from: pool)
            try format.show(list, text: list.text)
        }
    }
}

struct JobsWhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Name the first reason why a job does not run."
    )

    @OptionGroup var options: AppOptions

    @Argument(help: "The job's id.")
    var job: JobArgument

    @Option(help: "How results are printed: text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        try await options.withQueue { pool, _ in
            guard let reason = try await JobQueue(pool: pool).why(job.id) else {
                StudyApp.report(
                    "there is no job \(job.id)\n  state: nothing was changed\n  next:  ended jobs are deleted after a while"
                )
                throw Finding()
            }
            try format.show(reason, text: reason.text)
        }
    }
}

struct JobsRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Have jobs run now: those that have failed or were cancelled, and those that wait for their time."
    )

    @OptionGroup var options: AppOptions
    @OptionGroup var actor: ActorOptions

    @Argument(help: "The jobs' ids.")
    var jobs: [JobArgument]

    func run() async throws {
        try await options.withQueue { pool, _ in
            let ids = jobs.map(\.id)
            let queue = JobQueue(pool: pool)
            let back = try await queue.redrive(ids, by: actor.name)
            var sooner = 0
            for id in ids {
                do {
                    try await queue.retry(id, by: actor.name)
                    sooner += 1
                } catch let error as AppRuntimeError where [.wrongState, .noJob].contains(error.code) {
                    continue  // put back just now, or of no use: the count tells
                }
            }
            StudyApp.say("\(back) put back, \(sooner) that waited run now")
            if back + sooner < Set(ids).count { throw Finding() }
        }
    }
}

struct JobsCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel jobs: those that wait at once, those that run by asking their worker."
    )

    @OptionGroup var options: AppOptions
    @OptionGroup var actor: ActorOptions

    @Argument(help: "The jobs' ids.")
    var jobs: [JobArgument]

    func run() async throws {
        try await options.withQueue { pool, _ in
            for job in jobs {
                let isCancelled = try await JobQueue(pool: pool).cancel(job.id, by: actor.name)
                StudyApp.say("\(job.id)  \(isCancelled ? "cancelled" : "was asked to stop")")
            }
        }
    }
}

struct JobsRedriveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive",
        abstract: "Put jobs that have failed for good back into the queue, with an attempt more."
    )

    @OptionGroup var options: AppOptions
    @OptionGroup var actor: ActorOptions

    @Option(help: "All of a type.")
    var type: String?

    @Flag(help: "All, of whatever type.")
    var all = false

    @Option(help: "How many at most, the newest.")
    var limit = 1000

    @Argument(help: "The jobs' ids.")
    var jobs: [JobArgument] = []

    func validate() throws {
        guard [type != nil, all, !jobs.isEmpty].count(where: { $0 }) == 1 else {
            throw ValidationError("name the jobs, or all of a type with --type, or all with --all")
        }
        guard limit > 0 else { throw ValidationError("--limit takes a number from 1") }
    }

    func run() async throws {
        try await options.withQueue { pool, _ in
            let ids =
                jobs.isEmpty
                ? try await JobList.dead(type: type, limit: limit, in: pool) : jobs.map(\.id)
            let back = try await JobQueue(pool: pool).redrive(ids, by: actor.name)
            StudyApp.say("\(back) put back")
            if !jobs.isEmpty, back < Set(ids).count { throw Finding() }
        }
    }
}

struct JobsCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Look for rows of the queue that contradict each other; with --repair, mend them.",
        discussion: """
            Each mended row gets one in job_events, with the rule and who mended it.

            EXIT STATUS
              0  nothing was found
              1  something was found, also where it is mended now
            """
    )

    @OptionGroup var options: AppOptions
    @OptionGroup var actor: ActorOptions

    @Flag(help: "Mend what is found.")
    var repair = false

    @Option(help: "How results are printed: text or json.")
    var format: OutputFormat = .text

    private struct Report: Encodable {
        let findings: [JobCheck.Finding]
        let repaired: Bool
    }

    func run() async throws {
        try await options.withQueue { pool, _ in
            let check = try await JobQueue(pool: pool).check(mendingFor: repair ? actor.name : nil)
            let lines = check.findings.map { finding in
                "\(finding.rule): \(finding.count), \(finding.message)\n    \(finding.examples.joined(separator: "\n    "))"
            }
            let end =
                check.findings.isEmpty
                ? "the queue is as it must be"
                : repair ? "mended; job_events says what" : "nothing was changed; --repair mends it"
            try format.show(
                Report(findings: check.findings, repaired: repair && !check.findings.isEmpty),
                text: (lines + [end]).joined(separator: "\n")
            )
            if !check.findings.isEmpty { throw Finding() }
        }
    }
}
