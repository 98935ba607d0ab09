extension ConnectionSettings {
    /// The settings as the `PG*` variables of a program that uses libpq, where a command line would show the password.
    ///
    /// What has no variable is left out.
    public var environment: [String: String] {
        var environment: [String: String] = [:]
        for (keyword, variable) in Self.environmentVariables {
            if let value = self[keyword] { environment[variable] = value }
        }
        return environment
    }
}
