import Catalog

/// What ties an object to others and can be taken off it and put on it again while the object stays: a column's default, the
/// column that owns a sequence, the query of a view.
///
/// This is how circles are opened: the object is made without its binding, and gets it when everything is there.
enum Binding {
    /// The object without what binds it; nil where nothing does.
    static func removed(from object: CatalogObject) -> CatalogObject? {
        let attributes = object.attributes
        switch object.identity.kind {
        case .column where attributes[.columnDefault] != nil:
            return object.without(.columnDefault) { !isThroughDefault($0, of: object) }
        case .sequence where attributes[.ownedBy] != nil:
            return object.without(.ownedBy) { ![.table, .foreignTable, .column].contains($0.kind) }
        default: return nil
        }
    }

    /// Whether a column needs an object for its default alone.
    static func isThroughDefault(_ needed: ObjectIdentity, of column: CatalogObject) -> Bool {
        switch needed.kind {
        case .function, .procedure, .aggregate, .operator, .sequence, .textSearchConfiguration,
            .textSearchDictionary, .textSearchParser, .textSearchTemplate, .cast:
            true
        case .baseType, .enumeration, .compositeType, .domain, .rangeType:
            column.text(.columnType).map { !$0.hasPrefix(needed.qualifiedName) } ?? false
        default: false
        }
    }
}

extension AttributeName {
    static let columnDefault = AttributeName(rawValue: "default")
    static let columnType = AttributeName(rawValue: "type")
    static let ownedBy = AttributeName(rawValue: "owned_by")
    static let position = AttributeName(rawValue: "position")
    static let generated = AttributeName(rawValue: "generated")
    static let identity = AttributeName(rawValue: "identity")
}

extension CatalogObject {
    fileprivate func without(
        _ name: AttributeName,
        needing isKept: (ObjectIdentity) -> Bool
    ) -> CatalogObject {
        var attributes = attributes
        attributes[name] = nil
        return CatalogObject(identity, attributes: attributes, dependencies: dependencies.filter(isKept))
    }
}
