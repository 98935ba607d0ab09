/// A name, with the schema if one was written.
public struct QualifiedName: Hashable, Sendable, CustomStringConvertible {
    /// The schema; nil if the search path decides.
    public let schema: String?
    /// The name in it.
    public let name: String

    /// Makes a name.
    public init(_ name: String, in schema: String? = nil) {
        self.schema = schema
        self.name = name
    }

    /// A name of which the last two parts count.
    init(parts: [String]) {
        self.init(parts.last ?? "", in: parts.dropLast().last)
    }

    /// The name for SQL, in quotes where it needs them.
    public var description: String {
        (schema.map { Identifier.quote($0) + "." } ?? "") + Identifier.quote(name)
    }
}

/// A table, view, index, sequence or the like, where a statement names it.
public struct RelationReference: Hashable, Sendable {
    /// The relation's name.
    public let name: QualifiedName
    /// The byte in the script where the name begins; nil if the parser does not say.
    public let offset: Int?
    /// Whether `ONLY` keeps the tables that inherit from it out.
    public let isOnly: Bool
    /// The name that the statement gives to it.
    public let alias: String?
}
