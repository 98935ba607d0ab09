import ProjectSettings
import SourceText

/// The settings of a `lastro.yaml`: those of its top level, and those of the environments that it names.
struct YAMLSettings {
    /// The top level.
    private(set) var top: SettingsLayer
    /// The environments by name, in the file's order.
    private(set) var environments: [(name: String, layer: SettingsLayer)] = []

    private let file: String

    /// Sorts what a file says.
    ///
    /// Every environment is looked at, also those that are not in use: a mistake is found where it is made.
    ///
    /// - Throws: ``ConfigurationError`` at the line and column of a key that is unknown or stands wrong.
    init(_ yaml: YAMLFile, file: String) throws(ConfigurationError) {
        self.file = file
        top = SettingsLayer(name: file)
        for entry in yaml.entries where entry.key == Self.environmentsKey {
            for environment in try mapping(entry) {
                var layer = SettingsLayer(name: "\(file), environment \(environment.key)")
                for entry in try mapping(environment) { try read(entry, into: &layer, environment: environment.key) }
                environments.append((environment.key, layer))
            }
        }
        for entry in yaml.entries where entry.key != Self.environmentsKey { try read(entry, into: &top) }
    }

    private static let environmentsKey = "environments"
    private static let placeholdersKey = "placeholders"

    private func read(
        _ entry: YAMLFile.Entry,
        under group: String = "",
        into layer: inout SettingsLayer,
        environment: String? = nil
    ) throws(ConfigurationError) {
        let key = group + entry.key
        if key == Self.placeholdersKey {
            if case .mapping = entry.value.content { layer.turnOnPlaceholders() }
            for placeholder in try mapping(entry) {
                let text = try scalar(placeholder, called: "placeholders.\(placeholder.key)") ?? ""
                layer.setPlaceholder(placeholder.key, to: text, at: place(placeholder, in: environment))
            }
        } else if let structure = SettingStructure(rawValue: key) {
            layer.set(structure, to: entry)
        } else if let setting = Setting(rawValue: key) {
            guard let text = try scalar(entry, called: key), !text.isEmpty else {
                throw .noValue(key, at: location(entry.position))
            }
            let value = setting.isPath ? SettingsFile.resolve(text, writtenIn: file) : text
            layer.set(setting, to: value, at: place(entry, in: environment))
        } else if group.isEmpty, Setting.groups.contains(key) {
            for inner in try mapping(entry) {
                try read(inner, under: key + ".", into: &layer, environment: environment)
            }
        } else {
            let known = known(in: environment)
            let near = (known + Setting.groups.sorted()).nearest(to: key)
            throw .unknownKey(key, near: near, known: known, at: location(entry.position))
        }
    }

    /// The keys that may stand on a level.
    private func known(in environment: String?) -> [String] {
        Setting.allCases.map(\.key) + SettingStructure.allCases.map(\.rawValue) + [Self.placeholdersKey]
            + (environment == nil ? [Self.environmentsKey] : [])
    }

    private func mapping(_ entry: YAMLFile.Entry) throws(ConfigurationError) -> [YAMLFile.Entry] {
        switch entry.value.content {
        case .none: return []
        case .mapping(let entries): return entries
        default:
            let inside = Setting.allCases.map(\.key).filter { $0.hasPrefix(entry.key + ".") }
            let names = inside.isEmpty ? ["name: value"] : inside.map { $0.dropFirst(entry.key.count + 1) + ": …" }
            throw .noGroup(entry.key, holding: names, at: location(entry.value.position))
        }
    }

    private func scalar(_ entry: YAMLFile.Entry, called key: String) throws(ConfigurationError) -> String? {
        switch entry.value.content {
        case .none: return nil
        case .scalar(let text): return text
        default: throw .noSingleValue(key, at: location(entry.value.position))
        }
    }

    private func place(_ entry: YAMLFile.Entry, in environment: String?) -> SettingPlace {
        .file(location(entry.value.position), environment: environment)
    }

    private func location(_ position: SourcePosition) -> SourceLocation {
        SourceLocation(file: file, position: position)
    }
}
