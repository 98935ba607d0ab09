import SQLSyntax

/// What makes an object the same one in two databases: its kind and its names.
public struct ObjectIdentity: Hashable, Sendable {
    /// What sort of object it is.
    public let kind: CatalogKind
    /// The schema it lies in; nil for objects outside of schemas, and a child's is its parent's.
    public let schema: String?
    /// The name of the table, view or domain that it belongs to; nil for objects that stand alone.
    public let parent: String?
    /// Its own name; several objects of one kind and schema share one if their signatures differ.
    public let name: String
    /// What tells objects of one name apart, as the server prints it: a function's argument types, an operator's operands.
    public let signature: String?

    /// Names an object.
    public init(
        _ kind: CatalogKind,
        schema: String? = nil,
        parent: String? = nil,
        _ name: String,
        signature: String? = nil
    ) {
        self.kind = kind
        self.schema = schema
        self.parent = parent
        self.name = name
        self.signature = signature
    }

    /// The name as it is written in SQL, with its schema and without its parent: `app."Users"`, `app.total(integer)`.
    public var qualifiedName: String {
        let quoted = Identifier.quote(name)
        return (schema.map { Identifier.quote($0) + "." + quoted } ?? quoted) + (signature.map { "(\($0))" } ?? "")
    }

    /// The parent's name as it is written in SQL, with its schema.
    public var qualifiedParent: String? {
        parent.map { parent in
            (schema.map { Identifier.quote($0) + "." } ?? "") + Identifier.quote(parent)
        }
    }
}

extension ObjectIdentity: CustomStringConvertible {
    /// The kind and the names, in SQL's spelling: `table app."Users"`, `column app."Users".id`.
    public var description: String {
        var text = kind.rawValue + " "
        for outer in [schema, parent] {
            guard let outer else { continue }
            text += Identifier.quote(outer)
            text += "."
        }
        text += Identifier.quote(name)
        if let signature { text += "(\(signature))" }
        return text
    }
}

extension ObjectIdentity: Comparable {
    /// Whether the left object comes first: by kind, schema, parent, name, signature, each by its bytes.
    public static func < (left: Self, right: Self) -> Bool {
        if left.kind != right.kind { return left.kind < right.kind }
        if left.schema != right.schema { return precedes(left.schema, right.schema) }
        if left.parent != right.parent { return precedes(left.parent, right.parent) }
        if left.name != right.name { return precedes(left.name, right.name) }
        return precedes(left.signature, right.signature)
    }

    /// Whether one of the names comes before another by its bytes; none at all comes before any.
    static func precedes(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right else { return left == nil && right != nil }
        return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
