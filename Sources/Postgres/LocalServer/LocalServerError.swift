/// What went wrong with a local server: what happened, in which state that leaves things, and what to do next.
public struct LocalServerError: Error, Hashable, Sendable {
    /// What kind of failure it was; stable from release to release.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The name of the code, as it is shown in JSON.
        public let rawValue: String

        /// Makes a code from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// There is no PostgreSQL of the version that was asked for.
        public static let installationNotFound = Code(rawValue: "installation-not-found")
        /// A folder that was named as PostgreSQL's does not hold its programs.
        public static let installationIncomplete = Code(rawValue: "installation-incomplete")
        /// A program of the installation could not be run, or did not do its work.
        public static let programFailed = Code(rawValue: "program-failed")
        /// The cache folder cannot be made or used.
        public static let cacheUnusable = Code(rawValue: "cache-unusable")
        /// The folder for running servers cannot be made or used.
        public static let runFolderUnusable = Code(rawValue: "run-folder-unusable")
        /// A setting was asked for that the local server needs for itself.
        public static let settingReserved = Code(rawValue: "setting-reserved")
        /// The server ended while it started.
        public static let startFailed = Code(rawValue: "start-failed")
        /// The server was not ready in time.
        public static let startTimedOut = Code(rawValue: "start-timed-out")
        /// The server did not end.
        public static let stopTimedOut = Code(rawValue: "stop-timed-out")
        /// A server works on the data of a development server whose processes belong to another container.
        public static let runningElsewhere = Code(rawValue: "running-elsewhere")
        /// The data of a development server belongs to another major version.
        public static let majorMismatch = Code(rawValue: "major-mismatch")
        /// The folder of a development server cannot be made or used.
        public static let developmentFolderUnusable = Code(rawValue: "development-folder-unusable")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What happened.
    public let message: String
    /// What is there now.
    public let state: String
    /// What to do.
    public let next: String
}

extension LocalServerError: CustomStringConvertible {
    /// The failure in words, with state and next step on lines of their own.
    public var description: String {
        """
        \(message)
          state: \(state)
          next:  \(next)
        """
    }
}
