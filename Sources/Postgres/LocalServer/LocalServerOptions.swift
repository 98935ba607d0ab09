extension LocalServer {
    /// What kind of server is wanted.
    public struct Options: Hashable, Sendable {
        /// The PostgreSQL to take; nil to look for one.
        public var installation: PostgresInstallation?
        /// The major version to look for; nil for any.
        public var major: Int?
        /// Settings of the server, by name, such as `wal_level`; they win over those that a local server has by itself.
        public var settings: [String: String]
        /// Whether committed data survives a crash of the machine; costs time with every commit.
        public var isDurable: Bool
        /// How long the server may take to start.
        public var startLimit: Duration

        /// Describes a server; without arguments, a fast one of any version.
        public init(
            installation: PostgresInstallation? = nil,
            major: Int? = nil,
            settings: [String: String] = [:],
            isDurable: Bool = false,
            startLimit: Duration = .seconds(60)
        ) {
            self.installation = installation
            self.major = major
            self.settings = settings
            self.isDurable = isDurable
            self.startLimit = startLimit
        }
    }
}
