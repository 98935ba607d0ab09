import Foundation

/// Where a Redis is, and how long it may take.
public struct RedisSettings: Sendable, Hashable {
    /// A name or an address; not used with a socket.
    public var host = "127.0.0.1"
    /// The port.
    public var port = 6379
    /// The path of a Unix socket, in the place of host and port.
    public var socketPath: String?
    /// The user; nil for the default one.
    public var user: String?
    /// The password; nil where none is wanted.
    public var password: String?
    /// The number of the database.
    public var database = 0
    /// How long a connection may take to stand.
    public var connectTimeout = Duration.milliseconds(500)
    /// How long an answer may take.
    public var timeout = Duration.milliseconds(250)
    /// How many connections are open.
    public var connections = 2

    /// Makes settings: port 6379 on this machine.
    public init() {}

    /// Reads a URL: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, or `unix:///PATH[?db=DATABASE]`.
    ///
    /// - Parameter url: the URL.
    /// - Throws: ``RedisError`` with code `settings`; its words hold no password.
    public init(_ url: String) throws(RedisError) {
        guard let parts = URLComponents(string: url) else { throw .unreadableURL }
        switch parts.scheme {
        case "redis":
            guard let host = parts.host, !host.isEmpty else { throw .unreadableURL }
            self.host = host
            port = parts.port ?? 6379
            let path = parts.path.drop { $0 == "/" }
            if !path.isEmpty {
                guard let number = Int(path), number >= 0 else { throw .unreadableURL }
                database = number
            }
        case "unix":
            guard parts.path.hasPrefix("/"), parts.path.utf8.count < 108 else { throw .unreadableURL }
            socketPath = parts.path
            if let text = parts.queryItems?.first(where: { $0.name == "db" })?.value {
                guard let number = Int(text), number >= 0 else { throw .unreadableURL }
                database = number
            }
        default:
            throw .unreadableURL
        }
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password
    }
}

/// Why a Redis did not do what was asked of it.
public struct RedisError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind as a word for machines; stable from release to release.
        public let rawValue: String

        /// Makes a code from its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The settings cannot be understood.
        public static let settings = Code(rawValue: "settings")
        /// It cannot be reached, or does not answer in time.
        public static let away = Code(rawValue: "away")
        /// It refuses the command.
        public static let refused = Code(rawValue: "refused")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened.
    public let message: String

    static let unreadableURL = RedisError(
        code: .settings,
        message:
            "the address of Redis is neither redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE] nor unix:///PATH[?db=DATABASE]"
    )

    /// It was away a moment ago, and was not asked again yet.
    static let resting = RedisError(code: .away, message: "Redis did not answer a moment ago")

    /// What happened.
    public var description: String { message }
}
