import ProjectSettings
import SourceText

/// The parts of `lastro.yaml` that are the application's; `lastro` reads the others.
struct ProjectFile: Sendable {
    /// The path as it was looked for.
    let path: String
    private let entries: [YAMLFile.Entry]
    private let environment: [YAMLFile.Entry]

    /// Reads the file, if it is there; one that was named has to be.
    ///
    /// - Throws: `ConfigurationError` at the line that cannot be read, and for an environment that the file does not have.
    init(_ settings: AppSettings) throws(ConfigurationError) {
        let named = settings.text(.configuration)
        let file = try SettingsFile(path: named ?? "lastro.yaml", isRequired: named != nil)
        path = file.path
        guard let content = file.content else {
            (entries, environment) = ([], [])
            return
        }
        entries = try YAMLFile(content.bytes, file: path).entries
        guard let name = settings.text(.environment) else {
            environment = []
            return
        }
        let environments = Self.mapping("environments", in: entries)
        guard environments.contains(where: { $0.key == name }) else {
            throw settings.mistake(
                "\(path) has no environment \"\(name)\"",
                of: .environment,
                next: environments.isEmpty
                    ? "name environments under `environments:` in \(path)"
                    : "there are \(environments.map(\.key).joined(separator: ", "))"
            )
        }
        environment = Self.mapping(name, in: environments)
    }

    /// The value of a key: that of the chosen environment, else that of the top level.
    subscript(key: String) -> YAMLFile.Node? {
        (environment.first { $0.key == key } ?? entries.first { $0.key == key })?.value
    }

    private static func mapping(_ key: String, in entries: [YAMLFile.Entry]) -> [YAMLFile.Entry] {
        guard case .mapping(let inner) = entries.first(where: { $0.key == key })?.value.content else { return [] }
        return inner
    }
}
