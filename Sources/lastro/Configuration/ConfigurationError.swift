import SourceText

/// Why the configuration cannot be used.
struct ConfigurationError: Error, CustomStringConvertible {
    let message: String
    let location: SourceLocation?
    let next: String

    var description: String {
        (location.map { "\($0): " } ?? "") + message + "\n  state: nothing was run\n  next:  \(next)"
    }

    init(_ message: String, at location: SourceLocation? = nil, next: String) {
        self.message = message
        self.location = location
        self.next = next
    }

    static func malformedDotEnv(file: String, line: Int) -> ConfigurationError {
        ConfigurationError(
            "the line is no NAME=value",
            at: SourceLocation(file: file, position: SourcePosition(line: line, column: 1)),
            next: "put values that hold spaces or # in quotes, and comments behind #"
        )
    }

    static func unterminatedDotEnvValue(_ name: String, file: String, line: Int) -> ConfigurationError {
        ConfigurationError(
            "the quoted value of \(name) does not end",
            at: SourceLocation(file: file, position: SourcePosition(line: line, column: 1)),
            next: "close the quote; inside \"…\" write a quote as \\\""
        )
    }

    static func unsupportedYAML(_ problem: String, at location: SourceLocation) -> ConfigurationError {
        ConfigurationError(problem, at: location, next: "docs/configuration.md shows what the file may hold")
    }

    static func unknownKey(_ key: String, file: String, known: [String]) -> ConfigurationError {
        ConfigurationError(
            "\"\(key)\" is no setting of Lastro",
            at: SourceLocation(file: file),
            next: "the settings are \(known.joined(separator: ", "))"
        )
    }

    static func unreadableFile(_ file: String, why: String) -> ConfigurationError {
        ConfigurationError(
            "the file cannot be read: \(why)",
            at: SourceLocation(file: file),
            next: "see to it that it is there and that this user may read it"
        )
    }

    static func noDatabase(looked: [String]) -> ConfigurationError {
        ConfigurationError(
            "no database is configured; looked at\n    " + looked.joined(separator: "\n    "),
            next: "set DATABASE_URL or name one with --database; `lastro dev start` runs a private one for this project"
        )
    }
}
