package import SourceText

/// Why the configuration cannot be used.
package struct ConfigurationError: Error, CustomStringConvertible {
    /// What is wrong.
    package let message: String
    /// Where it is wrong.
    package let location: SourceLocation?
    /// What is so now.
    package let state: String
    /// What to do.
    package let next: String

    /// All of it, the state and the next step on lines of their own.
    package var description: String {
        (location.map { "\($0): " } ?? "") + message + "\n  state: \(state)\n  next:  \(next)"
    }

    /// Makes an error.
    package init(
        _ message: String,
        at location: SourceLocation? = nil,
        state: String = "nothing was run",
        next: String
    ) {
        self.message = message
        self.location = location
        self.state = state
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

    /// A file that is there and cannot be read, or is not there and has to be.
    package static func unreadableFile(
        _ file: String,
        why: String,
        state: String = "nothing was run"
    ) -> ConfigurationError {
        ConfigurationError(
            "the file cannot be read: \(why)",
            at: SourceLocation(file: file),
            state: state,
            next: "see to it that it is a file, that it is there and that this user may read it"
        )
    }

    static func notUTF8(_ file: String) -> ConfigurationError {
        ConfigurationError("the file is not UTF-8", at: SourceLocation(file: file), next: "save it as UTF-8")
    }

    package static func unsupportedYAML(_ problem: String, at location: SourceLocation) -> ConfigurationError {
        ConfigurationError(problem, at: location, next: "docs/configuration.md shows what the file may hold")
    }

    package static func noSingleValue(_ key: String, at location: SourceLocation) -> ConfigurationError {
        ConfigurationError(
            "\"\(key)\" takes a single value",
            at: location,
            next: "write it behind the colon, in quotes if YAML would read it as something else"
        )
    }

    package static func noValue(_ key: String, at location: SourceLocation) -> ConfigurationError {
        ConfigurationError(
            "\"\(key)\" has no value",
            at: location,
            next: "write one behind the colon, or leave the line out"
        )
    }

    /// A part of a list or group that cannot be read.
    package static func badPart(_ message: String, of key: String, at location: SourceLocation, next: String)
        -> ConfigurationError
    {
        ConfigurationError("\(key): \(message)", at: location, next: next)
    }
}
