/// One object of a database: what it is called, what is said of it, and what it needs.
public struct CatalogObject: Hashable, Sendable {
    /// What makes it the same object elsewhere.
    public let identity: ObjectIdentity
    /// What is said of it; what is off, empty or null is absent.
    public let attributes: [AttributeName: AttributeValue]
    /// The objects that must exist for it to exist, sorted: the edges of `pg_depend`, from objects to objects.
    public let dependencies: [ObjectIdentity]

    /// Makes an object.
    public init(
        _ identity: ObjectIdentity,
        attributes: [AttributeName: AttributeValue] = [:],
        dependencies: [ObjectIdentity] = []
    ) {
        self.identity = identity
        self.attributes = attributes
        self.dependencies = dependencies.sorted()
    }

    /// Makes an object whose dependencies are in their order.
    init(
        _ identity: ObjectIdentity,
        attributes: [AttributeName: AttributeValue],
        sortedDependencies: [ObjectIdentity]
    ) {
        self.identity = identity
        self.attributes = attributes
        dependencies = sortedDependencies
    }

    /// An attribute's text; nil where it is absent or no text.
    public func text(_ name: AttributeName) -> String? {
        if case .text(let text) = attributes[name] { text } else { nil }
    }

    /// Whether an attribute is on.
    public func flag(_ name: AttributeName) -> Bool { attributes[name] == .flag(true) }

    /// An attribute's number; nil where it is absent or no number.
    public func number(_ name: AttributeName) -> Int? {
        if case .number(let number) = attributes[name] { number } else { nil }
    }

    /// An attribute's list; empty where it is absent.
    public func list(_ name: AttributeName) -> [String] {
        if case .list(let list) = attributes[name] { list } else { [] }
    }
}
