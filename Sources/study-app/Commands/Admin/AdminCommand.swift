import AppRuntime
import ArgumentParser
import Foundation
import Postgres
import ProjectSettings

struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Make and change the accounts of those who run the platform.",
        discussion: """
            There is no default password: the first admin sets one with the link that `create` prints.

            EXAMPLES
              study-app admin create ana@example.org --name Ana
              study-app admin create op@example.org --name Otávio --role operator
              study-app admin link ana@example.org     another link, for who has forgotten the password
            """,
        subcommands: [
            AdminCreateCommand.self, AdminLinkCommand.self, AdminGrantCommand.self, AdminDisableCommand.self,
            AdminListCommand.self,
        ]
    )
}

/// The options of commands that print a link.
struct LinkOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long the link is good (default: 1h).", valueName: "duration"))
    var valid: Patience?

    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp("Where browsers find the application (default: http://127.0.0.1:3333).", valueName: "url")
    )
    var publicURL: String?

    var validity: Duration { valid?.duration ?? .seconds(3600) }

    func validate() throws {
        guard validity <= .seconds(7 * 86_400) else { throw ValidationError("--valid takes 7d at most") }
    }

    /// Prints the link on standard output, and nowhere else.
    func show(_ link: PasswordLink, settings: AppSettings) throws {
        let port = try settings.port(.port, default: 3333)
        var base = publicURL ?? settings.text(.publicURL) ?? "http://127.0.0.1:\(port)"
        while base.hasSuffix("/") { base.removeLast() }
        // Behind the #, which a browser keeps to itself.
        StudyApp.say("\(base)/account/link#\(link.token.secret)")
        StudyApp.report(
            "the link sets the password of \(link.account), once, until \(link.expiresAt.formatted(.iso8601)); "
                + "it is written down nowhere"
        )
    }
}

extension AppOptions {
    /// Lends the accounts of the configured database to a closure.
    func withAccounts(_ body: (Accounts, AppSettings) async throws -> Void) async throws {
        try await withQueue { pool, settings in
            let hasher = PasswordHasher(cost: try settings.passwordCost())
            try await body(Accounts(pool: pool, hasher: hasher), settings)
        }
    }

    /// Lends a pool of few connections to the configured database to a closure.
    func withQueue(_ body: (PostgresPool, AppSettings) async throws -> Void) async throws {
        let settings = try settings()
        try await AppDatabase.with(settings) { database in
            let pool = PostgresPool(to: database.settings.with("application_name", "study-app"), limit: 2)
            do {
                try await body(pool, settings)
            } catch {
                await pool.shutDown()
                throw error
            }
            await pool.shutDown()
        }
    }
}

/// The role of an account, on the command line.
enum RoleArgument: String, ExpressibleByArgument, CaseIterable {
    case learner
    case editor
    case `operator`
    case admin

    var role: Role {
        switch self {
        case .learner: .learner
        case .editor: .editor
        case .operator: .operator
        case .admin: .admin
        }
    }
}

struct AdminCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an account without a password, and print a link to set one."
    )

    @OptionGroup var options: AppOptions
    @OptionGroup var link: LinkOptions

    @Argument(help: "The address of mail.")
    var email: String

    @Option(help: "The name.")
    var name: String

    @Option(help: "What it may do: learner, editor, operator or admin.")
    var role: RoleArgument = .admin

    func run() async throws {
        try await options.withAccounts { accounts, settings in
            let made = try await accounts.create(email, name: name, role: role.role, linkFor: link.validity)
            try link.show(made, settings: settings)
        }
    }
}

struct AdminLinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Print a link to set an account's password; earlier ones are good no more."
    )

    @OptionGroup var options: AppOptions
    @OptionGroup var link: LinkOptions

    @Argument(help: "The address of mail.")
    var email: String

    func run() async throws {
        try await options.withAccounts { accounts, settings in
            try link.show(try await accounts.link(for: email, lasting: link.validity), settings: settings)
        }
    }
}

struct AdminGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "grant", abstract: "Give an account a role.")

    @OptionGroup var options: AppOptions

    @Argument(help: "The address of mail.")
    var email: String

    @Argument(help: "What it may do: learner, editor, operator or admin.")
    var role: RoleArgument

    func run() async throws {
        try await options.withAccounts { accounts, _ in
            try await accounts.grant(role.role, to: email)
            StudyApp.say("\(email) is \(role.rawValue) now")
        }
    }
}

struct AdminDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Close an account and end its sessions."
    )

    @OptionGroup var options: AppOptions

    @Argument(help: "The address of mail.")
    var email: String

    func run() async throws {
        try await options.withAccounts { accounts, _ in
            try await accounts.disable(email)
            StudyApp.say("\(email) is closed")
        }
    }
}

struct AdminListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show who does more than learn."
    )

    @OptionGroup var options: AppOptions

    func run() async throws {
        try await options.withAccounts { accounts, _ in
            for account in try await accounts.staff() {
                StudyApp.say(
                    "\(account.email)  \(account.roles.map(\.rawValue).sorted().joined(separator: ", "))  \(account.name)"
                )
            }
        }
    }
}
