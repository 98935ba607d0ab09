import ProjectSettings

/// Options of a command that stand for settings.
protocol SettingFlags {
    /// The settings with the values that were given for them.
    var settings: [(setting: Setting, flag: String, value: String?)] { get }

    /// The placeholders that were given, as `name=value`.
    var placeholders: [String] { get }
}

extension SettingFlags {
    var placeholders: [String] { [] }
}

extension SettingsLayer {
    /// Gathers what the flags of a command say.
    ///
    /// - Throws: ``ConfigurationError`` for an empty value, which is most likely a variable that the shell did not know.
    init(_ options: [any SettingFlags]) throws(ConfigurationError) {
        self.init(name: "command line")
        for option in options {
            for (setting, flag, value) in option.settings {
                guard let value else { continue }
                guard !value.isEmpty else { throw .emptyFlag(flag) }
                set(setting, to: value, at: .flag(flag))
            }
            for text in option.placeholders {
                guard let sign = text.firstIndex(of: "="), sign > text.startIndex else { throw .badPlaceholder() }
                setPlaceholder(
                    String(text[..<sign]),
                    to: String(text[text.index(after: sign)...]),
                    at: .flag("--placeholder")
                )
            }
        }
    }
}
