import Catalog

/// The sides of a schema that a check for drift looks at.
public struct DriftScope: Hashable, Sendable {
    /// A side of a schema.
    public enum Aspect: String, CaseIterable, Hashable, Sendable {
        /// Which objects there are, and what they are.
        case objects
        /// Who owns them.
        case owners
        /// Who may do what with them, and default privileges.
        case grants
        /// What is said of them.
        case comments
    }

    /// The sides.
    public let aspects: Set<Aspect>

    /// All of a schema.
    public static let all = DriftScope(Set(Aspect.allCases))

    /// Looks at some sides.
    public init(_ aspects: Set<Aspect>) {
        self.aspects = aspects
    }

    /// Two catalogs without what differs in the other sides.
    ///
    /// - Returns: what is, and what is wanted; where a side is not looked at, what is wanted is what is.
    func reduced(live: Catalog, wanted: Catalog) -> (live: Catalog, wanted: Catalog) {
        guard aspects != DriftScope.all.aspects else { return (live, wanted) }
        func isSeen(_ object: CatalogObject, besides other: Catalog) -> Bool {
            let aspect: Aspect = object.identity.kind == .defaultPrivileges ? .grants : .objects
            return aspects.contains(aspect) || other[object.identity] != nil
        }
        func catalog(_ catalog: Catalog, _ objects: [CatalogObject]) -> Catalog {
            Catalog(serverVersion: catalog.serverVersion, objects: objects, notModelled: catalog.notModelled)
        }
        let objects = wanted.objects.filter { isSeen($0, besides: live) }.map { object in
            live[object.identity].map { reduced(object, as: $0) } ?? object
        }
        return (catalog(live, live.objects.filter { isSeen($0, besides: wanted) }), catalog(wanted, objects))
    }

    private func reduced(_ object: CatalogObject, as live: CatalogObject) -> CatalogObject {
        let isPrivilege = object.identity.kind == .defaultPrivileges
        var attributes: [AttributeName: AttributeValue] = [:]
        for name in Set(object.attributes.keys).union(live.attributes.keys) {
            let isSeen = aspects.contains(isPrivilege ? .grants : aspect(of: name))
            attributes[name] = (isSeen ? object : live).attributes[name]
        }
        return CatalogObject(
            object.identity,
            attributes: attributes,
            dependencies: aspects.contains(.objects) ? object.dependencies : live.dependencies
        )
    }

    private func aspect(of name: AttributeName) -> Aspect {
        switch name {
        case .owner: .owners
        case .grants, .identityGrants: .grants
        case .comment: .comments
        default: .objects
        }
    }
}
