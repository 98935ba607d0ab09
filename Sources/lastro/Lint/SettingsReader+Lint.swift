import Linter

extension SettingsReader {
    /// What is configured about rules.
    func lintOptions() throws(ConfigurationError) -> LintOptions {
        var options = LintOptions()
        let lists: [(Setting, LintOptions.Setting)] = [
            (.lintOn, .on), (.lintErrors, .severity(.error)), (.lintWarnings, .severity(.warning)),
            (.lintNotes, .severity(.note)),
            (.lintOff, .off),
        ]
        for (setting, value) in lists {
            for name in try self.value(setting, as: RuleNames.self)?.names ?? [] { options.settings[name] = value }
        }
        if let version = try value(.lintVersion, as: Count.self)?.value { options.serverMajor = version }
        return options
    }
}
