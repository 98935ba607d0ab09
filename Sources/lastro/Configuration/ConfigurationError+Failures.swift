import Postgres
import ProjectSettings
import SourceText

extension ConfigurationError {
    /// A mistake in a setting, told at its place.
    private init(_ message: String, of key: String, at place: SettingPlace, next: String) {
        switch place {
        case .file(let location, _): self.init("\(key): \(message)", at: location, next: next)
        case .dotEnv(let name, let location): self.init("\(name): \(message)", at: location, next: next)
        default: self.init("\(place): \(message)", next: next)
        }
    }

    static func otherFormat(_ format: OutputFormat, than formats: [OutputFormat]) -> ConfigurationError {
        ConfigurationError(
            "the command does not print \(format.rawValue)",
            next: "--format takes \(formats.map(\.rawValue).joined(separator: ", "))"
        )
    }

    static func unknownKey(
        _ key: String,
        near: String?,
        known: [String],
        at location: SourceLocation
    ) -> ConfigurationError {
        ConfigurationError(
            "\"\(key)\" is no setting of Lastro",
            at: location,
            next: near.map { "did you mean \"\($0)\"?" } ?? "the settings are \(known.joined(separator: ", "))"
        )
    }

    static func noGroup(_ key: String, holding settings: [String], at location: SourceLocation) -> ConfigurationError {
        ConfigurationError(
            "\"\(key)\" is no setting by itself, but holds some",
            at: location,
            next: "write \(settings.joined(separator: " or ")), each on a line of its own under \(key)"
        )
    }

    static func badValue(
        _ given: SettingsLayer.Given,
        of setting: Setting,
        expected: String
    ) -> ConfigurationError {
        let value = setting.isSecret ? "the value" : "\"\(given.text)\""
        return ConfigurationError(
            "\(value) cannot be read",
            of: setting.key,
            at: given.place,
            next: "write \(expected)"
        )
    }

    static func badPlaceholder() -> ConfigurationError {
        ConfigurationError(
            "--placeholder: there is no = in the text, or no name before it",
            next: "write --placeholder name=value"
        )
    }

    static func emptyFlag(_ flag: String) -> ConfigurationError {
        ConfigurationError("\(flag) is empty", next: "leave the flag out, or look why its variable is not set")
    }

    static func noEnvironment(
        _ name: String,
        from place: SettingPlace,
        among known: [String],
        file: String
    ) -> ConfigurationError {
        let near = known.nearest(to: name).map { "did you mean \($0)? " } ?? ""
        return ConfigurationError(
            "\(place): \(file) has no environment \"\(name)\"",
            next: known.isEmpty
                ? "name environments under `environments:` in \(file)"
                : "\(near)there are \(known.joined(separator: ", "))"
        )
    }

    static func unusableDatabase(_ error: PostgresError, of setting: Setting, at place: SettingPlace)
        -> ConfigurationError
    {
        ConfigurationError(
            error.message,
            of: setting.key,
            at: place,
            next: error.next ?? "write it as postgresql://USER@HOST:PORT/DATABASE"
        )
    }

    static func noPassword(_ why: String, of setting: Setting, at place: SettingPlace) -> ConfigurationError {
        ConfigurationError(
            why,
            of: setting.key,
            at: place,
            next: "its first line is taken for the password"
        )
    }

    static func unwritableFile(_ file: String, why: String, state: String) -> ConfigurationError {
        ConfigurationError(
            "it cannot be made or written: \(why)",
            at: SourceLocation(file: file),
            state: state,
            next: "see to it that this user may write here, and run the command again: it leaves what is there"
        )
    }

    static func changedMeanwhile(_ file: String) -> ConfigurationError {
        ConfigurationError(
            "it was changed while it was judged",
            at: SourceLocation(file: file),
            state: "the file is as it is now; files before it may be written",
            next: "run the command again, which looks at the file anew"
        )
    }

    static func definedElsewhere(_ title: String, folder: String, path: String) -> ConfigurationError {
        ConfigurationError(
            "\(folder) defines \(title), and has no \(path)",
            state: "nothing was written",
            next:
                "take the definition out of the file that it lies in, or write the folder with `lastro inspect --sql-dir`"
        )
    }

    static func noFolder(_ path: String) -> ConfigurationError {
        ConfigurationError(
            "\(path) is no folder of SQL",
            next: "give --pull the folder first, as `lastro inspect --sql-dir` wrote it, and then what it is to follow"
        )
    }

    static func noDatabase(looked: [String]) -> ConfigurationError {
        ConfigurationError(
            "no database is configured; looked at\n    " + looked.joined(separator: "\n    "),
            next: "set DATABASE_URL or name one with --database; `lastro dev start` runs a private one for this project"
        )
    }
}
