import Catalog
import SQLSyntax

/// What ties an object to others and can be taken off it and put on it again while the object stays: a column's default, the
/// column that owns a sequence, the query of a view, the parents of a table.
///
/// This is how circles are opened: the object is made without its binding, and gets it when everything is there.
enum Binding {
    /// The object without what binds it; nil where nothing does.
    static func removed(from object: CatalogObject, in catalog: Catalog) -> CatalogObject? {
        let attributes = object.attributes
        switch object.identity.kind {
        case .column where attributes[.columnDefault] != nil:
            return object.replacing(.columnDefault, by: nil) { !isThroughDefault($0, of: object) }
        case .sequence where attributes[.ownedBy] != nil:
            return object.replacing(.ownedBy, by: nil) { ![.table, .foreignTable, .column].contains($0.kind) }
        case .table, .foreignTable:
            let parents = Inheritance.names(of: object)
            guard !parents.isEmpty else { return nil }
            var loose = object
            for name in [AttributeName.partitionOf, .partitionBound, .inherits] {
                loose = loose.replacing(name, by: nil) {
                    ![.table, .foreignTable].contains($0.kind) || !parents.contains($0.qualifiedName)
                }
            }
            return loose
        case .view:
            let columns = catalog.children(of: object.identity, kind: .viewColumn)
            guard !columns.isEmpty else { return nil }
            let types = columns.compactMap { $0.text(.type) }
            return object.replacing(.definition, by: .text(emptyQuery(of: columns))) { needed in
                types.contains { $0.hasPrefix(needed.qualifiedName) }
            }
        default: return nil
        }
    }

    /// A query with a view's columns and nothing behind them.
    private static func emptyQuery(of columns: [CatalogObject]) -> String {
        let ordered = columns.sorted { $0.number(.position) ?? 0 < $1.number(.position) ?? 0 }
        return " SELECT "
            + ordered.map { column in
                let collation = column.text(.collation).map { " COLLATE \($0)" } ?? ""
                return "NULL::\(column.text(.type) ?? "text")\(collation) AS \(Identifier.quote(column.identity.name))"
            }.joined(separator: ",\n    ")
    }

    /// Whether a column needs an object for its default alone.
    private static func isThroughDefault(_ needed: ObjectIdentity, of column: CatalogObject) -> Bool {
        switch needed.kind {
        case .function, .procedure, .aggregate, .operator, .sequence, .textSearchConfiguration,
            .textSearchDictionary, .textSearchParser, .textSearchTemplate, .cast:
            true
        case .baseType, .enumeration, .compositeType, .domain, .rangeType:
            column.text(.type).map { !$0.hasPrefix(needed.qualifiedName) } ?? false
        default: false
        }
    }
}

extension AttributeName {
    static let columnDefault = AttributeName(rawValue: "default")
}

extension CatalogObject {
    fileprivate func replacing(
        _ name: AttributeName,
        by value: AttributeValue?,
        needing isKept: (ObjectIdentity) -> Bool
    ) -> CatalogObject {
        var attributes = attributes
        attributes[name] = value
        return CatalogObject(identity, attributes: attributes, dependencies: dependencies.filter(isKept))
    }
}
