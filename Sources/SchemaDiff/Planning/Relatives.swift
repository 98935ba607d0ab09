import Catalog

/// What stands around the objects of a catalog: what each belongs to, and what needs it.
struct Relatives {
    let catalog: Catalog

    init(of catalog: Catalog) {
        self.catalog = catalog
    }

    /// The objects that need each object, in the order of identities; those that belong to it are among them.
    func dependants() -> [ObjectIdentity: [ObjectIdentity]] {
        var dependants: [ObjectIdentity: [ObjectIdentity]] = [:]
        for object in catalog.objects {
            for needed in needs(of: object) { dependants[needed, default: []].append(object.identity) }
        }
        return dependants
    }

    /// What an object needs: what it depends on, and what it belongs to.
    func needs(of object: CatalogObject) -> [ObjectIdentity] {
        guard let parent = catalog.parent(of: object.identity), !object.dependencies.contains(parent) else {
            return object.dependencies
        }
        return object.dependencies + [parent]
    }

    /// An object without what binds it; nil where nothing does.
    func unbound(_ identity: ObjectIdentity) -> CatalogObject? {
        catalog[identity].flatMap { Binding.removed(from: $0, in: catalog) }
    }

    /// The column, or the table, that owns a sequence; nil for one that nobody owns, and for everything else.
    func owner(of sequence: ObjectIdentity) -> ObjectIdentity? {
        guard sequence.kind == .sequence, let object = catalog[sequence], object.attributes[.ownedBy] != nil else {
            return nil
        }
        return object.dependencies.first { $0.kind == .column } ?? object.dependencies.first { $0.kind == .table }
    }
}

extension Catalog {
    /// The object that another one belongs to, if it is there.
    func parent(of identity: ObjectIdentity) -> ObjectIdentity? {
        guard identity.kind.hasParent, let name = identity.parent else { return nil }
        let kinds: [CatalogKind] =
            switch identity.kind {
            case .domainConstraint: [.domain]
            case .viewColumn: [.view, .materializedView]
            default: [.table, .view, .materializedView, .foreignTable]
            }
        return kinds.lazy.map { ObjectIdentity($0, schema: identity.schema, name) }.first { self[$0] != nil }
    }

    /// The catalog with some of its objects replaced.
    func replacing(_ objects: [ObjectIdentity: CatalogObject]) -> Catalog {
        guard !objects.isEmpty else { return self }
        return Catalog(
            serverVersion: serverVersion,
            objects: self.objects.map { objects[$0.identity] ?? $0 },
            notModelled: notModelled
        )
    }
}
