public import Postgres
import SQLSyntax

/// What one role gave another one on an object, in the server's spelling: `reader=r*w/lender`.
///
/// A list of items says what differs from the default: an item that gives what the owner or everybody has anyhow is left
/// out, and where they lack it there is an item without letters (`=` after `REVOKE … FROM PUBLIC`). The grantor is
/// written only where it is not the owner, so that another owner does not look like other privileges.
public struct AccessControlItem: Hashable, Sendable {
    /// The role that has the privileges; nil for everybody.
    public let grantee: String?
    /// The role that gave them; nil for the owner.
    public let grantor: String?
    /// The privileges, each with whether it may be given on.
    public let privileges: [Privilege: Bool]

    /// A privilege, by the letter that the server has for it.
    public enum Privilege: Character, CaseIterable, Hashable, Sendable {
        case insert = "a"
        case select = "r"
        case update = "w"
        case delete = "d"
        case truncate = "D"
        case references = "x"
        case trigger = "t"
        case execute = "X"
        case usage = "U"
        case create = "C"
        case maintain = "m"

        /// The word of `GRANT`.
        public var word: String { "\(self)".uppercased() }

        /// Whether a server knows the privilege.
        public func isKnown(to server: ServerVersion) -> Bool { self != .maintain || server.major >= 17 }
    }

    /// Reads an item; nil for a text that is none.
    public init?(_ text: String) {
        var rest = text[...]
        grantee = Self.takeName(from: &rest)
        guard rest.first == "=" else { return nil }
        var privileges: [Privilege: Bool] = [:]
        var last: Privilege?
        rest = rest.dropFirst()
        while let letter = rest.first, letter != "/" {
            if letter == "*", let last {
                privileges[last] = true
            } else {
                guard let privilege = Privilege(rawValue: letter) else { return nil }
                privileges[privilege] = false
                last = privilege
            }
            rest = rest.dropFirst()
        }
        self.privileges = privileges
        rest = rest.dropFirst()
        grantor = Self.takeName(from: &rest)
    }

    private static func takeName(from rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let name = rest.prefix { $0 != "=" && $0 != "/" }
            rest = rest[name.endIndex...]
            return name.isEmpty ? nil : String(name)
        }
        var name = ""
        repeat {
            if !name.isEmpty { name += "\"" }
            let part = rest.dropFirst().prefix { $0 != "\"" }
            name += part
            rest = rest[part.endIndex...].dropFirst()
        } while rest.first == "\""
        return name
    }
}

extension CatalogObject {
    /// What its privileges differ in from the default ones.
    public var accessControl: [AccessControlItem] { list(.grants).compactMap(AccessControlItem.init) }

    /// Who has ``accessControl``, in the order in which they came by it; nil for everybody.
    public var granteesInOrder: [String?] {
        let order = list(.grantOrder)
        return order.isEmpty ? accessControl.map(\.grantee) : order.map { AccessControlItem($0)?.grantee }
    }
}
