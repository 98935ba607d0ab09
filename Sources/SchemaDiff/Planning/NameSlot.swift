import Catalog

/// A place for a name that only one object can have at a time, whatever its kind.
enum NameSlot: Hashable {
    /// Tables, views, sequences, indexes and composite types of a schema.
    case relation(schema: String?, String)
    /// Types of a schema, and the row types of relations.
    case type(schema: String?, String)
    case routine(schema: String?, String, signature: String?)
    case constraint(schema: String?, parent: String?, String)

    /// The places that an object takes.
    static func all(of object: CatalogObject) -> [NameSlot] {
        let identity = object.identity
        let relation = NameSlot.relation(schema: identity.schema, identity.name)
        let type = NameSlot.type(schema: identity.schema, identity.name)
        switch identity.kind {
        case .table, .foreignTable, .view, .materializedView, .compositeType: return [relation, type]
        case .sequence, .index: return [relation]
        case .baseType, .enumeration, .domain, .rangeType: return [type]
        case .function, .procedure, .aggregate:
            return [.routine(schema: identity.schema, identity.name, signature: identity.signature)]
        case .constraint:
            let own = NameSlot.constraint(schema: identity.schema, parent: identity.parent, identity.name)
            return object.isIndexConstraint ? [own, relation] : [own]
        default: return []
        }
    }
}

extension CatalogObject {
    /// Whether it is a constraint that an index of its name stands behind.
    var isIndexConstraint: Bool {
        guard let definition = text(.definition) else { return false }
        return ["PRIMARY KEY", "UNIQUE", "EXCLUDE"].contains { definition.hasPrefix($0) }
    }
}
