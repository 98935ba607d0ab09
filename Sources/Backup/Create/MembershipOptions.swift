/// How a role is a member of another one (PostgreSQL manual, GRANT on Roles).
struct MembershipOptions: Hashable, Sendable {
    /// Whether it may make others members.
    var isAdministrator = false
    /// Whether it has the rights of the other role; nil where that goes by the role, as on all servers before 16.
    var inherits: Bool?
    /// Whether it may become the other role, as on all servers before 16.
    var mayBecome = true

    /// The end of a GRANT, in words that servers before 16 understand where these can say it.
    var clause: String {
        var words: [String] = []
        if let inherits { words.append("INHERIT \(inherits)".uppercased()) }
        if !mayBecome { words.append("SET FALSE") }
        if isAdministrator { words.insert(words.isEmpty ? "ADMIN OPTION" : "ADMIN TRUE", at: 0) }
        return words.isEmpty ? "" : " WITH " + words.joined(separator: ", ")
    }
}

extension MembershipOptions {
    /// Reads the end of such a GRANT; what else stands there counts for nothing.
    init(endOf statement: Substring) {
        guard let words = statement.ranges(of: " WITH ").last else { return }
        for option in statement[words.upperBound...].split(separator: ", ") {
            switch option {
            case "ADMIN OPTION", "ADMIN TRUE": isAdministrator = true
            case "INHERIT TRUE": inherits = true
            case "INHERIT FALSE": inherits = false
            case "SET FALSE": mayBecome = false
            default: continue
            }
        }
    }
}
