import Foundation
import Logging
import Postgres
import ProjectSettings
import SourceText

/// What is configured: flags over the environment over `.env` in the current folder, as `lastro doctor` tells of it.
///
/// An empty variable counts as not set. Making it reads one file and runs nothing.
struct AppSettings: Sendable {
    /// The flags that were given.
    private let flags: [AppSetting: (flag: String, text: String)]
    private let process: [String: String]
    private let dotEnv: [String: String]
    private let lines: [String: Int]
    /// `.env`, as it was looked for.
    let file: SettingsFile

    /// Reads the configuration.
    ///
    /// - Parameters:
    ///   - flags: the flags of the command, by the setting that each stands for.
    ///   - process: the environment.
    /// - Throws: `ConfigurationError` for a flag without a value and for a `.env` that cannot be read.
    init(
        flags: [(setting: AppSetting, flag: String, value: String?)] = [],
        process: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) {
        var given: [AppSetting: (String, String)] = [:]
        for (setting, flag, value) in flags {
            guard let value else { continue }
            guard !value.isEmpty else {
                throw ConfigurationError(
                    "\(flag) is empty",
                    next: "leave the flag out, or look why its variable is not set"
                )
            }
            given[setting] = (flag, value)
        }
        self.flags = given
        self.process = process
        file = try SettingsFile(path: ".env")
        let read = try file.content.map { (content) throws(ConfigurationError) in
            try DotEnv(content.text, file: ".env")
        }
        dotEnv = read?.values ?? [:]
        lines = read?.lines ?? [:]
    }

    /// A setting's text; nil if it is given nowhere.
    func text(_ setting: AppSetting) -> String? {
        flags[setting]?.text ?? nonempty(process[setting.variable]) ?? nonempty(dotEnv[setting.variable])
    }

    /// A setting as what it means; nil if it is given nowhere.
    ///
    /// - Throws: `ConfigurationError` that names the place of a text that means nothing.
    func value<Value>(
        _ setting: AppSetting,
        expected: String,
        _ read: (String) -> Value?
    ) throws(ConfigurationError) -> Value? {
        guard let text = text(setting) else { return nil }
        guard let value = read(text) else {
            throw mistake(
                setting.isSecret ? "the value cannot be read" : "\"\(text)\" cannot be read",
                of: setting,
                next: "write \(expected)"
            )
        }
        return value
    }

    /// A mistake in a setting, told at its place.
    func mistake(_ words: String, of setting: AppSetting, next: String) -> ConfigurationError {
        if let flag = flags[setting]?.flag { return ConfigurationError("\(flag): \(words)", next: next) }
        let variable = setting.variable
        if nonempty(process[variable]) == nil, let line = lines[variable] {
            let place = SourceLocation(file: ".env", position: SourcePosition(line: line, column: 1))
            return ConfigurationError("\(variable): \(words)", at: place, next: next)
        }
        return ConfigurationError("\(variable) in the environment: \(words)", next: next)
    }

    /// A list of words, separated by blanks or commas.
    func words(_ setting: AppSetting) -> [String] {
        text(setting)?.split { $0.isWhitespace || $0 == "," }.map(String.init) ?? []
    }

    /// The variables of other programs, by name: those of the environment over those of `.env`.
    func variables(where isWanted: (String) -> Bool) -> [String: String] {
        dotEnv.merging(process) { inFile, inProcess in inProcess.isEmpty ? inFile : inProcess }
            .filter { isWanted($0.key) }
    }

    /// Whether a variable stands in `.env` and nowhere else.
    func isOnlyInDotEnv(_ name: String) -> Bool {
        nonempty(process[name]) == nil && nonempty(dotEnv[name]) != nil
    }

    private func nonempty(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
}

extension AppSettings {
    /// The folder of migrations.
    var migrations: String { text(.migrations) ?? "migrations" }

    /// The folder of the queries that the schema has to answer.
    var queries: String { text(.queries) ?? "queries" }

    /// The database that is configured: in the strongest place that names one, there an address before `PG*` variables.
    ///
    /// - Returns: the database; nil if nothing names one.
    /// - Throws: `ConfigurationError` for an address that cannot be read, without repeating it.
    func configuredDatabase() throws(ConfigurationError) -> ConnectionSettings? {
        let variables = DatabaseVariables(process: process, dotEnv: dotEnv)
        let places: [(address: String?, variables: [String: String])] = [
            (flags[.database]?.text, [:]), (nonempty(process[AppSetting.database.variable]), process),
            (nonempty(dotEnv[AppSetting.database.variable]), dotEnv),
        ]
        let names = places.first { $0.address != nil || !DatabaseVariables.addresses(in: $0.variables).isEmpty }
        do {
            let settings: ConnectionSettings?
            if let address = names?.address {
                settings = try variables.settings(at: address)
            } else {
                settings = try variables.settings()
            }
            guard let settings else { return nil }
            // libpq takes the environment's by itself.
            guard settings["password"] == nil, nonempty(process["PGPASSWORD"]) == nil,
                let password = nonempty(dotEnv["PGPASSWORD"])
            else { return settings }
            return settings.with("password", password)
        } catch {
            throw mistake(
                error.message,
                of: .database,
                next: error.next ?? "write it as postgresql://USER@HOST:PORT/DATABASE"
            )
        }
    }

    /// Where a database was looked for, in words.
    var placesLookedAt: [String] {
        var places = [
            "--database: not given", "DATABASE_URL, PGHOST, PGDATABASE, PGSERVICE, …: not set",
            "\(file.absolutePath): " + (file.content == nil ? "is not there" : "names no database"),
        ]
        places += StrayDotEnv.files(migrations: migrations).map {
            "\($0): is there, but is not read (it is not in this folder)"
        }
        return places
    }

    /// The least level of log lines that are written.
    func logLevel() throws(ConfigurationError) -> Logger.Level {
        try value(.logLevel, expected: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))") {
            Logger.Level(rawValue: $0)
        } ?? .info
    }

    /// A port of this machine; 0 takes a free one.
    func port(_ setting: AppSetting, default standard: Int) throws(ConfigurationError) -> Int {
        try value(setting, expected: "a port from 0 to 65535") { text in
            Int(text).flatMap { (0...65535).contains($0) ? $0 : nil }
        } ?? standard
    }

    /// What passwords cost to try.
    func passwordCost() throws(ConfigurationError) -> ScryptCost {
        try value(.passwordCost, expected: "scrypt's cost as ln=15,r=8,p=3") { ScryptCost($0) } ?? .standard
    }
}
