import AppRuntime
import HTTPTypes
import Hummingbird

/// Why an account cannot do what was asked for.
struct AccountError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was, as a word for machines.
    enum Code: String, Sendable {
        /// Address and password do not belong together, or the account is closed: nobody is told which.
        case wrongCredentials = "wrong-credentials"
        /// Too many tries: nobody is let in for a while.
        case locked
        /// A session, a token or a link that has ended, was used or never was.
        case endedToken = "ended-token"
        /// A password that must not be one.
        case weakPassword = "weak-password"
        /// An address or a name that cannot be one.
        case invalid
        /// There is no such account.
        case noAccount = "no-account"
        /// There is such an account already.
        case accountExists = "account-exists"
        /// Too many passwords are tried at once.
        case busy
        /// The library of cryptography refuses.
        case cryptography
    }

    let code: Code
    let message: String
    let next: String
    /// After how many seconds to try again.
    var retryAfter: Int?
    /// What is wrong with a password that must not be one.
    var fault: PasswordFault?

    /// What happened, and what to do.
    var description: String { "\(message)\n  state: nothing was changed\n  next:  \(next)" }

    /// Whether the command line is to blame.
    var isUsage: Bool { code == .invalid }

    static func wrongCredentials() -> AccountError {
        AccountError(
            code: .wrongCredentials,
            message: "the address and the password do not belong to an open account",
            next: "try again, or have somebody send a link for a new password"
        )
    }

    static func locked(seconds: Int) -> AccountError {
        AccountError(
            code: .locked,
            message: "there were too many tries",
            next: "try again in \(seconds) s",
            retryAfter: seconds
        )
    }

    static func endedToken(_ what: String) -> AccountError {
        AccountError(
            code: .endedToken,
            message: "\(what) has ended, or was used",
            next: "log in again, or ask for another link"
        )
    }

    static func weakPassword(_ fault: PasswordFault) -> AccountError {
        AccountError(
            code: .weakPassword,
            message: "the password \(fault.rawValue)",
            next: "take another one",
            fault: fault
        )
    }

    static func invalid(_ message: String) -> AccountError {
        AccountError(code: .invalid, message: message, next: "write it otherwise")
    }

    static func noAccount(_ email: String) -> AccountError {
        AccountError(
            code: .noAccount,
            message: "there is no account \(email)",
            next: "`study-app admin list` shows those who run this, `study-app admin create` makes one"
        )
    }

    static func accountExists(_ email: String) -> AccountError {
        AccountError(
            code: .accountExists,
            message: "there is an account \(email) already",
            next:
                "`study-app admin link \(email)` makes a link to set its password, `study-app admin grant` gives it a role"
        )
    }

    static func busy() -> AccountError {
        AccountError(code: .busy, message: "too many log in just now", next: "try again in 5 s", retryAfter: 5)
    }

    static func cryptography(_ what: String) -> AccountError {
        AccountError(code: .cryptography, message: "OpenSSL has no \(what)", next: "look whether libcrypto 3 is whole")
    }
}

/// Why a password must not be one.
enum PasswordFault: String, Hashable, Sendable {
    case short = "has fewer than 12 characters"
    case long = "has more than 1024 bytes"
    case repetitive = "repeats a few characters"
    case different = "was written in two ways"
}

extension AccountError {
    /// The error as HTTP tells it.
    var problem: Problem {
        let status: HTTPResponse.Status =
            switch code {
            case .wrongCredentials, .endedToken: .unauthorized
            case .locked: .tooManyRequests
            case .weakPassword, .invalid: .unprocessableContent
            case .noAccount: .notFound
            case .accountExists: .conflict
            case .busy: .serviceUnavailable
            case .cryptography: .internalServerError
            }
        var headers: HTTPFields = retryAfter.map { [.retryAfter: "\($0)"] } ?? [:]
        // RFC 9110, 15.5.2: an answer of 401 says how to be let in.
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        return Problem(status, code.rawValue, message, next: next, headers: headers)
    }
}
