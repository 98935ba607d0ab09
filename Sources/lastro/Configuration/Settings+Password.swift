import Postgres

/// Where the password comes from.
enum PasswordSource {
    /// The environment's `PGPASSWORD`, which libpq takes by itself.
    case libpq
    case variable(SettingsLayer.Given)
    case file(SettingsLayer.Given)
    case command(SettingsLayer.Given)
    case credential(path: String)
}

extension Settings {
    /// Where the password of a connection comes from that has none in its own address; nil leaves it to libpq's password
    /// file.
    ///
    /// The strongest place wins, as with every other value; in one place PGPASSWORD comes before a file, and a file before
    /// a command.
    var passwordSource: PasswordSource? {
        for layer in layers {
            if let given = layer.password {
                if case .variable = given.place { return .libpq }
                return .variable(given)
            }
            if let given = layer.values[.passwordFile] { return .file(given) }
            if let given = layer.values[.passwordCommand] { return .command(given) }
        }
        return Credential.folder(of: process).map { .credential(path: "\($0)/\(Credential.password)") }
    }

    /// The same connection with its password, if one is given outside of its own address.
    func addingPassword(to settings: ConnectionSettings) async throws -> ConnectionSettings {
        guard settings["password"] == nil, let source = passwordSource else { return settings }
        let password: String
        switch source {
        case .libpq: return settings
        case .variable(let given): password = given.text
        case .file(let given):
            password = try FirstLine(ofFile: given.text, for: .passwordFile, at: given.place).text
        case .command(let given):
            password = try await ShellCommand(given.text).password(for: .passwordCommand, at: given.place)
        case .credential(let path):
            let place = SettingPlace.credential(Credential.password)
            guard let line = try FirstLine(ofFileIfThere: path, for: .passwordFile, at: place) else { return settings }
            password = line.text
        }
        return settings.with("password", password)
    }
}
