import AppRuntime
import Foundation
import Logging
import Postgres

/// The accounts of the platform: who may come in, for how long, and as what.
///
/// It works on the platform's own tables (`users`, `user_sessions`, `refresh_tokens`, `login_attempts`, `auth_…`). No secret is ever
/// stored or logged: of tokens and links the database knows the hash, of passwords what scrypt makes of them.
struct Accounts: Sendable {
    let pool: PostgresPool
    let hasher: PasswordHasher
    var lifetimes = AccountLifetimes()
    var lockOut = LockOut()

    /// Makes the accounts of a database.
    init(pool: PostgresPool, hasher: PasswordHasher = PasswordHasher()) {
        self.pool = pool
        self.hasher = hasher
    }
}

/// How long what accounts are given is good.
struct AccountLifetimes: Hashable, Sendable {
    /// How long a browser's session goes on without a request.
    var idle = Duration.seconds(8 * 3600)
    /// How long a session goes on at most, whatever comes.
    var session = Duration.seconds(30 * 86_400)
    /// How long a program's access is good.
    var access = Duration.seconds(15 * 60)
    /// How long a refresh token is good.
    var refresh = Duration.seconds(30 * 86_400)
}

/// Where a request comes from, as far as it is known.
struct Visitor: Hashable, Sendable {
    /// The address, which the database takes for one.
    let address: String
    /// What the program says of itself.
    let agent: String?

    /// Takes what a connection and a header say; what is no address counts as unknown.
    init(address: String?, agent: String?) {
        var buffer = in6_addr()
        let isAddress = address.map { inet_pton(AF_INET, $0, &buffer) == 1 || inet_pton(AF_INET6, $0, &buffer) == 1 }
        self.address = isAddress == true ? address ?? "::" : "::"
        // The server stores no NUL, and nobody reads more.
        self.agent = agent.map { String($0.filter { $0 != "\0" }.prefix(300)) }
    }
}

/// An account, with what it may do.
struct Account: Hashable, Sendable {
    let id: String
    let email: String
    let name: String
    let roles: Set<Role>
}

extension Account {
    /// What the platform's words for roles mean: `users.papel`, and the roles that are granted beside it.
    static func roles(of words: [String]) -> Set<Role> {
        var roles: Set<Role> = [.learner]
        for word in words {
            switch word {
            case "admin": roles.insert(.admin)
            case "editor", "professor": roles.insert(.editor)
            case "operador": roles.insert(.operator)
            default: break
            }
        }
        return roles
    }

    /// The roles of a user `u`, in the platform's words.
    static let roleWords = """
        array_append(ARRAY(
            SELECT r.nome::text FROM auth_user_roles g JOIN auth_roles r ON r.id = g.role_id
            WHERE g.user_id = u.id AND (g.expira_em IS NULL OR g.expira_em > now())
        ), u.papel)
        """
}
