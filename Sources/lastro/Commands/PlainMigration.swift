import Migrator
import ProjectSettings

/// `lastro migrate` with nothing but where, what, and how to print: what a deployment calls, mostly with nothing to do.
///
/// The parser of arguments takes as long for all the options of `migrate` as such a run takes for its work, so these few are
/// read here. Any other call, one with a mistake in it too, is the parser's, which has the right words for it.
struct PlainMigration: SettingFlags {
    private var values: [String: String] = [:]
    private var isQuiet = false
    private var usesColor = true

    /// Reads the arguments of a call; nil for one that is not as plain.
    init?(_ arguments: [String]) {
        guard arguments.first == "migrate" else { return nil }
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            switch argument {
            case "-q", "--quiet": isQuiet = true
            case "--no-color": usesColor = false
            default:
                let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard let flag = parts.first.map(String.init), Self.flags.contains(flag), values[flag] == nil,
                    let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty,
                    parts.count == 2 || !value.hasPrefix("-")
                else { return nil }
                values[flag] = value
            }
        }
        guard values["--format"].map({ ["text", "json"].contains($0) }) ?? true else { return nil }
    }

    private static let flags: Set = ["--database", "--migrations", "--layout", "--config", "--env", "--format"]

    var settings: [(setting: Setting, flag: String, value: String?)] {
        [(.databaseURL, "--database"), (.migrations, "--migrations"), (.layout, "--layout")]
            .map { ($0, $1, values[$1]) }
    }

    /// Applies what is pending.
    func run() async throws {
        let settings = try Settings(config: values["--config"], environmentFlag: values["--env"], options: [self])
        let writer = OutputWriter(
            format: values["--format"] == "json" ? .json : .text,
            isQuiet: isQuiet,
            usesColor: usesColor
        )
        // That takes as long as libpq takes to be loaded, which has to read what the settings say.
        let reading = FolderReading(of: settings.migrations, layout: settings.layout)
        let database = try await settings.database(.direct)
        var migrator = Migrator(
            directory: settings.migrations,
            database: database,
            options: settings.migratorOptions
        )
        migrator.reading = reading
        settings.addHooks(to: &migrator, writer: writer)
        var reporter = RunReporter(writer: writer, words: .migrate)
        try await reporter.follow(migrator.migrate())
        try await SchemaFile(settings, of: database)?.update(writer: writer)
    }
}
