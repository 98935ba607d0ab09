import ArgumentParser
import Migrator
import Postgres

/// The options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The database, as a URL or a conninfo string.", valueName: "url"))
    var database: String?

    @Option(help: ArgumentHelp("The folder of migrations (default: migrations).", valueName: "dir"))
    var migrations: String?

    @Option(help: ArgumentHelp("The configuration file (default: lastro.yaml, if it is there).", valueName: "file"))
    var config: String?

    @Option(help: "How results are printed: text or json.")
    var format: OutputFormat = .text

    @Flag(name: [.customShort("q"), .long], help: "Print errors only.")
    var quiet = false

    @Flag(name: .customLong("no-color"), help: "Print without colours; so does NO_COLOR in the environment.")
    var noColor = false

    /// What is configured, with the flags on top.
    func settings() async throws -> Settings {
        try await Settings(flags: self)
    }

    /// Where results go.
    var writer: OutputWriter { OutputWriter(format: format, isQuiet: quiet, usesColor: !noColor) }
}

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// The options of commands that work on a database.
struct MigratorOptions: ParsableArguments {
    @Option(
        name: .customLong("wait"),
        help: ArgumentHelp("How long to wait for a database that does not answer yet.", valueName: "duration")
    )
    var wait = DurationArgument(.zero)

    @Option(
        name: .customLong("wait-lock"),
        help: ArgumentHelp("How long to wait for another runner (default: as long as it takes).", valueName: "duration")
    )
    var waitLock: DurationArgument?

    func migrator(for settings: Settings, order: OrderRule = .byVersion) async throws -> Migrator {
        Migrator(
            directory: settings.migrations,
            database: try await settings.database(),
            options: options(order: order)
        )
    }

    func options(order: OrderRule = .byVersion) -> Migrator.Options {
        Migrator.Options(connectPatience: wait.duration, lockPatience: waitLock?.duration, order: order)
    }
}

/// A duration on the command line: `500ms`, `30s`, `5min`, `1h`, or seconds.
struct DurationArgument: ExpressibleByArgument, Hashable {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        let digits = argument.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits) else { return nil }
        let unit: Double
        switch argument.dropFirst(digits.count) {
        case "ms": unit = 0.001
        case "", "s": unit = 1
        case "min", "m": unit = 60
        case "h": unit = 3600
        default: return nil
        }
        duration = .milliseconds(Int((number * unit * 1000).rounded()))
    }

    var defaultValueDescription: String { duration == .zero ? "0s" : "\(duration)" }
}
