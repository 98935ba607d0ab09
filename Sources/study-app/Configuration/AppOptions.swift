import ArgumentParser
import ProjectSettings

/// The options that every command takes.
struct AppOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The database, as a URL or a conninfo string (default: DATABASE_URL; without any, a private server).",
            valueName: "url"
        )
    )
    var database: String?

    @Option(help: ArgumentHelp("The folder of migrations (default: migrations).", valueName: "dir"))
    var migrations: String?

    var flags: [(setting: AppSetting, flag: String, value: String?)] {
        [(.database, "--database", database), (.migrations, "--migrations", migrations)]
    }

    /// What is configured, with the flags on top.
    func settings() throws(ConfigurationError) -> AppSettings { try AppSettings(flags: flags) }
}

/// The options of commands that run until they are ended.
struct RunningOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The port of probes and metrics (default: 3334).", valueName: "port"))
    var probePort: String?

    @Option(help: ArgumentHelp("The file that says whom alerts are told (default: lastro.yaml).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The Redis that processes share (default: REDIS_URL; optional).", valueName: "url"))
    var redis: String?

    @Flag(help: "Apply what is pending before anything else; otherwise nothing starts while something is.")
    var migrate = false

    @Option(
        help: ArgumentHelp(
            "Wait so long for another process to migrate, such as 10min.",
            valueName: "duration"
        )
    )
    var waitForMigration: Patience?

    func validate() throws {
        if migrate, waitForMigration != nil {
            throw ValidationError("--migrate and --wait-for-migration exclude each other")
        }
    }

    var flags: [(setting: AppSetting, flag: String, value: String?)] {
        [(.probePort, "--probe-port", probePort), (.redis, "--redis", redis), (.configuration, "--config", config)]
    }
}

/// How long something may take: `500ms`, `5s`, `10min`, `1h`, `1d`, or a number of seconds.
struct Patience: ExpressibleByArgument, Hashable {
    let duration: Duration

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        guard let number = Double(digits) else { return nil }
        let units = ["ms": 1.0, "": 1000, "s": 1000, "min": 60_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = units[String(argument.dropFirst(digits.count))] else { return nil }
        let milliseconds = (number * unit).rounded()
        guard milliseconds > 0, milliseconds < 86_400_000 * 3650 else { return nil }
        duration = .milliseconds(Int(milliseconds))
    }
}

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}
