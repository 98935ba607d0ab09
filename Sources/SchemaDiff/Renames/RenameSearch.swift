import Catalog
import SQLSyntax

/// Looks for objects that one schema has under one name and the other under another.
struct RenameSearch {
    let from: Catalog
    let to: Catalog

    private struct Scope: Hashable {
        let kind: CatalogKind
        let schema: String?
        let parent: String?
    }

    /// The renames of objects of a level about which there is no doubt: one object of a shape is gone, and one of it is new.
    func whole(at level: Int) -> [ObjectRename] {
        var result: [ObjectRename] = []
        for kind in CatalogKind.allCases where kind.renameLevel == level {
            var gone = Dictionary(grouping: from.objects(of: kind).filter { isGone($0) }) { scope(of: $0.identity) }
            var new = Dictionary(grouping: to.objects(of: kind).filter { isNew($0) }) { scope(of: $0.identity) }
            for closeness in ObjectShape.Closeness.allCases {
                for scope in gone.keys.sorted(by: Self.precedes) {
                    let pairs = Self.pairs(gone[scope] ?? [], new[scope] ?? [], from, to, closeness)
                    result += pairs
                    gone[scope]?.removeAll { object in pairs.contains { $0.from == object.identity } }
                    new[scope]?.removeAll { object in pairs.contains { $0.to == object.identity } }
                }
            }
            if kind.isMovable { result += moves(gone.values.flatMap(\.self), new.values.flatMap(\.self)) }
        }
        return result
    }

    /// What is gone from one schema, and is new in another under the same name and of the same shape.
    private func moves(_ gone: [CatalogObject], _ new: [CatalogObject]) -> [ObjectRename] {
        guard !gone.isEmpty, !new.isEmpty else { return [] }
        func named(_ objects: [CatalogObject]) -> [ObjectIdentity: [CatalogObject]] {
            // A sequence goes where the table of its column goes.
            Dictionary(grouping: objects.filter { $0.identity.kind != .sequence || $0.text(.ownedBy) == nil }) {
                ObjectIdentity($0.identity.kind, $0.identity.name, signature: $0.identity.signature)
            }
        }
        let candidates = named(new)
        return named(gone).compactMap { name, objects -> ObjectRename? in
            guard objects.count == 1, let old = objects.first, let found = candidates[name], found.count == 1,
                let object = found.first, old.identity.schema != object.identity.schema
            else { return nil }
            let isSame = ObjectShape.Closeness.allCases.contains { closeness in
                guard let shape = ObjectShape(of: old, in: from, closeness, anywhere: true) else { return false }
                return shape == ObjectShape(of: object, in: to, closeness, anywhere: true)
            }
            return isSame ? ObjectRename(old.identity, to: object.identity) : nil
        }.sorted { $0.from < $1.from }
    }

    /// Tables that have most of their columns in common, and no other table with which either has: too little to go by
    /// without being asked, and too much to drop without a word.
    ///
    /// - Parameter known: the renames that are found already.
    /// - Returns: the others.
    func resembling(besides known: [ObjectRename]) -> [ObjectRename] {
        let gone = from.objects(of: .table).filter { table in
            isGone(table) && !known.contains { $0.from == table.identity }
        }
        let new = to.objects(of: .table).filter { table in isNew(table) && !known.contains { $0.to == table.identity } }
        guard !gone.isEmpty, !new.isEmpty else { return [] }
        let wanted = new.map { (table: $0.identity, columns: columns(of: $0.identity, in: to)) }
        let pairs = gone.flatMap { table in
            let own = columns(of: table.identity, in: from)
            return wanted.filter { candidate in
                (candidate.table.schema == table.identity.schema || candidate.table.name == table.identity.name)
                    && own.intersection(candidate.columns).count * 2 > own.union(candidate.columns).count
            }.map { ObjectRename(table.identity, to: $0.table) }
        }
        return pairs.filter { pair in pairs.count { $0.from == pair.from || $0.to == pair.to } == 1 }
    }

    private func columns(of table: ObjectIdentity, in catalog: Catalog) -> Set<String> {
        Set(
            catalog.children(of: table, kind: .column).map { column in
                "\(Identifier.quote(column.identity.name)) \(column.text(.type) ?? "")"
            }
        )
    }

    /// The renames of values of enums and of attributes of types about which there is no doubt.
    func parts(at level: Int) -> [ObjectRename] {
        [CatalogKind.enumeration, .compositeType].filter { $0.renameLevel == level }.flatMap(parts)
    }

    private func scope(of identity: ObjectIdentity) -> Scope {
        Scope(kind: identity.kind, schema: identity.schema, parent: identity.parent)
    }

    private static func precedes(_ left: Scope, _ right: Scope) -> Bool {
        ObjectIdentity(left.kind, schema: left.schema, parent: left.parent, "")
            < ObjectIdentity(right.kind, schema: right.schema, parent: right.parent, "")
    }

    /// Whether an object has no counterpart by its name, though what it belongs to has.
    private func isGone(_ object: CatalogObject) -> Bool {
        guard to[object.identity] == nil else { return false }
        guard object.identity.kind.hasParent else { return true }
        guard from.parent(of: object.identity).map({ to[$0] != nil }) ?? false else { return false }
        // A column that a parent table brings goes along with that one's.
        return !object.dependencies.contains {
            object.identity.kind == .column && $0.kind == .column && $0.name == object.identity.name && to[$0] == nil
        }
    }

    private func isNew(_ object: CatalogObject) -> Bool {
        guard from[object.identity] == nil else { return false }
        return !object.identity.kind.hasParent || to.parent(of: object.identity).map { from[$0] != nil } ?? false
    }

    private static func pairs(
        _ gone: [CatalogObject],
        _ new: [CatalogObject],
        _ from: Catalog,
        _ to: Catalog,
        _ closeness: ObjectShape.Closeness
    ) -> [ObjectRename] {
        guard !gone.isEmpty, !new.isEmpty else { return [] }
        func byShape(_ objects: [CatalogObject], _ catalog: Catalog) -> [ObjectShape: [CatalogObject]] {
            var result: [ObjectShape: [CatalogObject]] = [:]
            for object in objects {
                guard let shape = ObjectShape(of: object, in: catalog, closeness) else { continue }
                result[shape, default: []].append(object)
            }
            return result
        }
        let candidates = byShape(new, to)
        return byShape(gone, from).compactMap { shape, objects -> ObjectRename? in
            guard objects.count == 1, let old = objects.first, let found = candidates[shape], found.count == 1,
                let object = found.first, fits(old, object)
            else { return nil }
            return ObjectRename(old.identity, to: object.identity)
        }.sorted { $0.from < $1.from }
    }

    /// A view's columns are told by their places: nothing else would let the view stay.
    private static func fits(_ old: CatalogObject, _ new: CatalogObject) -> Bool {
        old.identity.kind != .viewColumn || old.number(.position) == new.number(.position)
    }

    /// The values of enums and attributes of composite types of which one has another name, at its place.
    private func parts(of kind: CatalogKind) -> [ObjectRename] {
        from.objects(of: kind).compactMap { object in
            guard let wanted = to[object.identity] else { return nil }
            let name: AttributeName = kind == .enumeration ? .labels : .attributes
            let (old, new) = (object.list(name), wanted.list(name))
            guard old.count == new.count else { return nil }
            let differing = zip(old, new).filter { $0 != $1 }
            guard differing.count == 1, let (before, after) = differing.first else { return nil }
            guard kind == .compositeType else {
                guard !old.contains(after), !new.contains(before) else { return nil }
                return ObjectRename(
                    object.identity,
                    to: wanted.identity,
                    part: ObjectRename.Part(from: before, to: after)
                )
            }
            let (one, other) = (NamedText(before), NamedText(after))
            // A table of the type would have its column renamed by other words.
            let hasTables = from.objects(of: .table).contains { $0.text(.ofType) == object.identity.qualifiedName }
            guard one.text == other.text, one.name != other.name, !hasTables else { return nil }
            return ObjectRename(
                object.identity,
                to: wanted.identity,
                part: ObjectRename.Part(from: one.name, to: other.name)
            )
        }
    }
}
