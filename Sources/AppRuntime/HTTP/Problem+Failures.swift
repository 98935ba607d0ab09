import Hummingbird
import Postgres

extension Problem {
    /// Nobody has shown who they are.
    public static func unauthorized(_ detail: String = "this is not open to everybody") -> Problem {
        Problem(
            .unauthorized,
            "unauthorized",
            detail,
            next: "log in, or show a token in the header Authorization",
            headers: [.wwwAuthenticate: "Bearer"]
        )
    }

    /// Somebody may not do this.
    public static func forbidden(_ detail: String) -> Problem { Problem(.forbidden, "forbidden", detail) }

    /// There is nothing here.
    public static func notFound(_ detail: String = "there is nothing here") -> Problem {
        Problem(.notFound, "not-found", detail)
    }

    /// The request cannot be understood.
    public static func badRequest(_ detail: String, errors: [Detail] = []) -> Problem {
        Problem(.badRequest, "bad-request", detail, errors: errors)
    }

    /// The request is understood, and its content is not as it must be.
    public static func invalid(_ detail: String, errors: [Detail] = []) -> Problem {
        Problem(.unprocessableContent, "invalid", detail, errors: errors)
    }

    /// The application cannot serve requests now, and will soon.
    public static func unavailable(_ detail: String, retryAfter seconds: Int = 2) -> Problem {
        Problem(
            .serviceUnavailable,
            "unavailable",
            detail,
            next: "send the request again in \(seconds) s",
            headers: [.retryAfter: "\(seconds)"]
        )
    }

    /// Something comes too often.
    public static func tooMany(retryAfter seconds: Double) -> Problem {
        let whole = max(Int(seconds.rounded(.up)), 1)
        return Problem(
            .tooManyRequests,
            "too-many-requests",
            "this is asked for too often",
            next: "send the request again in \(whole) s",
            headers: [.retryAfter: "\(whole)"]
        )
    }

    static func tooLarge(limit: Int) -> Problem {
        Problem(.contentTooLarge, "too-large", "the body is larger than \(limit) bytes")
    }

    static func tookTooLong(_ limit: Duration) -> Problem {
        Problem(
            .serviceUnavailable,
            "took-too-long",
            "the request was given up after \(limit)",
            headers: [.retryAfter: "5"]
        )
    }

    /// What a client is told of an error of the application; the error itself goes to the log.
    ///
    /// - Parameter error: what a handler threw.
    init(telling error: any Error) {
        switch error {
        case let problem as Problem:
            self = problem
        case let error as AppRuntimeError:
            self.init(telling: error)
        case let error as PostgresError where error.isOutage:
            self = .unavailable("the database does not answer")
        case let error as HTTPError:
            self.init(telling: error)
        case let error as any HTTPResponseError:
            self.init(error.status, "http-\(error.status.code)", error.status.reasonPhrase)
        case is CancellationError:
            self = .unavailable("the request was cut off")
        default:
            self.init(
                .internalServerError,
                "internal",
                "something went wrong here",
                next: "tell whoever runs this the id of the request"
            )
        }
    }

    private init(telling error: HTTPError) {
        switch error.status {
        case .notFound: self = .notFound(error.body ?? "there is nothing here")
        case .contentTooLarge: self.init(.contentTooLarge, "too-large", "the body is too large")
        case .badRequest: self = .badRequest(error.body ?? "the request cannot be understood")
        default:
            self.init(
                error.status,
                "http-\(error.status.code)",
                error.body ?? error.status.reasonPhrase,
                headers: error.headers
            )
        }
    }

    private init(telling error: AppRuntimeError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .noJob: .notFound
            case .wrongState, .contended, .sealedBatch: .conflict
            case .payload, .resultTooLarge, .invalidCron, .unknownTimeZone: .unprocessableContent
            default: .internalServerError
            }
        self.init(status, error.code.rawValue, error.message, next: error.next)
    }
}

extension PostgresError {
    /// Whether the database is away, or has no room, so that the same may work a little later.
    var isOutage: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .connectionClosed, .poolTimeout, .poolClosed: true
        // Classes 08, 53 and 57: connections, resources, an operator's doing (PostgreSQL manual, Appendix A).
        case .server: ["08", "53", "57"].contains(sqlState.map { String($0.rawValue.prefix(2)) })
        default: false
        }
    }
}
