import Postgres

/// Puts a catalog together from the rows of the queries.
struct CatalogBuilder {
    /// Where an object lies in the system catalogs, as `pg_depend` names it.
    struct Address: Hashable {
        let systemCatalog: UInt32
        let oid: UInt32
        let subid: Int
    }

    private var attributes: [ObjectIdentity: [AttributeName: AttributeValue]] = [:]
    private var identities: [Address: ObjectIdentity] = [:]
    private var dependencies: [ObjectIdentity: Set<ObjectIdentity>] = [:]

    /// Takes the rows of a ``CatalogQuery``.
    mutating func add(_ rows: PostgresRows) throws {
        let first = IdentityColumn.allCases.count
        let names = rows.columns.dropFirst(first).map { AttributeName(rawValue: $0.name) }
        for row in rows {
            let identity = try Self.identity(of: row)
            var attributes: [AttributeName: AttributeValue] = [:]
            for (offset, name) in names.enumerated() {
                attributes[name] = try AttributeValue(row[first + offset])
            }
            self.attributes[identity] = attributes
            identities[try Self.address(in: row, from: 0)] = identity
        }
    }

    /// Forgets what belongs to no object that is there: parts of an extension's tables are the extension's, those of
    /// Lastro's own are Lastro's.
    mutating func removeOrphans() {
        attributes = attributes.filter { belongsToObject($0.key) }
        identities = identities.filter { attributes[$0.value] != nil }
    }

    private func belongsToObject(_ identity: ObjectIdentity) -> Bool {
        guard let parent = identity.parent else { return true }
        return identity.kind.parentKinds.contains { kind in
            attributes[ObjectIdentity(kind, schema: identity.schema, parent)] != nil
        }
    }

    /// Takes rows of two addresses each: the first one stands for the same object as the second one.
    mutating func addAliases(_ rows: PostgresRows) throws {
        for row in rows {
            guard let identity = identity(at: try Self.address(in: row, from: 3)) else { continue }
            identities[try Self.address(in: row, from: 0)] = identity
        }
    }

    /// Takes rows of an address and a text: an attribute of the object there.
    mutating func add(_ name: AttributeName, _ rows: PostgresRows) throws {
        for row in rows {
            guard let identity = identities[try Self.address(in: row, from: 0)] else { continue }
            attributes[identity]?[name] = try AttributeValue(row[3])
        }
    }

    /// Takes rows of two addresses each: the object at the first one needs the one at the second one.
    mutating func addDependencies(_ rows: PostgresRows) throws {
        for row in rows {
            guard let dependent = identity(at: try Self.address(in: row, from: 0)),
                let needed = identity(at: try Self.address(in: row, from: 3)), dependent != needed
            else { continue }
            dependencies[dependent, default: []].insert(needed)
        }
    }

    /// Takes out of each function what it needs of a base type that is made of it: the type's shell does for it.
    private mutating func separateTypesFromTheirFunctions() {
        for (type, functions) in dependencies where type.kind == .baseType {
            for function in functions where function.kind == .function { dependencies[function]?.remove(type) }
        }
    }

    mutating func build(serverVersion: ServerVersion, notModelled: [String]) -> Catalog {
        separateTypesFromTheirFunctions()
        return Catalog(
            serverVersion: serverVersion,
            objects: attributes.map { identity, attributes in
                CatalogObject(identity, attributes: attributes, dependencies: Array(dependencies[identity] ?? []))
            },
            notModelled: notModelled
        )
    }

    /// The object at an address; a column that is no object of its own is its table.
    private func identity(at address: Address) -> ObjectIdentity? {
        identities[address]
            ?? identities[Address(systemCatalog: address.systemCatalog, oid: address.oid, subid: 0)]
    }

    private static func address(in row: PostgresRow, from column: Int) throws -> Address {
        Address(
            systemCatalog: try UInt32(postgres: row[column]),
            oid: try UInt32(postgres: row[column + 1]),
            subid: try Int(postgres: row[column + 2])
        )
    }

    private static func identity(of row: PostgresRow) throws -> ObjectIdentity {
        let text = try String(postgres: row[IdentityColumn.kind.rawValue])
        guard let kind = CatalogKind(rawValue: text) else { preconditionFailure("no kind of object: \(text)") }
        return ObjectIdentity(
            kind,
            schema: row[IdentityColumn.schema.rawValue].text,
            parent: row[IdentityColumn.parent.rawValue].text,
            try String(postgres: row[IdentityColumn.name.rawValue]),
            signature: row[IdentityColumn.signature.rawValue].text
        )
    }
}

extension AttributeValue {
    /// Reads an attribute by the type of its column; nil for what is null, false or an empty list.
    init?(_ cell: PostgresCell) throws {
        guard cell.bytes != nil else { return nil }
        switch cell.column.typeOID {
        case 16:
            guard try Bool(postgres: cell) else { return nil }
            self = .flag(true)
        case 20, 21, 23, 26:
            self = .number(try Int(postgres: cell))
        case 1002, 1003, 1009:
            let list = try [String](postgres: cell)
            guard !list.isEmpty else { return nil }
            self = .list(list)
        default:
            self = .text(try String(postgres: cell))
        }
    }
}
