import Catalog
import SQLSyntax

/// What a catalog says once objects have other names: identities and edges to the letter, texts by their names.
///
/// What the server makes of a text is not known here: a view keeps the names of its columns, and calls a table that has
/// another name by its old one. ``ServerRenaming`` asks it.
struct RenameMap {
    private struct Parent: Hashable {
        let schema: String?
        let name: String?
    }

    /// Where a table or another whole has its parts.
    private struct Place: Hashable {
        let schema: String?
        let name: String
    }

    private var names: [ObjectIdentity: String] = [:]
    /// The objects that lie in other schemas.
    private var moved: [ObjectIdentity: String] = [:]
    private var parents: [Parent: Place] = [:]
    private var schemas: [String: String] = [:]
    private var parts: [ObjectIdentity: [ObjectRename.Part]] = [:]
    /// The columns with other names, by the tables that they belong to, whose keys name them.
    private var columns: [Parent: [ObjectIdentity]] = [:]

    /// Takes renames that are made at once, by the names that the catalog has.
    init(_ renames: [ObjectRename], in catalog: Catalog) {
        for rename in renames {
            if let part = rename.part {
                parts[rename.from, default: []].append(part)
                continue
            }
            names[rename.from] = rename.to.name
            if rename.from.kind == .schema { schemas[rename.from.name] = rename.to.name }
            if rename.isMove { moved[rename.from] = rename.to.schema }
            if rename.from.kind.hasParts {
                parents[Parent(schema: rename.from.schema, name: rename.from.name)] =
                    Place(schema: rename.to.schema, name: rename.to.name)
            }
        }
        addOwnedSequences(in: catalog)
        addInheritedColumns(in: catalog)
        columns = Dictionary(grouping: names.keys.filter { $0.kind == .column }) {
            Parent(schema: $0.schema, name: $0.parent)
        }
    }

    /// A table that moves takes the sequences along that its columns own.
    private mutating func addOwnedSequences(in catalog: Catalog) {
        let tables = moved.filter { $0.key.kind.hasParts }
        guard !tables.isEmpty else { return }
        for sequence in catalog.objects(of: .sequence) {
            guard let owner = sequence.text(.ownedBy) else { continue }
            for (table, schema) in tables where owner.hasPrefix(table.qualifiedName + ".") {
                moved[sequence.identity] = schema
            }
        }
    }

    /// A column of a parent table takes those of the child tables along.
    private mutating func addInheritedColumns(in catalog: Catalog) {
        guard names.keys.contains(where: { $0.kind == .column }) else { return }
        var isComplete = false
        while !isComplete {
            isComplete = true
            for column in catalog.objects(of: .column) where names[column.identity] == nil {
                let origin = column.dependencies.first {
                    $0.kind == .column && $0.name == column.identity.name && $0.parent != column.identity.parent
                        && names[$0] != nil
                }
                guard let origin, let name = names[origin] else { continue }
                names[column.identity] = name
                isComplete = false
            }
        }
    }

    /// An object's identity behind the renames.
    func identity(_ identity: ObjectIdentity) -> ObjectIdentity {
        var new = identity
        if let name = names[identity] { new = new.with(name: name) }
        if identity.kind.hasParent, let parent = parents[Parent(schema: identity.schema, name: identity.parent)] {
            new = new.with(schema: parent.schema, parent: parent.name)
        }
        if let schema = moved[identity] { new = new.with(schema: schema) }
        if let schema = identity.schema.flatMap({ schemas[$0] }) { new = new.with(schema: schema) }
        return new
    }

    /// Whether an object itself is called otherwise, or a part of it.
    func isRenamed(_ identity: ObjectIdentity) -> Bool { names[identity] != nil || parts[identity] != nil }

    /// A catalog behind the renames, with the schemas that are made for what moves.
    func catalog(_ catalog: Catalog) -> Catalog {
        let made = Set(moved.values.map { ObjectIdentity(.schema, $0) }).filter { catalog[$0] == nil }
        return Catalog(
            serverVersion: catalog.serverVersion,
            objects: catalog.objects.map(object) + made.sorted().map { CatalogObject($0, attributes: [:]) },
            notModelled: catalog.notModelled
        )
    }

    /// The identities of the objects of a catalog that are not what they were, each with what it was.
    func changed(in catalog: Catalog) -> [ObjectIdentity: ObjectIdentity] {
        var changed: [ObjectIdentity: ObjectIdentity] = [:]
        for object in catalog.objects {
            let identity = self.object(object).identity
            if identity != object.identity { changed[identity] = object.identity }
        }
        return changed
    }

    /// Whether an object is called otherwise, or names something that is.
    func concerns(_ object: CatalogObject) -> Bool {
        identity(object.identity) != object.identity || parts[object.identity] != nil
            || object.dependencies.contains { identity($0) != $0 || parts[$0] != nil }
            || object.identity.kind == .table && !ownColumns(of: object.identity).isEmpty
    }

    private func ownColumns(of table: ObjectIdentity) -> [ObjectIdentity] {
        columns[Parent(schema: table.schema, name: table.name)] ?? []
    }

    /// An object behind the renames.
    func object(_ object: CatalogObject) -> CatalogObject {
        guard concerns(object) else { return object }
        let replacements = replacements(for: object)
        var attributes = object.attributes
        for (name, value) in attributes where !Self.untouched.contains(name) {
            attributes[name] = self.value(value, of: object, replacements)
        }
        if let parts = parts[object.identity] {
            let name: AttributeName = object.identity.kind == .enumeration ? .labels : .attributes
            attributes[name] = .list(object.list(name).map { Self.renamed($0, parts) })
        }
        return CatalogObject(
            words(of: identity(object.identity), was: object, replacements),
            attributes: attributes,
            dependencies: object.dependencies.map(identity)
        )
    }

    /// What no name of another object stands in.
    private static let untouched: Set<AttributeName> = [
        .owner, .comment, .grants, .identityGrants, .securityLabels, .argumentNames, .labels, .indexComment,
        .attributeComments,
    ]

    /// Signatures, and the types that a cast is called by.
    private func words(of identity: ObjectIdentity, was object: CatalogObject, _ replacements: [NameReplacement])
        -> ObjectIdentity
    {
        switch identity.kind {
        case .function, .procedure, .aggregate, .operator, .cast, .transform:
            let name = identity.kind == .cast ? replacements.applied(to: identity.name) : identity.name
            return identity.with(name: name, signature: identity.signature.map(replacements.applied))
        case .userMapping:
            let server = object.dependencies.first { $0.kind == .server && $0.name == identity.signature }
            return identity.with(signature: server.flatMap { names[$0] })
        default: return identity
        }
    }

    private func value(_ value: AttributeValue, of object: CatalogObject, _ replacements: [NameReplacement])
        -> AttributeValue
    {
        switch value {
        case .text(let text):
            let plain = object.dependencies.first {
                [.server, .foreignDataWrapper, .language].contains($0.kind) && $0.name == text && names[$0] != nil
            }
            return .text(plain.flatMap { names[$0] } ?? replacements.applied(to: text))
        case .list(let list): return .list(list.map(replacements.applied))
        case .flag, .number: return value
        }
    }

    private static func renamed(_ entry: String, _ parts: [ObjectRename.Part]) -> String {
        for part in parts {
            if entry == part.from { return part.to }
            let quoted = Identifier.quote(part.from) + " "
            if entry.hasPrefix(quoted) { return Identifier.quote(part.to) + " " + entry.dropFirst(quoted.count) }
        }
        return entry
    }

    /// The schema that an object moves to, by itself or with what it belongs to.
    private func newSchema(of identity: ObjectIdentity) -> String? {
        if let schema = moved[identity] { return schema }
        guard identity.kind.hasParent else { return nil }
        return parents[Parent(schema: identity.schema, name: identity.parent)]?.schema
    }

    /// The name of what keeps it in another schema, where texts call it by both.
    private func movedName(of identity: ObjectIdentity) -> String? {
        guard [.sequence, .index, .constraint].contains(identity.kind), let schema = newSchema(of: identity),
            schema != identity.schema
        else { return nil }
        return identity.name
    }

    private func replacements(for object: CatalogObject) -> [NameReplacement] {
        var result: [NameReplacement] = []
        var seen: Set<ObjectIdentity> = []
        let parents = object.identity.parent.map { parent in
            CatalogKind.allCases.filter(\.hasParts).map { ObjectIdentity($0, schema: object.identity.schema, parent) }
        }
        let ownColumns = object.identity.kind == .table ? ownColumns(of: object.identity) : []
        for named in [object.identity] + (parents ?? []) + object.dependencies + ownColumns
        where seen.insert(named).inserted {
            if let schema = named.schema, let new = schemas[schema],
                seen.insert(ObjectIdentity(.schema, schema)).inserted
            {
                result.append(NameReplacement([schema], by: [new], as: .schema))
            }
            // What names a column names its table as well.
            if let parent = named.parent, let new = self.parents[Parent(schema: named.schema, name: parent)],
                let schema = named.schema, seen.insert(ObjectIdentity(.table, schema: schema, parent)).inserted
            {
                result.append(NameReplacement([schema, parent], by: [new.schema ?? schema, new.name], as: .object))
            }
            guard let new = names[named] ?? movedName(of: named) else { continue }
            switch named.kind {
            case .column:
                // The names of a view's columns are its own, and a body's names are a text.
                guard ![.view, .materializedView, .rule, .function, .procedure].contains(object.identity.kind) else {
                    continue
                }
                result.append(NameReplacement([named.name], by: [new], as: .column))
            default:
                // The definitions of these begin with the name alone.
                if named == object.identity, [.trigger, .rule, .index].contains(named.kind) {
                    result.append(NameReplacement([named.name], by: [new], as: .column))
                }
                guard let schema = named.schema else { continue }
                result.append(
                    NameReplacement([schema, named.name], by: [newSchema(of: named) ?? schema, new], as: .object)
                )
            }
        }
        // A schema is the first part of names that the others look for.
        return result.sorted { !$0.isForSchema && $1.isForSchema }
    }
}

extension [NameReplacement] {
    /// A text behind all of them.
    fileprivate func applied(to text: String) -> String { reduce(text) { $1.applied(to: $0) } }
}
