/// The placeholders of every place together: each name with its value in the strongest place that has it.
struct Placeholders {
    /// The placeholders as they were given; nil if no place has any or says that there are some.
    private(set) var given: [String: SettingsLayer.Given]?

    /// What each name stands for.
    var values: [String: String]? { given?.mapValues(\.text) }

    /// Gathers them.
    ///
    /// A variable cannot say whether `LASTRO_PLACEHOLDER_APP_ROLE` means `app_role`, `app-role` or `AppRole`, so it means
    /// the one that a flag or a file names, and without one `app_role`.
    init(of layers: [SettingsLayer]) {
        var names: [String: String] = [:]
        for layer in layers {
            for (name, given) in layer.placeholders ?? [:] where !given.place.isVariable {
                names[VariableName.part(of: name)] = name
            }
        }
        for layer in layers.reversed() {
            guard let placeholders = layer.placeholders else { continue }
            given = given ?? [:]
            for (name, value) in placeholders {
                let isVariable = value.place.isVariable
                given?[isVariable ? names[VariableName.part(of: name)] ?? name.lowercased() : name] = value
            }
        }
    }
}

extension SettingPlace {
    /// Whether the place is a variable, whose name is written in capitals.
    fileprivate var isVariable: Bool {
        switch self {
        case .variable, .dotEnv: true
        default: false
        }
    }
}
