/// The name of an object with the schema it is looked for in, both as the server knows them: folded, without quotes.
public struct QualifiedName: Hashable, Codable, Sendable {
    /// The schema; nil where the search path decides.
    public let schema: String?
    /// The object's own name.
    public let name: String

    /// Makes a name from its parts.
    public init(schema: String? = nil, name: String) {
        self.schema = schema
        self.name = name
    }

    /// Reads a name as it is written in SQL, such as `app."Users"`.
    ///
    /// - Parameter sql: one part, or two with a dot between them; with three, the first is the database, and is dropped.
    /// - Throws: ``SQLSyntaxError`` for a text that is no name, or has more than three parts.
    public init(parsing sql: String) throws(SQLSyntaxError) {
        let parts = try Identifier.parse(sql)
        guard parts.count <= 3 else { throw .invalidName(sql, at: 0, .tooManyParts) }
        self.init(parts: parts.map(Identifier.truncate))
    }

    /// Makes a name from the parts that a statement gives: the last two of them.
    init(parts: [String]) {
        schema = parts.dropLast().last
        name = parts.last ?? ""
    }
}

extension QualifiedName: CustomStringConvertible {
    /// The name as it is written in SQL, with quotes where they are needed.
    public var description: String {
        [schema, name].compactMap { $0 }.map(Identifier.quote).joined(separator: ".")
    }
}

extension QualifiedName: Comparable {
    /// Whether the left name comes first: without schema before with one, then by bytes.
    public static func < (left: Self, right: Self) -> Bool {
        (left.schema ?? "", left.name) < (right.schema ?? "", right.name)
    }
}
