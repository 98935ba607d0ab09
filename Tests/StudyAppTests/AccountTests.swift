import AppRuntime
import Foundation
import Postgres
import TestSupport
import Testing

@testable import study_app

@Suite("Accounts")
struct AccountTests {
    private let here = Visitor(address: "203.0.113.7", agent: "test")
    private let password = "um cavalo certo"

    /// Lends accounts with one admin, who has a password.
    private func withAdmin<Result>(_ body: (Accounts, PostgresPool) async throws -> Result) async throws -> Result {
        try await withStudyDatabase { _, pool in
            let accounts = Accounts(pool: pool, hasher: PasswordHasher(cost: cheap))
            let link = try await accounts.create("Ana@example.com", name: "Ana", role: .admin, linkFor: .seconds(60))
            try await accounts.setPassword(password, with: link.token.secret, from: here)
            return try await body(accounts, pool)
        }
    }

    private func code(of body: () async throws -> Void) async throws -> AccountError.Code? {
        do {
            try await body()
            return nil
        } catch let error as AccountError {
            return error.code
        }
    }

    @Test("have no password until a link has set one, which is good once, not for long, and nowhere in the database")
    func setsPasswordByLink() async throws {
        try await withStudyDatabase { _, pool in
            let accounts = Accounts(pool: pool, hasher: PasswordHasher(cost: cheap))
            let link = try await accounts.create("op@example.com", name: "Op", role: .operator, linkFor: .seconds(60))
            #expect(
                try await code { _ = try await accounts.logIn(email: "op@example.com", password: "", from: here) }
                    == .wrongCredentials
            )
            #expect(
                try await code {
                    _ = try await accounts.create("OP@example.com", name: "O", role: .admin, linkFor: .seconds(1))
                } == .accountExists
            )
            #expect(
                try await code {
                    _ = try await accounts.create("nobody", name: "O", role: .admin, linkFor: .seconds(1))
                } == .invalid
            )
            let stored = try await pool.ask(
                "SELECT string_agg(r::text, '') FROM auth_password_resets r",
                as: String.self
            )
            #expect(!stored.contains(link.token.secret))
            #expect("\(link)".contains("***") && !"\(link)".contains(link.token.secret))
            for weak in ["curta", "aaaaaaaaaaaaaaa"] {
                #expect(
                    try await code { try await accounts.setPassword(weak, with: link.token.secret, from: here) }
                        == .weakPassword
                )
            }
            let second = try await accounts.link(for: "op@example.com", lasting: .seconds(60))
            #expect(
                try await code { try await accounts.setPassword(password, with: link.token.secret, from: here) }
                    == .endedToken
            )
            try await accounts.setPassword(password, with: " \(second.token.secret)\n", from: here)
            #expect(
                try await code { try await accounts.setPassword(password, with: second.token.secret, from: here) }
                    == .endedToken
            )
            let late = try await accounts.link(for: "op@example.com", lasting: .seconds(60))
            try await pool.run(
                "UPDATE auth_password_resets SET pedido_em = pedido_em - interval '2 min', expira_em = expira_em - interval '2 min' WHERE usado_em IS NULL"
            )
            #expect(
                try await code { try await accounts.setPassword(password, with: late.token.secret, from: here) }
                    == .endedToken
            )
            let (_, account) = try await accounts.logIn(email: "op@example.com", password: password, from: here)
            #expect(account.roles == [.learner, .operator])
            let trail = try await pool.ask(
                "SELECT string_agg(a::text, '') FROM audit_log a WHERE entidade_id = $1",
                account.id,
                as: String.self
            )
            #expect(trail.contains("criou") && trail.contains("senha"))
            #expect(!trail.contains(password) && !trail.contains("scrypt"))
        }
    }

    @Test("take a wrong password, an unknown address and a closed account for the same thing")
    func tellsNothing() async throws {
        try await withAdmin { accounts, pool in
            var errors: [AccountError] = []
            let before = accounts.hasher.derivations
            try await pool.run("UPDATE users SET ativo = false WHERE email = 'aluno.1@example.org'")
            for (email, text) in [
                ("ana@example.com", "outra senha qualquer"), ("ninguem@example.com", password),
                ("aluno.1@example.org", password), ("aluno.2@example.org", "senha:2"),
            ] {
                do {
                    _ = try await accounts.logIn(email: email, password: text, from: here)
                } catch let error as AccountError {
                    errors.append(error)
                }
            }
            #expect(errors.count == 4 && Set(errors).count == 1)
            let tries = try await pool.ask("SELECT count(*) FROM login_attempts WHERE ip = '203.0.113.7'", as: Int.self)
            #expect(tries == 4)
            // Also an address that nobody has costs a hash: what takes no time tells who is here.
            #expect(accounts.hasher.derivations == before + 4)
        }
    }

    @Test("are shut for longer after each wrong try, whoever tries, and open by themselves")
    func locksOut() async throws {
        try await withAdmin { accounts, pool in
            for email in ["ana@example.com", "ninguem@example.com"] {
                for _ in 0..<5 {
                    #expect(
                        try await code { _ = try await accounts.logIn(email: email, password: "errada", from: here) }
                            == .wrongCredentials
                    )
                }
                do {
                    _ = try await accounts.logIn(email: email.uppercased(), password: password, from: here)
                    Issue.record("\(email) is not shut")
                } catch let error as AccountError {
                    #expect(error.code == .locked && (1...15).contains(error.retryAfter ?? 0))
                }
            }
            // What is turned away does not count, and the clock goes on.
            try await pool.run("UPDATE login_attempts SET tentado_em = tentado_em - interval '16 seconds'")
            #expect(
                try await code {
                    _ = try await accounts.logIn(email: "ana@example.com", password: "errada", from: here)
                } == .wrongCredentials
            )
            do {
                _ = try await accounts.logIn(email: "ana@example.com", password: password, from: here)
                Issue.record("not shut for longer")
            } catch let error as AccountError {
                #expect(error.code == .locked && (16...30).contains(error.retryAfter ?? 0))
            }
            try await pool.run("UPDATE login_attempts SET tentado_em = tentado_em - interval '31 seconds'")
            _ = try await accounts.logIn(email: "ana@example.com", password: password, from: here)
            // A right one ends the count.
            #expect(
                try await code {
                    _ = try await accounts.logIn(email: "ana@example.com", password: "errada", from: here)
                } == .wrongCredentials
            )
            _ = try await accounts.logIn(email: "ana@example.com", password: password, from: here)
        }
    }

    @Test("count wrong tries that come at once, before any of them is looked at")
    func countsAtOnce() async throws {
        try await withAdmin { accounts, pool in
            let codes = try await withThrowingTaskGroup(of: AccountError.Code?.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        do {
                            _ = try await accounts.logIn(email: "ana@example.com", password: "errada", from: here)
                            return nil
                        } catch let error as AccountError {
                            return error.code
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == .wrongCredentials } == 5)
            #expect(codes.count { $0 == .locked } == 11)
        }
    }

    @Test("have their hash made anew at the next login when what it costs has changed")
    func rehashes() async throws {
        try await withAdmin { accounts, pool in
            let dearer = Accounts(pool: pool, hasher: PasswordHasher(cost: try #require(ScryptCost("ln=6,r=8,p=1"))))
            _ = try await dearer.logIn(email: "ana@example.com", password: password, from: here)
            let hash = try await pool.ask(
                "SELECT password_hash FROM users WHERE email = 'Ana@example.com'",
                as: String.self
            )
            #expect(hash.hasPrefix("$scrypt$ln=6,r=8,p=1$"))
            _ = try await dearer.logIn(email: "ana@example.com", password: password, from: here)
            _ = try await accounts.logIn(email: "ana@example.com", password: password, from: here)
        }
    }

    @Test("have sessions that go on with requests, end when idle, by logging out and with a new password")
    func keepsSessions() async throws {
        try await withAdmin { accounts, pool in
            let (token, account) = try await accounts.logIn(email: "ana@example.com", password: password, from: here)
            #expect(try await accounts.holder(of: token) == account)
            #expect(account.roles == [.learner, .admin])
            #expect(try await accounts.holder(of: SecretToken(.session)) == nil)
            let stored = try await pool.ask("SELECT string_agg(s::text, '') FROM user_sessions s", as: String.self)
            #expect(!stored.contains(token.secret))
            let move =
                "UPDATE user_sessions SET criada_em = criada_em - interval '7 h', vista_em = vista_em - interval '7 h', expira_em = expira_em - interval '7 h' WHERE revogada_em IS NULL"
            // Seven hours twice, with a request in between: the session goes on.
            for _ in 0..<2 {
                try await pool.run(move)
                #expect(try await accounts.holder(of: token) != nil)
            }
            try await pool.run(move)
            try await pool.run(move)
            #expect(try await accounts.holder(of: token) == nil)
            let (next, _) = try await accounts.logIn(email: "ana@example.com", password: password, from: here)
            try await accounts.logOut(next, from: here)
            #expect(try await accounts.holder(of: next) == nil)
            let (last, _) = try await accounts.logIn(email: "ana@example.com", password: password, from: here)
            try await accounts.changePassword(of: account.id, from: password, to: "outro cavalo certo", by: here)
            #expect(try await accounts.holder(of: last) == nil)
            let (other, _) = try await accounts.logIn(
                email: "ana@example.com",
                password: "outro cavalo certo",
                from: here
            )
            try await accounts.disable("ana@example.com")
            #expect(try await accounts.holder(of: other) == nil)
            #expect(
                try await code {
                    _ = try await accounts.logIn(email: "ana@example.com", password: "outro cavalo certo", from: here)
                } == .wrongCredentials
            )
        }
    }

    @Test("give programs tokens that are exchanged once; a second use ends the whole sign-in")
    func rotates() async throws {
        try await withAdmin { accounts, pool in
            let (first, _) = try await accounts.grant(email: "ana@example.com", password: password, from: here)
            let (bystander, _) = try await accounts.grant(email: "ana@example.com", password: password, from: here)
            #expect(try await accounts.holder(of: first.access) != nil)
            let second = try await accounts.refresh(first.refresh.secret, from: here)
            #expect(try await accounts.holder(of: first.access) == nil)
            #expect(try await accounts.holder(of: second.access) != nil)
            // An access token is no refresh token and no session's, whatever is written before it.
            #expect(try await code { _ = try await accounts.refresh(second.access.secret, from: here) } == .endedToken)
            #expect(SecretToken(second.access.secret, kind: .session) == nil)
            #expect(try await code { _ = try await accounts.refresh(first.refresh.secret, from: here) } == .endedToken)
            #expect(try await accounts.holder(of: second.access) == nil)
            #expect(try await code { _ = try await accounts.refresh(second.refresh.secret, from: here) } == .endedToken)
            #expect(try await accounts.holder(of: bystander.access) != nil)
            let reports = try await pool.ask(
                "SELECT count(*) FROM audit_log WHERE entidade = 'refresh_tokens'",
                as: Int.self
            )
            #expect(reports == 1)
            let stored = try await pool.ask("SELECT string_agg(r::text, '') FROM refresh_tokens r", as: String.self)
            #expect(!stored.contains(second.refresh.secret))
        }
    }

    @Test("exchange a token that comes twice at the same moment for one, and take the other for theft")
    func rotatesOnce() async throws {
        try await withAdmin { accounts, _ in
            let (first, _) = try await accounts.grant(email: "ana@example.com", password: password, from: here)
            let outcomes = await withTaskGroup(of: AccessGrant?.self) { group in
                for _ in 0..<4 { group.addTask { try? await accounts.refresh(first.refresh.secret, from: here) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let winners = outcomes.compactMap(\.self)
            #expect(winners.count == 1)
            for winner in winners { #expect(try await accounts.holder(of: winner.access) == nil) }
        }
    }

    @Test("are listed with their roles, and given others")
    func grantsRoles() async throws {
        try await withAdmin { accounts, _ in
            try await accounts.grant(.operator, to: "ANA@example.com")
            let ana = try #require(try await accounts.staff().first { $0.email == "Ana@example.com" })
            #expect(ana.roles == [.learner, .admin, .operator])
            #expect(try await code { try await accounts.grant(.editor, to: "ninguem@example.com") } == .noAccount)
            #expect(
                try await code { _ = try await accounts.link(for: "ninguem@example.com", lasting: .seconds(1)) }
                    == .noAccount
            )
        }
    }
}
