import ArgumentParser
import Migrator
import Postgres
import ProjectSettings
import SystemPackage

/// The options that every command takes.
struct GlobalOptions: ParsableArguments, SettingFlags {
    @Option(help: ArgumentHelp("The database, as a URL or a conninfo string.", valueName: "url"))
    var database: String?

    @Option(help: ArgumentHelp("The folder of migrations (default: migrations).", valueName: "dir"))
    var migrations: String?

    @Option(help: ArgumentHelp("The tool whose way of naming files the folder follows.", valueName: "name"))
    var layout: String?

    @Option(help: ArgumentHelp("The configuration file (default: lastro.yaml, if it is there).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The environment of the configuration file; so does LASTRO_ENV.", valueName: "name"))
    var env: String?

    @Option(help: ArgumentHelp("How results are printed: text or json.", valueName: "format"))
    var format: OutputFormat = .text

    @Flag(name: [.customShort("q"), .long], help: "Print errors only.")
    var quiet = false

    @Flag(name: .customLong("no-color"), help: "Print without colours; so does NO_COLOR in the environment.")
    var noColor = false

    /// What is configured, with the flags on top.
    ///
    /// - Parameters:
    ///   - options: the command's other options that stand for settings.
    ///   - formats: the formats that the command prints.
    /// - Returns: the settings.
    /// - Throws: ``ConfigurationError``.
    func settings(
        _ options: any SettingFlags...,
        formats: [OutputFormat] = [.text, .json]
    ) throws -> Settings {
        guard formats.contains(format) else { throw ConfigurationError.otherFormat(format, than: formats) }
        if env?.isEmpty == true { throw ConfigurationError.emptyFlag("--env") }
        return try Settings(config: config, environmentFlag: env, options: [self] + options)
    }

    var settings: [(setting: Setting, flag: String, value: String?)] {
        [
            (.databaseURL, "--database", database), (.migrations, "--migrations", migrations),
            (.layout, "--layout", layout),
        ]
    }

    /// Where results go.
    var writer: OutputWriter { OutputWriter(format: format, isQuiet: quiet, usesColor: !noColor) }

    /// Where results go while standard output belongs to another program.
    var errorWriter: OutputWriter {
        OutputWriter(format: format, isQuiet: quiet, usesColor: !noColor, to: .standardError)
    }
}

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case sql
    case markdown
    case html
    case mermaid
    case dot
    case svg
    case github
    case gitlab
    case sarif
    case junit

    // Most commands print the first two.
    static var allValueStrings: [String] { [text.rawValue, json.rawValue] }
}

/// The options of commands that work on a database.
struct MigratorOptions: ParsableArguments, SettingFlags {
    @Option(
        help: ArgumentHelp(
            "How long to wait for a database that does not answer yet (default: 0s; for `run` 60s).",
            valueName: "duration"
        )
    )
    var wait: Patience?

    @Option(
        help: ArgumentHelp("How long to wait for another runner (default: as long as it takes).", valueName: "duration")
    )
    var waitLock: Patience?

    @Option(
        help: ArgumentHelp("The database's own address, where --database is that of a pooler.", valueName: "url")
    )
    var directDatabase: String?

    @Option(help: ArgumentHelp("A file whose first line is the password.", valueName: "file"))
    var passwordFile: String?

    @Option(help: ArgumentHelp("The table of what ran (default: schema_migrations).", valueName: "table"))
    var historyTable: String?

    var settings: [(setting: Setting, flag: String, value: String?)] {
        [
            (.directURL, "--direct-database", directDatabase), (.passwordFile, "--password-file", passwordFile),
            (.historyTable, "--history-table", historyTable),
        ]
    }

    /// What works on the configured database.
    ///
    /// - Parameters:
    ///   - settings: what is configured.
    ///   - database: the database, if it is known already: to find it may cost running a command for its password.
    ///   - order: whether a migration may run after one of a higher version.
    /// - Returns: the migrator; it has opened nothing yet.
    /// - Throws: ``ConfigurationError``; `CancellationError` while a command is asked for the password.
    func migrator(
        for settings: Settings,
        database: ConnectionSettings? = nil,
        order: OrderRule = .byVersion
    ) async throws -> Migrator {
        let database = if let database { database } else { try await settings.database(.direct) }
        return Migrator(
            directory: settings.migrations,
            database: database,
            options: self.options(for: settings, order: order)
        )
    }

    /// What changes the history of the configured database, and says what it waits for.
    func migratorOfHistory(for settings: Settings, writer: OutputWriter) async throws -> Migrator {
        var migrator = try await migrator(for: settings)
        // While it waits, a signal ends it with a word of what became of the history.
        if wait != nil { Interruptions.shared.arm() }
        migrator.onWait = { event in
            Interruptions.shared.arm()
            if let words = event.waitInWords { writer.note(words) }
        }
        return migrator
    }

    /// How to run, on whatever database.
    func options(for settings: Settings, order: OrderRule = .byVersion) -> Migrator.Options {
        var options = settings.migratorOptions
        options.connectPatience = wait?.duration ?? .zero
        options.lockPatience = waitLock?.duration
        options.order = order
        return options
    }
}

/// The options of commands that run migrations.
struct RunOptions: ParsableArguments, SettingFlags {
    @Option(help: ArgumentHelp("The role that migrations run as (default: the one that connects).", valueName: "role"))
    var role: String?

    @Option(
        help: ArgumentHelp(
            "How long a statement may wait for a lock (default: 5s); off for the server's own limit.",
            valueName: "duration"
        )
    )
    var lockTimeout: String?

    @Option(help: ArgumentHelp("How long a statement may take; off for the server's own limit.", valueName: "duration"))
    var statementTimeout: String?

    @Option(help: ArgumentHelp("How often to try again after a lock timeout (default: 10).", valueName: "count"))
    var lockRetries: String?

    @Option(
        help: ArgumentHelp(
            "What to do where IF NOT EXISTS finds something else than it declares (default: verify, which fails).",
            valueName: "verify|warn|ignore"
        )
    )
    var onSkip: String?

    @Option(
        name: .customLong("placeholder"),
        help: ArgumentHelp("What ${name} in migrations stands for; may be repeated.", valueName: "name=value")
    )
    var placeholders: [String] = []

    @Flag(help: "End what a killed run left at work on the server, instead of waiting for it.")
    var terminateOrphans = false

    /// What runs migrations on the configured database, with what the configuration has to run around them.
    func migrator(
        _ options: MigratorOptions,
        for settings: Settings,
        database: ConnectionSettings? = nil,
        order: OrderRule = .byVersion,
        writer: OutputWriter
    ) async throws -> Migrator {
        // While it waits for the database, a signal ends it with a word of what became of it.
        if options.wait != nil { Interruptions.shared.arm() }
        var migrator = try await options.migrator(for: settings, database: database, order: order)
        migrator.options.endsOrphans = terminateOrphans
        settings.addHooks(to: &migrator, writer: writer)
        return migrator
    }

    var settings: [(setting: Setting, flag: String, value: String?)] {
        [
            (.role, "--role", role), (.lockTimeout, "--lock-timeout", lockTimeout),
            (.statementTimeout, "--statement-timeout", statementTimeout), (.lockRetries, "--lock-retries", lockRetries),
            (.onSkip, "--on-skip", onSkip),
        ]
    }
}

extension ParsableCommand {
    /// Refuses options whose value is empty, which is most likely a variable that the shell did not know.
    func checkGiven(_ options: (flag: String, value: String?)...) throws {
        for (flag, value) in options where value?.allSatisfy(\.isWhitespace) == true {
            throw ValidationError("\(flag) is empty: give it a value, or look why its variable is not set")
        }
    }
}

extension Patience: ExpressibleByArgument {
    init?(argument: String) { self.init(configString: argument) }
}
