/// What differs between two catalogs, object by object and attribute by attribute.
public struct CatalogChanges: Hashable, Sendable {
    /// The objects that differ, in the order of their identities.
    public let changes: [ObjectChange]

    /// Compares what is with what is wanted.
    public init(from: Catalog, to: Catalog) {
        var changes: [ObjectChange] = []
        for object in to.objects {
            guard let before = from[object.identity] else {
                changes.append(ObjectChange(identity: object.identity, before: nil, after: object))
                continue
            }
            guard before.attributes != object.attributes else { continue }
            let change = ObjectChange(identity: object.identity, before: before, after: object)
            if !change.attributes.isEmpty { changes.append(change) }
        }
        for object in from.objects where to[object.identity] == nil {
            changes.append(ObjectChange(identity: object.identity, before: object, after: nil))
        }
        self.changes = changes.sorted { $0.identity < $1.identity }
    }

    /// Whether nothing differs.
    public var isEmpty: Bool { changes.isEmpty }
}

/// How one object differs.
public struct ObjectChange: Hashable, Sendable {
    /// The object.
    public let identity: ObjectIdentity
    /// The object as it is; nil where it has to be created.
    public let before: CatalogObject?
    /// The object as it is wanted; nil where it has to be dropped.
    public let after: CatalogObject?

    /// Sets an object as it is beside the same one as it is wanted.
    public init(identity: ObjectIdentity, before: CatalogObject?, after: CatalogObject?) {
        self.identity = identity
        self.before = before
        self.after = after
    }

    /// The attributes that differ, by name.
    public var attributes: [AttributeChange] {
        let from = before?.attributes ?? [:]
        let to = after?.attributes ?? [:]
        return Set(from.keys).union(to.keys).sorted().compactMap { name in
            from[name] == to[name] || name == .grantOrder
                ? nil : AttributeChange(name: name, from: from[name], to: to[name])
        }
    }
}

/// How one attribute differs.
public struct AttributeChange: Hashable, Sendable {
    /// The attribute.
    public let name: AttributeName
    /// What is; nil for absent.
    public let from: AttributeValue?
    /// What is wanted; nil for absent.
    public let to: AttributeValue?
}
