import Postgres
import ProjectSettings

extension Settings {
    /// Where a value came from.
    struct Origin: Hashable, Sendable {
        /// The key in `lastro.yaml`.
        let key: String
        /// The value, without what is secret in it.
        let value: String
        /// The place in words; nil for a default.
        let place: String?
    }

    /// Every value that is given somewhere, with the place that it was taken from.
    var origins: [Origin] {
        var origins: [Origin] = []
        if let environmentName {
            origins.append(Origin(key: "environment", value: environmentName, place: environmentPlace?.description))
        }
        if case .variables(let place)? = source(.usual) {
            // What cannot be read is told where it is used.
            let value = (try? databaseVariables.settings())?.map(\.description) ?? "***"
            origins.append(Origin(key: "database", value: value, place: place.description))
        }
        for setting in Setting.allCases {
            if let given = layers.given(setting) {
                let value = setting.masked(given.text)
                origins.append(Origin(key: setting.key, value: value, place: given.place.description))
            } else if setting == .migrations {
                origins.append(Origin(key: setting.key, value: migrations, place: nil))
            }
        }
        for structure in SettingStructure.allCases {
            guard let layer = layers.first(where: { $0.structures[structure] != nil }) else { continue }
            let entries = Words.count(layer.structures[structure]?.value.content.count ?? 0, "part")
            origins.append(Origin(key: structure.rawValue, value: entries, place: layer.name))
        }
        // What a placeholder stands for may be a password that a migration gives to a role.
        for (name, given) in (Placeholders(of: layers).given ?? [:]).sorted(by: { $0.key < $1.key }) {
            origins.append(Origin(key: "placeholders.\(name)", value: "***", place: given.place.description))
        }
        return origins
    }

    /// The keys of settings that are given nowhere.
    var unset: [String] { Setting.allCases.filter { $0 != .migrations && layers.given($0) == nil }.map(\.key) }

    /// Where the password of a connection comes from, in words.
    var passwordSourceInWords: String {
        switch passwordSource {
        case .libpq: "PGPASSWORD in the environment"
        case .variable(let given): given.place.description
        case .file(let given): "the first line of \(given.text) (\(given.place))"
        case .command(let given): "the output of a command (\(given.place))"
        case .credential(let path): "the credential \(path) if it is there, else libpq's password file"
        case nil: "libpq's password file, if it has one"
        }
    }

    /// Variables that look like Lastro's and mean nothing to it, each with the one that may be meant.
    var strayVariables: [(name: String, near: String?)] {
        VariableName.strays(among: Set(process.keys).union(dotEnv.keys))
    }
}

extension Setting {
    /// A value as it may be shown.
    fileprivate func masked(_ text: String) -> String {
        switch self {
        case .databaseURL, .directURL:
            // What cannot be read may hold a password anywhere.
            (try? ConnectionSettings(text)).map(\.description) ?? "***"
        default: isSecret ? "***" : text
        }
    }
}
