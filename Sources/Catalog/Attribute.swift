/// The name of something that can be said of an object; each kind's own are declared beside its query.
public struct AttributeName: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name, as catalog files and reports show it.
    public let rawValue: String

    /// Names an attribute.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The name.
    public var description: String { rawValue }

    /// Whether the left name comes first by its bytes.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }

    /// The role that owns the object.
    public static let owner = AttributeName(rawValue: "owner")
    /// What `COMMENT ON` said.
    public static let comment = AttributeName(rawValue: "comment")
    /// What the privileges differ in from the default ones, as ``AccessControlItem``s, sorted.
    public static let grants = AttributeName(rawValue: "grants")
    /// As ``grants``, of the sequence of an identity column.
    public static let identityGrants = AttributeName(rawValue: "identity_grants")
    /// Who has ``grants``, in the order in which they came by them, where that is not the sorted one.
    ///
    /// Dumps list privileges in this order, so plans give them in it; two objects that differ in nothing else are equal.
    public static let grantOrder = AttributeName(rawValue: "grant_order")
    /// The security labels, each as `provider: label`, sorted.
    public static let securityLabels = AttributeName(rawValue: "security_labels")
    /// The whole definition, as one of the server's `pg_get_…def` functions prints it.
    public static let definition = AttributeName(rawValue: "definition")
}

/// What an attribute says.
///
/// An attribute that is off, empty or null is absent.
public enum AttributeValue: Hashable, Sendable {
    case text(String)
    case flag(Bool)
    case number(Int)
    case list([String])
}

extension AttributeValue: Codable {
    /// Reads a string, a Boolean, a whole number or a list of strings.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {  // what it is not is told by the last of the four
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {  // as above
            self = .number(number)
        } else if let text = try? container.decode(String.self) {  // as above
            self = .text(text)
        } else {
            self = .list(try container.decode([String].self))
        }
    }

    /// Writes the plain value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .flag(let flag): try container.encode(flag)
        case .number(let number): try container.encode(number)
        case .list(let list): try container.encode(list)
        }
    }
}
