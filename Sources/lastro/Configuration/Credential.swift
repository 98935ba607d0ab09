import ProjectSettings

/// What systemd hands to a service in files of `$CREDENTIALS_DIRECTORY` (systemd.exec(5), "Credentials").
enum Credential {
    static let databaseURL = "lastro-database-url"
    static let password = "lastro-password"

    /// The folder of credentials; nil outside of a service that has some.
    static func folder(of environment: [String: String]) -> String? {
        environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension SettingsLayer {
    /// The database that a credential names; nil if there is none.
    init?(credentialsOf environment: [String: String]) throws(ConfigurationError) {
        guard let folder = Credential.folder(of: environment) else { return nil }
        let path = "\(folder)/\(Credential.databaseURL)"
        let place = SettingPlace.credential(Credential.databaseURL)
        self.init(name: "credentials")
        guard let url = try FirstLine(ofFileIfThere: path, for: .databaseURL, at: place) else { return nil }
        set(.databaseURL, to: url.text, at: place)
    }
}
