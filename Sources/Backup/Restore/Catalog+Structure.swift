import Catalog

extension Catalog {
    /// The fingerprint of all objects without their owners and privileges.
    var structureFingerprint: String {
        let bare = objects.filter { $0.identity.kind != .defaultPrivileges }.map { object in
            CatalogObject(
                object.identity,
                attributes: object.attributes.filter { ![.owner, .grants, .identityGrants].contains($0.key) },
                dependencies: object.dependencies
            )
        }
        return Fingerprint(of: bare).description
    }
}
