import ProjectSettings

/// A setting: its key in `lastro.yaml`, its variable and how its value is treated.
///
/// Placeholders are no case of it: they are as many as somebody names.
enum Setting: String, CaseIterable {
    case migrations
    case layout
    case databaseURL = "database.url"
    case directURL = "database.direct-url"
    case passwordFile = "database.password-file"
    case passwordCommand = "database.password-command"
    case historyTable = "history.table"
    case role
    case lockTimeout = "lock-timeout"
    case statementTimeout = "statement-timeout"
    case lockRetries = "lock-retries"
    case onSkip = "on-skip"
    case beforeRun = "hooks.before-run"
    case afterRun = "hooks.after-run"
    case beforeEach = "hooks.before-each"
    case afterEach = "hooks.after-each"
    case schemaFile = "schema-file"
    case diffIgnore = "diff.ignore"
    case lintOff = "lint.off"
    case lintOn = "lint.on"
    case lintErrors = "lint.errors"
    case lintWarnings = "lint.warnings"
    case lintNotes = "lint.notes"
    case lintFailOn = "lint.fail-on"
    case lintVersion = "lint.pg-version"
    case lintFrom = "lint.from"
    case lintBaseline = "lint.baseline"

    /// The key in `lastro.yaml`.
    var key: String { rawValue }

    /// The variable in the environment and in `.env`.
    var variable: String {
        switch self {
        case .databaseURL: "DATABASE_URL"
        case .directURL: "LASTRO_DIRECT_DATABASE"
        case .passwordFile: "LASTRO_PASSWORD_FILE"
        case .passwordCommand: "LASTRO_PASSWORD_COMMAND"
        default: "LASTRO_" + VariableName.part(of: rawValue)
        }
    }

    /// Whether the value may hold something that nobody is to read over a shoulder.
    var isSecret: Bool {
        switch self {
        case .databaseURL, .directURL, .passwordCommand, .beforeRun, .afterRun, .beforeEach, .afterEach: true
        default: false
        }
    }

    /// Whether the value is a path, which a file means from its own folder.
    var isPath: Bool {
        switch self {
        case .migrations, .passwordFile, .schemaFile, .lintBaseline: true
        default: false
        }
    }

    /// The keys that hold settings of their own: `database`, `history`, `hooks`.
    static let groups = Set(allCases.compactMap { $0.key.split(separator: ".").dropLast().first.map(String.init) })
}

/// A setting of `lastro.yaml` that is no single value, and so has neither variable nor flag.
enum SettingStructure: String, CaseIterable {
    /// What files are allowed to do.
    case lintAllow = "lint.allow"
    /// The rules of the house.
    case lintHouseRules = "lint.house-rules"
    /// Whom an application on the runtime tells of alerts; it reads that itself.
    case alerts
}

/// How the names of variables are made.
enum VariableName {
    /// The variable that chooses an environment of `lastro.yaml`.
    static let environment = "LASTRO_ENV"

    /// What the variables of placeholders begin with.
    static let placeholderPrefix = "LASTRO_PLACEHOLDER_"

    /// A key as a part of a variable's name: `lock-timeout` as `LOCK_TIMEOUT`.
    static func part(of key: String) -> String {
        String(key.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    /// Variables that look like Lastro's and mean nothing to it, each with the one that may be meant.
    static func strays(among names: some Sequence<String>) -> [(name: String, near: String?)] {
        let prefix = "LASTRO_"
        let known = (Setting.allCases.map(\.variable) + [environment, "LASTRO_CACHE", "LASTRO_PG_BIN"])
            .filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        let strays = names.filter {
            $0.hasPrefix(prefix) && !$0.hasPrefix(placeholderPrefix)
                && !known.contains(String($0.dropFirst(prefix.count)))
        }
        return strays.sorted().map { name in
            (name, known.nearest(to: String(name.dropFirst(prefix.count))).map { prefix + $0 })
        }
    }
}
