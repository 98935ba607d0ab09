import Postgres

/// Puts a catalog together from the rows of the queries.
///
/// Objects are known by their place in a list meanwhile: a schema of thousands of tables has more edges than objects, and
/// to look an identity up takes as long as its names are.
struct CatalogBuilder {
    /// Where an object lies in the system catalogs, as `pg_depend` names it.
    struct Address: Hashable {
        let systemCatalog: UInt32
        let oid: UInt32
        let subid: Int
    }

    private struct Entry {
        let identity: ObjectIdentity
        var attributes: [AttributeName: AttributeValue]
        /// The places of what it needs, some of them more than once.
        var needs: [Int] = []
        var isOrphan = false
    }

    private var entries: [Entry] = []
    private var places: [ObjectIdentity: Int] = [:]
    private var addresses: [Address: Int] = [:]

    /// Takes the rows of a ``CatalogQuery``.
    mutating func add(_ rows: PostgresRows) throws {
        let first = IdentityColumn.allCases.count
        let names = rows.columns.dropFirst(first).map { AttributeName(rawValue: $0.name) }
        var attributes: [(AttributeName, AttributeValue)] = []
        for row in rows {
            let identity = try Self.identity(of: row)
            attributes.removeAll(keepingCapacity: true)
            for (offset, name) in names.enumerated() {
                guard let value = try AttributeValue(row[first + offset]) else { continue }
                if name == .grants, case .list(let items) = value {
                    attributes += Self.sortedGrants(items)
                } else {
                    attributes.append((name, value))
                }
            }
            let place = place(of: identity)
            entries[place].attributes = Dictionary(uniqueKeysWithValues: attributes)
            addresses[try Self.address(in: row, from: 0)] = place
        }
    }

    /// Privileges in an order that says nothing of how they came about, and beside them that order.
    private static func sortedGrants(_ items: [String]) -> [(AttributeName, AttributeValue)] {
        let sorted = items.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard sorted != items else { return [(.grants, .list(items))] }
        let order = items.map { item in
            var isQuoted = false
            let grantee = item.prefix { character in
                if character == "\"" { isQuoted.toggle() }
                return isQuoted || character != "="
            }
            return "\(grantee)="
        }
        return [(.grants, .list(sorted)), (.grantOrder, .list(order))]
    }

    private mutating func place(of identity: ObjectIdentity) -> Int {
        if let place = places[identity] { return place }
        places[identity] = entries.count
        entries.append(Entry(identity: identity, attributes: [:]))
        return entries.count - 1
    }

    /// Forgets what belongs to no object that is there: parts of an extension's tables are the extension's, those of
    /// Lastro's own are Lastro's.
    mutating func removeOrphans() {
        var hasOrphans = false
        for place in entries.indices where !belongsToObject(entries[place].identity) {
            entries[place].isOrphan = true
            hasOrphans = true
        }
        if hasOrphans { addresses = addresses.filter { !entries[$0.value].isOrphan } }
    }

    private func belongsToObject(_ identity: ObjectIdentity) -> Bool {
        guard let parent = identity.parent else { return true }
        return identity.kind.parentKinds.contains { kind in
            places[ObjectIdentity(kind, schema: identity.schema, parent)] != nil
        }
    }

    /// Takes rows of two addresses each: the first one stands for the same object as the second one.
    mutating func addAliases(_ rows: PostgresRows) throws {
        for row in rows {
            guard let place = place(at: try Self.address(in: row, from: 3)) else { continue }
            addresses[try Self.address(in: row, from: 0)] = place
        }
    }

    /// Takes rows of an address and a text: an attribute of the object there.
    mutating func add(_ name: AttributeName, _ rows: PostgresRows) throws {
        for row in rows {
            guard let place = addresses[try Self.address(in: row, from: 0)] else { continue }
            entries[place].attributes[name] = try AttributeValue(row[3])
        }
    }

    /// Takes rows of two addresses each: the object at the first one needs the one at the second one.
    mutating func addDependencies(_ rows: PostgresRows) throws {
        for row in rows {
            guard let dependent = place(at: try Self.address(in: row, from: 0)),
                let needed = place(at: try Self.address(in: row, from: 3)), dependent != needed
            else { continue }
            entries[dependent].needs.append(needed)
        }
    }

    /// Takes out of each function what it needs of a base type that is made of it: the type's shell does for it.
    private mutating func separateTypesFromTheirFunctions() {
        for type in entries.indices where entries[type].identity.kind == .baseType {
            for function in entries[type].needs where entries[function].identity.kind == .function {
                entries[function].needs.removeAll { $0 == type }
            }
        }
    }

    mutating func build(serverVersion: ServerVersion, notModelled: [String]) -> Catalog {
        separateTypesFromTheirFunctions()
        let order = entries.indices.filter { !entries[$0].isOrphan }
            .sorted { entries[$0].identity < entries[$1].identity }
        var ranks = Array(repeating: 0, count: entries.count)
        for (rank, place) in order.enumerated() { ranks[place] = rank }
        return Catalog(
            serverVersion: serverVersion,
            objects: order.map { place in
                let entry = entries[place]
                var needs = entry.needs.map { ranks[$0] }.sorted()[...]
                var dependencies: [ObjectIdentity] = []
                while let rank = needs.popFirst() {
                    if needs.first != rank { dependencies.append(entries[order[rank]].identity) }
                }
                return CatalogObject(entry.identity, attributes: entry.attributes, dependencies: dependencies)
            },
            notModelled: notModelled
        )
    }

    /// The object at an address; a column that is no object of its own is its table.
    private func place(at address: Address) -> Int? {
        addresses[address]
            ?? addresses[Address(systemCatalog: address.systemCatalog, oid: address.oid, subid: 0)]
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
