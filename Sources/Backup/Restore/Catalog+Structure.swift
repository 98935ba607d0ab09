import Catalog

extension Catalog {
    /// All objects without their owners and privileges.
    var structure: Catalog {
        let bare = objects.filter { $0.identity.kind != .defaultPrivileges }.map { object in
            CatalogObject(
                object.identity,
                attributes: object.attributes.filter { ![.owner, .grants, .identityGrants].contains($0.key) },
                dependencies: object.dependencies
            )
        }
        return Catalog(serverVersion: serverVersion, sorted: bare, notModelled: [])
    }

    /// The fingerprint of that.
    var structureFingerprint: String { Fingerprint(of: structure.objects).description }
}
