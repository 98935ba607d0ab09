public import HTTPTypes
public import Hummingbird

/// A route of an API: one value both registers it and describes it.
public struct APIRoute: Sendable {
    /// Who may use a route.
    public enum Access: Sendable, Hashable {
        /// Everybody.
        case anybody
        /// Whoever has one of the roles; with none given, whoever is known.
        case roles([Role])
    }

    /// Answers a request that is as the description says.
    public typealias Handler = @Sendable (APIRequest) async throws -> Response

    /// The method.
    public var method: HTTPRequest.Method
    /// The path's template, such as `/api/jobs/{id}`.
    public var path: String
    /// The name by which programs call it; no two routes have the same.
    public var name: String
    /// What it does, in a few words.
    public var summary: String
    /// What else is to be known of it.
    public var details: String?
    /// What it belongs to.
    public var tag: String
    /// Who may use it.
    public var access: Access
    /// Its parameters.
    public var parameters: [APIParameter]
    /// The schema of the body that it wants; nil for none.
    public var body: JSONValue?
    /// What it answers when all goes well, and the problems that only it has.
    public var replies: [APIReply]
    /// What answers.
    public var handler: Handler

    /// Makes a route.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - path: the path's template.
    ///   - name: the name by which programs call it.
    ///   - summary: what it does, in a few words.
    ///   - details: what else is to be known of it.
    ///   - tag: what it belongs to.
    ///   - access: who may use it.
    ///   - parameters: its parameters.
    ///   - body: the schema of the body that it wants.
    ///   - replies: what it answers.
    ///   - handler: what answers.
    public init(
        _ method: HTTPRequest.Method,
        _ path: String,
        name: String,
        summary: String,
        details: String? = nil,
        tag: String,
        access: Access,
        parameters: [APIParameter] = [],
        body: JSONValue? = nil,
        replies: [APIReply],
        handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.name = name
        self.summary = summary
        self.details = details
        self.tag = tag
        self.access = access
        self.parameters = parameters
        self.body = body
        self.replies = replies
        self.handler = handler
    }
}

/// A parameter of a route.
public struct APIParameter: Sendable {
    /// Where a parameter stands.
    public enum Place: String, Sendable {
        /// In the path.
        case path
        /// Behind the question mark.
        case query
        /// In a header field.
        case header
    }

    /// The name.
    public var name: String
    /// Where it stands.
    public var place: Place
    /// What it means.
    public var summary: String
    /// What it has to be; of a list every value is sent by itself.
    public var schema: JSONValue
    /// Whether it may not be left out.
    public var isRequired: Bool

    /// Makes a parameter; those in the path are required.
    public init(_ name: String, in place: Place, _ summary: String, schema: JSONValue, isRequired: Bool = false) {
        self.name = name
        self.place = place
        self.summary = summary
        self.schema = schema
        self.isRequired = isRequired || place == .path
    }
}

/// An answer that a route may give.
public struct APIReply: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// When it is given.
    public var summary: String
    /// The schema of its body, JSON; nil for none, or for problem details where the status says that something is wrong.
    public var schema: JSONValue?
    /// Header fields of it and what they say.
    public var headers: [String: String]

    /// Makes an answer.
    public init(
        _ status: HTTPResponse.Status,
        _ summary: String,
        schema: JSONValue? = nil,
        headers: [String: String] = [:]
    ) {
        self.status = status
        self.summary = summary
        self.schema = schema
        self.headers = headers
    }
}

/// A request that is as its route's description says.
public struct APIRequest: Sendable {
    /// The request.
    public let request: Request
    /// What else is known of it.
    public let context: AppRequestContext
    /// The parameters that were sent, by name.
    public let parameters: [String: JSONValue]
    /// The body; null without one.
    public let body: JSONValue
    /// The body as it came.
    public let bytes: [UInt8]

    /// A parameter that is a text.
    public func text(_ name: String) -> String? { parameters[name]?.string }

    /// A parameter that is a whole number.
    public func number(_ name: String) -> Int? { parameters[name]?.integer }

    /// A parameter that is a list of texts.
    public func texts(_ name: String) -> [String]? { parameters[name]?.array?.compactMap(\.string) }

    /// A parameter that is required, or has been found to be there.
    ///
    /// - Throws: ``Problem`` where it is not.
    public func required(_ name: String) throws(Problem) -> String {
        guard let text = text(name) else { throw .badRequest("\(name) is missing") }
        return text
    }
}
