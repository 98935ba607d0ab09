import AppRuntime
import Hummingbird

/// Finds out who a request comes from, by a session's cookie or a program's access token.
struct SessionAuthenticator: Authenticator {
    let accounts: Accounts
    let cookie: SessionCookie

    /// A token in `Authorization` comes before a cookie: nobody sends it without meaning it.
    @concurrent
    func principal(of request: Request, context: AppRequestContext) async throws -> Principal? {
        if let header = request.headers[.authorization] {
            guard header.lowercased().hasPrefix("bearer "),
                let token = SecretToken(String(header.dropFirst(7)), kind: .access),
                let account = try await accounts.holder(of: token)
            else { throw Problem.unauthorized("the access token has ended, or never was one") }
            return principal(account, .bearer)
        }
        guard let token = cookie.token(in: request), let account = try await accounts.holder(of: token) else {
            return nil
        }
        return principal(account, .session, csrfToken: token.csrfToken)
    }

    private func principal(_ account: Account, _ proof: Principal.Proof, csrfToken: String? = nil) -> Principal {
        Principal(userID: account.id, name: account.name, roles: account.roles, proof: proof, csrfToken: csrfToken)
    }
}

/// The cookie that holds a browser's session: no script reads it, and no other site has it sent with what changes something.
struct SessionCookie: Hashable, Sendable {
    /// Whether browsers reach the application through TLS, and send the cookie through nothing else.
    let isSecure: Bool

    /// The name; the prefix keeps other hosts of the domain from setting it (RFC 6265bis, "The __Host- Prefix").
    var name: String { isSecure ? "__Host-study" : "study" }

    /// The session's token in a request.
    func token(in request: Request) -> SecretToken? {
        for header in request.headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let pieces = pair.split(separator: "=", maxSplits: 1)
                guard pieces.count == 2, pieces[0].trimmingPrefix(" ") == name else { continue }
                return SecretToken(String(pieces[1]), kind: .session)
            }
        }
        return nil
    }

    /// What sets the cookie; nil takes it away.
    func header(_ token: SecretToken?, lasting lifetime: Duration) -> String {
        let age = token == nil ? 0 : Int(lifetime / .seconds(1))
        return "\(name)=\(token?.secret ?? ""); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(age)"
            + (isSecure ? "; Secure" : "")
    }
}
