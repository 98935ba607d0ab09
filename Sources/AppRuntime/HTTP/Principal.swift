/// Who a request comes from, once that is proved.
public struct Principal: Sendable, Hashable {
    /// How it was proved.
    public enum Proof: String, Sendable, Hashable {
        /// A session's cookie, which a browser sends by itself: what changes something needs ``Principal/csrfToken`` too.
        case session
        /// An access token in the header `Authorization: Bearer`.
        case bearer
        /// A long-lived token of a program.
        case token
    }

    /// The account's id.
    public let userID: String
    /// A name for people, and for the trail of what was done.
    public let name: String
    /// What it may do.
    public let roles: Set<Role>
    /// How it was proved.
    public let proof: Proof
    /// What forms of a session have to send along; nil unless a session was shown.
    public let csrfToken: String?

    /// Makes a principal.
    ///
    /// - Parameters:
    ///   - userID: the account's id.
    ///   - name: a name for people.
    ///   - roles: what it may do.
    ///   - proof: how it was proved.
    ///   - csrfToken: what forms of a session have to send along: a secret of that session's own.
    public init(userID: String, name: String, roles: Set<Role>, proof: Proof, csrfToken: String? = nil) {
        self.userID = userID
        self.name = name
        self.roles = roles
        self.proof = proof
        self.csrfToken = csrfToken
    }

    /// Whether it has a role; an admin has every one.
    public func has(_ role: Role) -> Bool { roles.contains(role) || roles.contains(.admin) }
}
