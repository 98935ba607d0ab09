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
        var isOrphan = false
    }

    /// That the object at one place needs the one at another.
    private struct Edge: Hashable {
        let dependent: Int
        let needed: Int
    }

    private var entries: [Entry] = []
    /// The places of objects that others belong to.
    private var parents: [ObjectIdentity: Int] = [:]
    private var addresses: [Address: Int] = [:]
    /// Some of them more than once.
    private var edges: [Edge] = []

    /// Takes the rows of a ``CatalogQuery``.
    mutating func add(_ rows: PostgresRows) throws {
        let first = IdentityColumn.allCases.count
        let names = Self.attributes(of: rows, from: first)
        var identities = IdentityReader(rows)
        entries.reserveCapacity(entries.count + rows.count)
        addresses.reserveCapacity(addresses.count + rows.count)
        for row in rows.indices {
            let identity = try identities.identity(row: row)
            if identity.kind.isParent { parents[identity] = entries.count }
            addresses[try Self.address(in: rows, row: row, from: 0)] = entries.count
            entries.append(
                Entry(identity: identity, attributes: try Self.attributes(in: rows, row: row, names, from: first))
            )
        }
    }

    /// Takes rows of an address and attributes, each under its name: more of what the object there is.
    mutating func addDetails(_ rows: PostgresRows) throws {
        let names = Self.attributes(of: rows, from: 3)
        for row in rows.indices {
            guard let place = addresses[try Self.address(in: rows, row: row, from: 0)] else { continue }
            let details = try Self.attributes(in: rows, row: row, names, from: 3)
            entries[place].attributes.merge(details) { _, detail in detail }
        }
    }

    /// Counts the columns in the rows of a query by their numbers, which have gaps where a column was dropped.
    mutating func addPositions(_ rows: PostgresRows) throws {
        let columns = try rows.indices.map { try Self.address(in: rows, row: $0, from: 0) }
            .sorted { ($0.oid, $0.subid) < ($1.oid, $1.subid) }
        var table: UInt32?
        var position = 0
        for column in columns {
            position = column.oid == table ? position + 1 : 1
            table = column.oid
            guard position != column.subid, let place = addresses[column] else { continue }
            entries[place].attributes[.position] = .number(position)
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

    /// Forgets what belongs to no object that is there: parts of an extension's tables are the extension's, those of
    /// Lastro's own are Lastro's.
    mutating func removeOrphans() {
        var hasOrphans = false
        var last: (identity: ObjectIdentity, isOrphan: Bool)?
        for place in entries.indices where entries[place].identity.parent != nil {
            let identity = entries[place].identity
            // What belongs to one table mostly stands together.
            let isOrphan =
                if let last, last.identity.isSibling(of: identity) { last.isOrphan } else { !belongsToObject(identity) }
            last = (identity, isOrphan)
            entries[place].isOrphan = isOrphan
            hasOrphans = hasOrphans || isOrphan
        }
        if hasOrphans { addresses = addresses.filter { !entries[$0.value].isOrphan } }
    }

    private func belongsToObject(_ identity: ObjectIdentity) -> Bool {
        guard let parent = identity.parent else { return true }
        return identity.kind.parentKinds.contains { kind in
            parents[ObjectIdentity(kind, schema: identity.schema, parent)] != nil
        }
    }

    /// Takes rows of two addresses each: the first one stands for the same object as the second one.
    mutating func addAliases(_ rows: PostgresRows) throws {
        for row in rows.indices {
            guard let place = place(at: try Self.address(in: rows, row: row, from: 3)) else { continue }
            addresses[try Self.address(in: rows, row: row, from: 0)] = place
        }
    }

    /// Takes rows of an address and a list of privileges.
    mutating func addPrivileges(_ rows: PostgresRows) throws {
        for row in rows.indices {
            guard let place = addresses[try Self.address(in: rows, row: row, from: 0)],
                case .list(let items)? = try AttributeValue(rows, row: row, column: 3)
            else { continue }
            entries[place].attributes.merge(Self.sortedGrants(items)) { _, new in new }
        }
    }

    /// Takes the rows of ``addPrivileges(_:)`` once more when aliases are known: sequences of identity columns are a part of
    /// those.
    mutating func addIdentityPrivileges(_ rows: PostgresRows) throws {
        for row in rows.indices {
            let address = try Self.address(in: rows, row: row, from: 0)
            guard address.subid == 0, let place = addresses[address], entries[place].identity.kind == .column,
                case .list(let items)? = try AttributeValue(rows, row: row, column: 3)
            else { continue }
            entries[place].attributes[.identityGrants] = .list(
                items.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            )
        }
    }

    /// Takes rows of an address and a text: an attribute of the object there.
    mutating func add(_ name: AttributeName, _ rows: PostgresRows) throws {
        for row in rows.indices {
            guard let place = addresses[try Self.address(in: rows, row: row, from: 0)] else { continue }
            entries[place].attributes[name] = try AttributeValue(rows, row: row, column: 3)
        }
    }

    /// Takes rows of two addresses each: the object at the first one needs the one at the second one.
    mutating func addDependencies(_ rows: PostgresRows) throws {
        edges.reserveCapacity(edges.count + rows.count)
        for row in rows.indices {
            guard let dependent = place(at: try Self.address(in: rows, row: row, from: 0)),
                let needed = place(at: try Self.address(in: rows, row: row, from: 3)), dependent != needed
            else { continue }
            edges.append(Edge(dependent: dependent, needed: needed))
        }
    }

    /// Takes out of each function what it needs of a base type that is made of it: the type's shell does for it.
    private mutating func separateTypesFromTheirFunctions() {
        let reversed = edges.filter { edge in
            entries[edge.dependent].identity.kind == .baseType && entries[edge.needed].identity.kind == .function
        }.map { Edge(dependent: $0.needed, needed: $0.dependent) }
        guard !reversed.isEmpty else { return }
        let superfluous = Set(reversed)
        edges.removeAll(where: superfluous.contains)
    }

    mutating func build(serverVersion: ServerVersion, notModelled: [String]) -> Catalog {
        separateTypesFromTheirFunctions()
        var order: [Int] = []
        order.reserveCapacity(entries.count)
        var ranks = Array(repeating: 0, count: entries.count)
        for place in IdentityOrder(entries.map(\.identity)).indices where !entries[place].isOrphan {
            if let last = order.last, entries[last].identity == entries[place].identity {
                ranks[place] = order.count - 1
                continue
            }
            ranks[place] = order.count
            order.append(place)
        }
        let needs = neededRanks(ranks)
        let objects = order.map { place in
            var dependencies: [ObjectIdentity] = []
            var last = -1
            for rank in needs.list[needs.starts[place]..<needs.starts[place + 1]].sorted() where rank != last {
                dependencies.append(entries[order[rank]].identity)
                last = rank
            }
            return CatalogObject(
                entries[place].identity,
                attributes: entries[place].attributes,
                sortedDependencies: dependencies
            )
        }
        return Catalog(serverVersion: serverVersion, sorted: objects, notModelled: notModelled)
    }

    /// The ranks of what each object needs, one object's after another's, with where each one's begin.
    private func neededRanks(_ ranks: [Int]) -> (list: [Int], starts: [Int]) {
        var starts = Array(repeating: 0, count: entries.count + 1)
        for edge in edges { starts[edge.dependent + 1] += 1 }
        for place in entries.indices { starts[place + 1] += starts[place] }
        var list = Array(repeating: 0, count: edges.count)
        var next = starts
        for edge in edges {
            list[next[edge.dependent]] = ranks[edge.needed]
            next[edge.dependent] += 1
        }
        return (list, starts)
    }

    /// The object at an address; a column that is no object of its own is its table.
    private func place(at address: Address) -> Int? {
        if let place = addresses[address] { return place }
        guard address.subid != 0 else { return nil }
        return addresses[Address(systemCatalog: address.systemCatalog, oid: address.oid, subid: 0)]
    }

    private static func address(in rows: PostgresRows, row: Int, from column: Int) throws -> Address {
        func number(_ offset: Int) throws -> Int {
            guard let number = try rows.number(row: row, column: column + offset) else {
                preconditionFailure("an address without a number")
            }
            return number
        }
        return Address(
            systemCatalog: UInt32(truncatingIfNeeded: try number(0)),
            oid: UInt32(truncatingIfNeeded: try number(1)),
            subid: try number(2)
        )
    }

    private static func attributes(of rows: PostgresRows, from first: Int) -> [AttributeName] {
        rows.columns.dropFirst(first).map { AttributeName(rawValue: $0.name) }
    }

    private static func attributes(
        in rows: PostgresRows,
        row: Int,
        _ names: [AttributeName],
        from first: Int
    ) throws -> [AttributeName: AttributeValue] {
        var attributes: [AttributeName: AttributeValue] = [:]
        for (offset, name) in names.enumerated() {
            guard let value = try AttributeValue(rows, row: row, column: first + offset) else { continue }
            if attributes.isEmpty { attributes.reserveCapacity(min(names.count, 6)) }
            if name == .grants, case .list(let items) = value {
                attributes.merge(Self.sortedGrants(items)) { _, new in new }
            } else {
                attributes[name] = value
            }
        }
        return attributes
    }
}

extension ObjectIdentity {
    /// Whether two objects of one kind belong to the same one.
    fileprivate func isSibling(of other: ObjectIdentity) -> Bool {
        kind == other.kind && parent == other.parent && schema == other.schema
    }
}

extension AttributeValue {
    /// Reads an attribute by the type of its column; nil for what is null, false or an empty list.
    init?(_ rows: PostgresRows, row: Int, column: Int) throws {
        guard !rows.isNull(row: row, column: column) else { return nil }
        switch rows.columns[column].typeOID {
        case 16:
            guard try Bool(postgres: rows[row][column]) else { return nil }
            self = .flag(true)
        case 20, 21, 23, 26:
            guard let number = try rows.number(row: row, column: column) else { return nil }
            self = .number(number)
        case 1002, 1003, 1009:
            let list = try [String](postgres: rows[row][column])
            guard !list.isEmpty else { return nil }
            self = .list(list)
        default:
            guard let text = rows.text(row: row, column: column) else { return nil }
            self = .text(text)
        }
    }
}
