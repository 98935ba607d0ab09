import Catalog
import SQLSyntax

/// What an object is, whatever it is called: objects of one shape may be one under two names.
struct ObjectShape: Hashable {
    private let fingerprint: Fingerprint

    /// How closely objects are looked at.
    enum Closeness: CaseIterable {
        /// With all that belongs to them.
        case whole
        /// Tables by their columns, schemas by the names in them.
        case outline
    }

    /// The shape of an object; nil where it has nothing that would tell it from others.
    ///
    /// - Parameters:
    ///   - object: the object.
    ///   - catalog: what it lies in.
    ///   - closeness: how closely it is looked at.
    ///   - isAnywhere: whether it is the same in another schema.
    init?(of object: CatalogObject, in catalog: Catalog, _ closeness: Closeness, anywhere isAnywhere: Bool = false) {
        let catalog = isAnywhere ? Self.nowhere(object.identity, in: catalog) : catalog
        let object = isAnywhere ? catalog[Self.nowhere(object.identity)] ?? object : object
        let identity = object.identity
        let texts: [String]
        switch identity.kind {
        case .schema:
            texts = Self.contents(of: identity, in: catalog, closeness)
        case .table, .foreignTable:
            texts = Self.parts(of: object, in: catalog, closeness)
        case .sequence:
            texts = ["sequence"] + Self.words(of: object, in: catalog)
        default:
            guard closeness == .whole else { return nil }
            let children = CatalogKind.allCases.filter(\.hasParent).filter { $0 != .index }.flatMap {
                identity.kind.hasParts ? catalog.children(of: identity, kind: $0) : []
            }
            texts =
                Self.words(of: object, in: catalog)
                + children.flatMap { [$0.identity.name] + Self.words(of: $0, in: catalog, under: identity) }
        }
        guard !texts.isEmpty else { return nil }
        fingerprint = Fingerprint(ofTexts: [identity.kind.rawValue, identity.signature ?? ""] + texts)
    }

    /// A catalog in which an object lies in a schema that stands for its own.
    private static func nowhere(_ identity: ObjectIdentity, in catalog: Catalog) -> Catalog {
        let parts = CatalogKind.allCases.filter(\.hasParent).flatMap { catalog.children(of: identity, kind: $0) }
        let all = [catalog[identity]].compactMap(\.self) + parts
        let sequences = all.flatMap(\.dependencies).filter { $0.kind == .sequence }.compactMap { catalog[$0] }
        let part = Catalog(serverVersion: catalog.serverVersion, objects: all + Set(sequences))
        return RenameMap([ObjectRename(identity, to: nowhere(identity))], in: part).catalog(part)
    }

    private static func nowhere(_ identity: ObjectIdentity) -> ObjectIdentity { identity.with(schema: own) }

    /// A name that stands for the object's own.
    private static let own = "lastro_own_name"

    /// What is said of an object, without its own name and without what any object can have.
    private static func words(
        of object: CatalogObject,
        in catalog: Catalog,
        under parent: ObjectIdentity? = nil
    ) -> [String] {
        let named = parent ?? object.identity
        let plain = RenameMap([ObjectRename(named, to: named.with(name: own))], in: catalog).object(object)
        var attributes = plain.attributes
        for name in ignored { attributes[name] = nil }
        if isSerial(object, in: catalog) { attributes[.columnDefault] = .text("serial") }
        return attributes.sorted { $0.key < $1.key }.map { "\($0.key.rawValue): \($0.value)" }
    }

    private static let ignored: [AttributeName] = [
        .owner, .comment, .grants, .identityGrants, .securityLabels, .position, .notNullName, .identitySequence,
        .indexComment,
        AttributeName(rawValue: "multirange"),
    ]

    /// Whether a column takes its default from a sequence of its own, whose name follows from the column's.
    private static func isSerial(_ column: CatalogObject, in catalog: Catalog) -> Bool {
        guard column.identity.kind == .column, let value = column.text(.default),
            let name = DefaultExpression(value).sequence
        else { return false }
        let sequence = column.dependencies.first { $0.kind == .sequence && $0.qualifiedName == name }
        let owner = sequence.flatMap { catalog[$0] }?.text(.ownedBy)
        return owner == "\(column.identity.qualifiedParent ?? "").\(Identifier.quote(column.identity.name))"
    }

    private static func parts(of table: CatalogObject, in catalog: Catalog, _ closeness: Closeness) -> [String] {
        let columns = catalog.children(of: table.identity, kind: .column)
        guard !columns.isEmpty else { return [] }
        func words(_ object: CatalogObject) -> String {
            Self.words(of: object, in: catalog, under: table.identity).joined(separator: "\n")
        }
        let ofColumns = columns.map { column in
            closeness == .whole
                ? column.identity.name + "\n" + words(column)
                : column.identity.name + " " + (column.text(.type) ?? "")
        }
        guard closeness == .whole else { return ofColumns.sorted() }
        let others: [CatalogKind] = [.constraint, .trigger, .policy, .rule]
        // Their names follow from the table's, as often as not. Indexes come and go.
        let rest = others.flatMap { catalog.children(of: table.identity, kind: $0) }.map { child in
            RenameMap([ObjectRename(child.identity, to: child.identity.with(name: own))], in: catalog).object(child)
        }
        return Self.words(of: table, in: catalog) + ofColumns.sorted() + ["with"] + rest.map(words).sorted()
    }

    private static func contents(of schema: ObjectIdentity, in catalog: Catalog, _ closeness: Closeness) -> [String] {
        let map = RenameMap([ObjectRename(schema, to: schema.with(name: own))], in: catalog)
        return catalog.objects.filter { $0.identity.schema == schema.name }.map { object in
            let plain = map.object(object)
            guard closeness == .whole else { return plain.identity.description }
            var attributes = plain.attributes
            for name in ignored { attributes[name] = nil }
            return "\(plain.identity)\n\(attributes.sorted { $0.key < $1.key })"
        }
    }
}
