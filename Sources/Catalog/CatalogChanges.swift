/// What differs between two catalogs, object by object and attribute by attribute.
public struct CatalogChanges: Hashable, Sendable {
    /// The objects that differ, in the order of their identities.
    public let changes: [ObjectChange]

    /// Compares what is with what is wanted.
    public init(from: Catalog, to: Catalog) {
        var changes: [ObjectChange] = []
        // Both lists are in the order of identities.
        var (left, right) = (from.objects.startIndex, to.objects.startIndex)
        while left < from.objects.endIndex || right < to.objects.endIndex {
            let before = left < from.objects.endIndex ? from.objects[left].identity : nil
            let after = right < to.objects.endIndex ? to.objects[right].identity : nil
            if let before, before == after {
                if from.objects[left].attributes != to.objects[right].attributes {
                    let change = ObjectChange(identity: before, before: from.objects[left], after: to.objects[right])
                    if !change.attributes.isEmpty { changes.append(change) }
                }
                left += 1
                right += 1
            } else if let before, after.map({ before < $0 }) ?? true {
                changes.append(ObjectChange(identity: before, before: from.objects[left], after: nil))
                left += 1
            } else if let after {
                changes.append(ObjectChange(identity: after, before: nil, after: to.objects[right]))
                right += 1
            }
        }
        self.changes = changes
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
