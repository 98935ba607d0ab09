/// A server's version, as `server_version_num` gives it.
public struct ServerVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The version as one number: 150018 is 15.18.
    public let number: Int

    /// Makes a version from `server_version_num`.
    public init(number: Int) {
        self.number = number
    }

    /// The major version: 15 of 15.18.
    public var major: Int { number / 10_000 }

    /// The minor version: 18 of 15.18.
    public var minor: Int { number % 10_000 }

    /// The version as people write it: `15.18`.
    public var description: String { "\(major).\(minor)" }

    /// Whether the left version is the older one.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
