import AppRuntime
import ArgumentParser
import Logging
import Metrics

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve HTTP, work on jobs and fire schedules, until a signal ends it.",
        discussion: """
            Nothing starts before the database is as the migrations make it; --migrate applies what is pending first. On the \
            project's private server that is done in any case. What is scheduled, monitored and healthy is said when all of \
            it runs. SIGTERM and Ctrl-C end it in order, within 25 seconds.

            EXAMPLES
              study-app serve
              study-app serve --port 8080 --migrate
              study-app serve --no-worker --no-scheduler   HTTP alone
            """
    )

    @OptionGroup var options: AppOptions
    @OptionGroup var running: RunningOptions

    @Option(help: ArgumentHelp("The address to listen on (default: 127.0.0.1).", valueName: "address"))
    var host: String?

    @Option(help: ArgumentHelp("The port to listen on (default: 3333).", valueName: "port"))
    var port: String?

    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp(
            "Where browsers find it; https:// says that something before it speaks TLS.",
            valueName: "url"
        )
    )
    var publicURL: String?

    @Flag(help: "Work on no jobs.")
    var noWorker = false

    @Flag(help: "Fire no schedules, and leave the upkeep of the queue to others.")
    var noScheduler = false

    func run() async throws {
        var duties = Set(StudyApplication.Duty.allCases)
        if noWorker { duties.remove(.work) }
        if noScheduler { duties.remove(.schedule) }
        let flags: [(setting: AppSetting, flag: String, value: String?)] = [
            (.host, "--host", host), (.port, "--port", port), (.publicURL, "--public-url", publicURL),
        ]
        try await running.run(duties, options: options, flags: flags)
    }
}

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Work on jobs, without HTTP and schedules."
    )

    @OptionGroup var options: AppOptions
    @OptionGroup var running: RunningOptions

    func run() async throws { try await running.run([.work], options: options) }
}

struct SchedulerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler",
        abstract: "Fire schedules and look after the queue; of several processes one leads."
    )

    @OptionGroup var options: AppOptions
    @OptionGroup var running: RunningOptions

    func run() async throws { try await running.run([.schedule], options: options) }
}

extension RunningOptions {
    /// Runs the application, or a part of it, until a signal ends it.
    func run(
        _ duties: Set<StudyApplication.Duty>,
        options: AppOptions,
        flags more: [(setting: AppSetting, flag: String, value: String?)] = []
    ) async throws {
        let settings = try AppSettings(flags: options.flags + flags + more)
        let level = try settings.logLevel()
        LoggingSystem.bootstrap { JSONLogHandler(label: $0, level: level) }
        MetricsSystem.bootstrap(PrometheusRegistry.shared)
        try await AppDatabase.with(settings) { database in
            let mode: BootGate.Mode =
                if let waitForMigration {
                    .waitForMigration(timeout: waitForMigration.duration)
                } else {
                    migrate || database.isEmbedded ? .migrate : .verifyOnly
                }
            try await StudyApplication(settings, on: database, duties: duties, mode: mode).run()
        }
    }
}
