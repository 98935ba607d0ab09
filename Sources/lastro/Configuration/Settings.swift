import Configuration
import Migrator
import Postgres
import ProjectSettings
import SchemaDiff
import SourceText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is configured: flags over the environment over `.env` over an environment of `lastro.yaml` over its top level.
///
/// Making it reads files and runs nothing. A password is looked for when a database is asked for, so that commands which
/// need none never run `password-command`.
struct Settings: Sendable {
    /// The environment of `lastro.yaml` that was chosen.
    let environmentName: String?
    /// Where it was chosen.
    let environmentPlace: SettingPlace?
    /// The folder of migrations.
    let migrations: String
    /// How the folder names its files; nil if that is not said.
    let layout: MigrationLayout?
    /// The table of what ran; nil for the usual one.
    let historyTable: TableName?
    /// The role that migrations run as; nil for the one that connects.
    let role: String?
    /// How long a statement may wait for a lock; nil if that is not said.
    let lockTimeout: TimeLimit?
    /// How long a statement may take; nil if that is not said.
    let statementTimeout: TimeLimit?
    /// How often a migration that ran into the lock timeout is tried again; nil if that is not said.
    let lockRetries: Int?
    /// What happens where IF NOT EXISTS finds something else than it declares; nil if that is not said.
    let onSkip: SkipRule?
    /// What placeholders in migrations stand for; nil while there are none to be replaced.
    let placeholders: [String: String]?
    /// The shell commands around migrations.
    let hooks: HookCommands
    /// The file with the schema that the migrations lead to; nil if there is none.
    let schemaFile: String?
    /// What comparisons of schemas leave out.
    let diffIgnore: IgnoreList
    /// The file `.env`.
    let dotEnvFile: SettingsFile
    /// The file `lastro.yaml`, or the one that is named in its place.
    let yamlFile: SettingsFile

    /// The files that were looked for.
    var files: [SettingsFile] { [dotEnvFile, yamlFile] }

    /// The places of settings, the strongest first.
    let layers: [SettingsLayer]
    /// The environment of the process.
    let process: [String: String]
    /// The variables of `.env`.
    let dotEnv: [String: String]

    /// Reads the configuration.
    ///
    /// - Throws: ``ConfigurationError`` naming the file, variable or flag with the mistake.
    init(config: String?, environmentFlag: String?, options: [any SettingFlags]) throws {
        let process = ProcessInfo.processInfo.environment
        let dotEnvFile = try SettingsFile(path: ".env")
        let yamlFile = try SettingsFile(path: config ?? "lastro.yaml", isRequired: config != nil)
        let dotEnv = try dotEnvFile.content.map { try DotEnv($0.text, file: dotEnvFile.path) }
        let yaml = try yamlFile.content.map {
            try YAMLSettings(YAMLFile($0.bytes, file: yamlFile.path), file: yamlFile.path)
        }
        func placeInDotEnv(_ name: String) -> SettingPlace {
            let line = dotEnv?.lines[name].map { SourcePosition(line: $0, column: 1) }
            return .dotEnv(name, SourceLocation(file: dotEnvFile.path, position: line))
        }

        var layers = [
            try SettingsLayer(options),
            SettingsLayer(name: "environment", variables: process, place: SettingPlace.variable),
        ]
        if let dotEnv {
            layers.append(SettingsLayer(name: dotEnvFile.path, variables: dotEnv.values, place: placeInDotEnv))
        }
        let choices: [(String?, SettingPlace)] = [
            (environmentFlag, .flag("--env")),
            (process[VariableName.environment], .variable(VariableName.environment)),
            (dotEnv?.values[VariableName.environment], placeInDotEnv(VariableName.environment)),
        ]
        let choice = choices.first { $0.0?.isEmpty == false }
        environmentName = choice?.0
        environmentPlace = choice?.1
        if let choice, let name = choice.0 {
            let environments = yaml?.environments ?? []
            guard let environment = environments.first(where: { $0.name == name }) else {
                let known = environments.map(\.name)
                throw ConfigurationError.noEnvironment(name, from: choice.1, among: known, file: yamlFile.path)
            }
            layers.append(environment.layer)
        }
        if let yaml { layers.append(yaml.top) }
        if let credentials = try SettingsLayer(credentialsOf: process) { layers.append(credentials) }

        let reader = SettingsReader(layers: layers)
        migrations = reader.text(.migrations) ?? "migrations"
        layout = try reader.value(.layout)
        historyTable = try reader.value(.historyTable)
        role = reader.text(.role)
        lockTimeout = try reader.value(.lockTimeout)
        statementTimeout = try reader.value(.statementTimeout)
        lockRetries = try reader.value(.lockRetries, as: Count.self)?.value
        onSkip = try reader.value(.onSkip)
        placeholders = Placeholders(of: layers).values
        hooks = HookCommands(
            commands: [
                .beforeRun: reader.text(.beforeRun), .afterRun: reader.text(.afterRun),
                .beforeEach: reader.text(.beforeEach), .afterEach: reader.text(.afterEach),
            ].compactMapValues(\.self)
        )
        schemaFile = reader.text(.schemaFile)
        diffIgnore = try reader.value(.diffIgnore, as: IgnorePatterns.self)?.list ?? .none
        self.dotEnvFile = dotEnvFile
        self.yamlFile = yamlFile
        self.layers = layers
        self.process = process
        self.dotEnv = dotEnv?.values ?? [:]
    }
}

/// Takes each setting from the first place that has it.
struct SettingsReader {
    private let layers: [SettingsLayer]
    private let reader: ConfigReader

    init(layers: [SettingsLayer]) {
        self.layers = layers
        reader = ConfigReader(providers: layers.map(\.provider))
    }

    /// A setting's text; nil if it is given nowhere.
    func text(_ setting: Setting) -> String? {
        reader.string(forKey: ConfigKey(setting.key), isSecret: setting.isSecret)
    }

    /// A setting as what it means; nil if it is given nowhere.
    ///
    /// - Throws: ``ConfigurationError`` at the place of a text that means nothing.
    func value<Value: SettingValue>(_ setting: Setting, as: Value.Type = Value.self) throws(ConfigurationError)
        -> Value?
    {
        if let value = reader.string(forKey: ConfigKey(setting.key), as: Value.self) { return value }
        guard let given = layers.given(setting) else { return nil }
        throw .badValue(given, of: setting, expected: Value.expectation)
    }
}

extension [SettingsLayer] {
    /// A setting as it was given in the strongest place that has it.
    func given(_ setting: Setting) -> SettingsLayer.Given? {
        lazy.compactMap { $0.values[setting] }.first
    }

    /// How weak the place of a setting is: its number, counted from the strongest; nil if it is given nowhere.
    func rank(of setting: Setting) -> Int? { firstIndex { $0.values[setting] != nil } }
}
