import ArgumentParser
import Migrator
import ProjectSettings

/// The options of commands that work on many databases or schemas at once.
struct FanOutOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Work on every database of this file: a URL or conninfo string a line, `NAME = URL` to name it.",
            valueName: "file"
        )
    )
    var databases: String?

    @Option(
        help: ArgumentHelp(
            "Work on every schema whose name fits, as on a tenant with a history of its own; * and ? are wildcards. May be repeated.",
            valueName: "pattern"
        )
    )
    var schemas: [String] = []

    @Option(help: ArgumentHelp("How many databases or schemas at once.", valueName: "count"))
    var parallel = 4

    /// Whether there are many targets.
    var isGiven: Bool { databases != nil || !schemas.isEmpty }

    func validate() throws {
        if databases != nil, !schemas.isEmpty {
            throw ValidationError("--databases and --schemas cannot be given together")
        }
        if parallel < 1 { throw ValidationError("--parallel takes a number from 1") }
    }

    /// Makes a fan-out over what was named, and as it is configured.
    ///
    /// - Parameters:
    ///   - settings: what is configured.
    ///   - isDatabaseGiven: whether the command line names a database by itself.
    ///   - options: how each target is migrated.
    /// - Returns: the fan-out; it has opened nothing yet.
    /// - Throws: ``ConfigurationError`` for the file of databases, or where no database is configured.
    func fanOut(
        for settings: Settings,
        isDatabaseGiven: Bool,
        options: Migrator.Options
    ) async throws -> FanOut {
        // While it waits for the database, a signal ends it with a word of what became of it.
        if options.connectPatience > .zero { Interruptions.shared.arm() }
        let targets: FanOut.Targets
        if let databases {
            if isDatabaseGiven {
                throw ValidationError("--databases and --database cannot be given together")
            }
            targets = .databases(try DatabaseList(file: databases).targets)
        } else {
            targets = .schemas(schemas.map { SchemaPattern($0) }, of: try await settings.database(.direct))
        }
        var fanOut = FanOut(
            directory: settings.migrations,
            targets: targets,
            options: FanOut.Options(migrator: options)
        )
        fanOut.options.parallelism = parallel
        return fanOut
    }
}

/// The options of commands that change many databases or schemas.
struct FanOutRunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Of many, take this many first, or the one of this name, and the others only if that succeeds.",
            valueName: "count|name"
        )
    )
    var canary: CanaryArgument?

    @Option(
        help: ArgumentHelp(
            "Of many, what to do after a failure: nothing more, or the others.",
            valueName: "stop|continue"
        )
    )
    var onFailure = FailureArgument.stop

    /// Refuses a canary where there is one database.
    func check(with many: FanOutOptions) throws {
        if canary != nil, !many.isGiven { throw ValidationError("--canary goes with --databases or --schemas") }
    }

    func apply(to fanOut: inout FanOut) {
        fanOut.options.canary = canary?.canary
        fanOut.options.failureRule = onFailure.rule
    }
}

/// What `--canary` takes: how many targets, or the name of one.
struct CanaryArgument: ExpressibleByArgument, Hashable {
    let canary: FanOut.Canary

    init?(argument: String) {
        if let count = Int(argument) {
            guard count > 0 else { return nil }
            canary = .first(count)
        } else {
            guard !argument.isEmpty else { return nil }
            canary = .named(argument)
        }
    }
}

/// What `--on-failure` takes.
enum FailureArgument: String, ExpressibleByArgument, CaseIterable {
    case stop
    case `continue`

    var rule: FanOut.FailureRule {
        switch self {
        case .stop: .stop
        case .continue: .proceed
        }
    }
}
