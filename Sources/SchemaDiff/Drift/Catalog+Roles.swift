import Catalog
import SQLSyntax

extension Catalog {
    /// The catalog as it were if one role had been another: as owner, in privileges and in default privileges.
    func renamingRole(_ old: String, to new: String) -> Catalog {
        guard old != new else { return self }
        return Catalog(
            serverVersion: serverVersion,
            objects: objects.map { $0.renamingRole(old, to: new) },
            notModelled: notModelled
        )
    }
}

extension CatalogObject {
    fileprivate func renamingRole(_ old: String, to new: String) -> CatalogObject {
        var attributes = attributes
        if text(.owner) == old { attributes[.owner] = .text(new) }
        for name in [AttributeName.grants, .identityGrants] where !list(name).isEmpty {
            attributes[name] = .list(list(name).map { $0.renamingRole(old, to: new) }.sorted(by: precedes))
        }
        let order = list(.grantOrder)
        if !order.isEmpty { attributes[.grantOrder] = .list(order.map { $0.renamingRole(old, to: new) }) }
        var identity = identity
        if identity.kind == .defaultPrivileges, identity.name == old {
            identity = ObjectIdentity(
                .defaultPrivileges,
                schema: identity.schema,
                parent: identity.parent,
                new,
                signature: identity.signature
            )
        }
        return CatalogObject(identity, attributes: attributes, dependencies: dependencies)
    }

    private func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
}

extension String {
    /// An access control item with another role in the place of one.
    fileprivate func renamingRole(_ old: String, to new: String) -> String {
        let (oldName, newName) = (old.asGrantee, new.asGrantee)
        var item = self
        if item.hasPrefix(oldName + "=") { item = newName + item.dropFirst(oldName.count) }
        if item.hasSuffix("/" + oldName) { item = item.dropLast(oldName.count) + newName }
        return item
    }

    /// A role's name as the server writes it in an access control item.
    private var asGrantee: String {
        let isPlain = utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
        return isPlain ? self : "\"" + replacing("\"", with: "\"\"") + "\""
    }
}
