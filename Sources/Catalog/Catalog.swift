public import Postgres
import Synchronization

/// A schema as a value: every object of a database, with its attributes and with what it needs.
///
/// A catalog is read from a server in one snapshot (``read(on:)``), written down as a catalog file, and compared with
/// another one (``CatalogChanges``). Nothing in it depends on object identifiers or on the order of creation: two
/// databases with the same schema give equal catalogs.
public struct Catalog: Sendable {
    /// The version of the server that elaborated the definitions.
    public let serverVersion: ServerVersion
    /// The objects, in the order of their identities.
    public let objects: [CatalogObject]
    /// What the server holds and this version of Lastro does not model, in words, sorted.
    public let notModelled: [String]

    private let positions = Positions()

    /// Makes a catalog of objects in any order, no two with the same identity.
    public init(serverVersion: ServerVersion, objects: [CatalogObject], notModelled: [String] = []) {
        self.init(
            serverVersion: serverVersion,
            sorted: objects.sorted { $0.identity < $1.identity },
            notModelled: notModelled
        )
    }

    /// Makes a catalog of objects in the order of their identities.
    init(serverVersion: ServerVersion, sorted objects: [CatalogObject], notModelled: [String]) {
        self.serverVersion = serverVersion
        self.objects = objects
        self.notModelled = notModelled.sorted()
    }

    /// A catalog without any object.
    public static func empty(serverVersion: ServerVersion) -> Catalog {
        Catalog(serverVersion: serverVersion, objects: [])
    }

    /// The object with an identity, if there is one.
    public subscript(identity: ObjectIdentity) -> CatalogObject? {
        positions.position(of: identity, in: objects).map { objects[$0] }
    }

    /// The objects that belong to a table, a view, a domain or another object, such as its columns.
    public func children(of parent: ObjectIdentity, kind: CatalogKind? = nil) -> [CatalogObject] {
        let kinds = kind.map { [$0] } ?? CatalogKind.allCases.filter(\.hasParent)
        return kinds.flatMap { kind in
            let first = ObjectIdentity(kind, schema: parent.schema, parent: parent.name, "")
            return objects[firstIndex(from: first)...].prefix {
                $0.identity.kind == kind && $0.identity.schema == parent.schema && $0.identity.parent == parent.name
            }
        }
    }

    /// The objects of a kind.
    public func objects(of kind: CatalogKind) -> ArraySlice<CatalogObject> {
        let first = objects.partitioningIndex { $0.identity.kind >= kind }
        let last = objects.partitioningIndex { $0.identity.kind > kind }
        return objects[first..<last]
    }

    /// The position of the first object whose identity is not before another one.
    private func firstIndex(from identity: ObjectIdentity) -> Int {
        objects.partitioningIndex { $0.identity >= identity }
    }
}

extension Catalog: Hashable {
    /// Whether two catalogs say the same, of servers of the same version.
    public static func == (left: Self, right: Self) -> Bool {
        left.serverVersion == right.serverVersion && left.objects == right.objects
            && left.notModelled == right.notModelled
    }

    /// Hashes what the catalog says.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(serverVersion)
        hasher.combine(objects)
        hasher.combine(notModelled)
    }
}

/// Where objects stand in a list that never changes, looked at when somebody asks: who reads it from one end to the other
/// does not.
private final class Positions: Sendable {
    private let table = Mutex<[ObjectIdentity: Int]?>(nil)

    func position(of identity: ObjectIdentity, in objects: [CatalogObject]) -> Int? {
        let table = table.withLock { table in
            if let table { return table }
            let new = Dictionary(uniqueKeysWithValues: objects.enumerated().map { ($0.element.identity, $0.offset) })
            table = new
            return new
        }
        return table[identity]
    }
}

extension [CatalogObject] {
    /// The first index at which a condition holds, which holds for all behind it too.
    fileprivate func partitioningIndex(where holds: (CatalogObject) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
