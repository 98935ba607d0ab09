import Configuration
import ProjectSettings
import SourceText

/// One of the places that settings are taken from, with all that it says.
struct SettingsLayer: Sendable {
    /// A value as it was given.
    struct Given: Sendable {
        let text: String
        let place: SettingPlace
    }

    /// The place in words.
    let name: String
    private(set) var values: [Setting: Given] = [:]
    /// The placeholders by name; nil if the place has none, and does not say so either.
    private(set) var placeholders: [String: Given]?
    /// What is no single value: lists and groups, as the file has them.
    private(set) var structures: [SettingStructure: YAMLFile.Entry] = [:]
    /// `PGPASSWORD`, which is no setting of Lastro's own, but comes into the order of passwords.
    private(set) var password: Given?

    /// The `PG*` variables of the place that say where a database is; empty if none does.
    private(set) var addressVariables: [String] = []
    /// The place of those variables.
    private(set) var addressPlace: SettingPlace?

    init(name: String) {
        self.name = name
    }

    /// The layer for swift-configuration, which finds the first one that has a value.
    var provider: InMemoryProvider {
        var contents: [AbsoluteConfigKey: ConfigValue] = [:]
        for (setting, given) in values {
            contents[setting.configKey] = ConfigValue(.string(given.text), isSecret: setting.isSecret)
        }
        return InMemoryProvider(name: name, values: contents)
    }

    mutating func set(_ setting: Setting, to text: String, at place: SettingPlace) {
        values[setting] = Given(text: text, place: place)
    }

    mutating func set(_ structure: SettingStructure, to entry: YAMLFile.Entry) { structures[structure] = entry }

    mutating func setPlaceholder(_ name: String, to text: String, at place: SettingPlace) {
        placeholders = placeholders ?? [:]
        placeholders?[name] = Given(text: text, place: place)
    }

    /// Says that there are placeholders, even if none has a value here.
    mutating func turnOnPlaceholders() { placeholders = placeholders ?? [:] }

    /// Whether the place names a database, in whatever way.
    var namesDatabase: Bool { values[.databaseURL] != nil || !addressVariables.isEmpty }

    /// Reads the variables of the environment, or of `.env`; an empty one counts as not set.
    ///
    /// A placeholder's name is not known before the other layers are: see ``Settings/placeholders(of:)``.
    init(name: String, variables: [String: String], place: (String) -> SettingPlace) {
        self.name = name
        for setting in Setting.allCases {
            let variable = setting.variable
            if let text = variables[variable], !text.isEmpty { set(setting, to: text, at: place(variable)) }
        }
        if let text = variables["PGPASSWORD"], !text.isEmpty {
            password = Given(text: text, place: place("PGPASSWORD"))
        }
        addressVariables = DatabaseVariables.addresses(in: variables)
        addressPlace = addressVariables.isEmpty ? nil : place(addressVariables.joined(separator: ", "))
        for (variable, text) in variables where variable.utf8.starts(with: VariableName.placeholderPrefix.utf8) {
            let part = String(variable.dropFirst(VariableName.placeholderPrefix.count))
            if !part.isEmpty { setPlaceholder(part, to: text, at: place(variable)) }
        }
    }
}

extension Setting {
    var configKey: AbsoluteConfigKey { AbsoluteConfigKey(key.split(separator: ".").map(String.init)) }
}

/// Where a value was given.
enum SettingPlace: Hashable, Sendable, CustomStringConvertible {
    case flag(String)
    case variable(String)
    case dotEnv(String, SourceLocation)
    case file(SourceLocation, environment: String?)
    case credential(String)

    /// The place in words, as in *5s from lastro.yaml:3:15*.
    var description: String {
        switch self {
        case .flag(let name): name
        case .variable(let name): "\(name) in the environment"
        case .dotEnv(let name, let location): "\(name) in \(location)"
        case .file(let location, let environment):
            "\(location)" + (environment.map { ", environment \($0)" } ?? "")
        case .credential(let name): "the credential \(name)"
        }
    }
}
