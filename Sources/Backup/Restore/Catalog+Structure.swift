import Catalog

extension Catalog {
    /// All objects without their owners and privileges, and without the disk that they lie on.
    var structure: Catalog {
        let bare = objects.filter { $0.identity.kind != .defaultPrivileges }.map { object in
            CatalogObject(
                object.identity,
                attributes: object.attributes.filter { !Self.circumstances.contains($0.key) },
                dependencies: object.dependencies
            )
        }
        return Catalog(serverVersion: serverVersion, sorted: bare, notModelled: [])
    }

    private static let circumstances: Set<AttributeName> = [.owner, .grants, .identityGrants, .tablespace]

    /// The fingerprint of that.
    var structureFingerprint: String { Fingerprint(of: structure.objects).description }
}
