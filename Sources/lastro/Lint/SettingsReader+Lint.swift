import Linter
import ProjectSettings

/// What is configured for those who judge migrations.
///
/// It is read apart from all other settings: to know the rules takes longer than a run that has nothing to do.
struct LintSettings {
    /// How migrations are judged.
    let options: LintOptions
    /// From which severity on findings fail.
    let failOn: Severity
    /// The first version that is judged; nil for all.
    let from: String?
    /// The file of what is found and known.
    let baseline: String

    /// - Throws: ``ConfigurationError`` at the place of a mistake.
    init(_ settings: Settings) throws(ConfigurationError) {
        let reader = SettingsReader(layers: settings.layers)
        options = try reader.lintOptions(settings.yamlFile, settings.layers)
        failOn = try reader.value(.lintFailOn, as: SeverityName.self)?.severity ?? .error
        from = reader.text(.lintFrom)
        baseline = reader.text(.lintBaseline) ?? "lint-baseline.txt"
    }
}

extension SettingsReader {
    /// What is configured about rules.
    ///
    /// - Parameters:
    ///   - file: the file of settings, for the places of what it says.
    ///   - layers: the places of settings, the strongest first.
    /// - Returns: how to judge.
    /// - Throws: ``ConfigurationError`` at the place of a mistake.
    func lintOptions(_ file: SettingsFile, _ layers: [SettingsLayer]) throws(ConfigurationError) -> LintOptions {
        var options = LintOptions()
        func entry(_ structure: SettingStructure) -> YAMLFile.Entry? {
            layers.lazy.compactMap { $0.structures[structure] }.first
        }
        if let entry = entry(.lintHouseRules) {
            options.houseRules = try HouseRuleReader(file: file.path).rules(entry)
        }
        let lists: [(Setting, LintOptions.Setting)] = [
            (.lintOn, .on), (.lintErrors, .severity(.error)), (.lintWarnings, .severity(.warning)),
            (.lintNotes, .severity(.note)),
            (.lintOff, .off),
        ]
        for (setting, value) in lists {
            for name in try self.value(setting, as: RuleNames.self)?.names ?? [] {
                guard options.rule(named: name) != nil else { throw unknownRule(name, in: setting, layers) }
                options.settings[name] = value
            }
        }
        if let version = try value(.lintVersion, as: Count.self)?.value { options.serverMajor = version }
        if let entry = entry(.lintAllow) {
            options.allowances = try AllowanceReader(file: file, rules: options).allowances(entry)
        }
        return options
    }

    private func unknownRule(_ name: String, in setting: Setting, _ layers: [SettingsLayer]) -> ConfigurationError {
        guard let given = layers.given(setting) else { return .emptyFlag(setting.key) }
        return .badValue(given, of: setting, expected: RuleNames.expectation)
    }
}
