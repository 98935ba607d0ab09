import Catalog
import SQLSyntax

/// What a statement calls an object, as far as statements can be told apart without a server.
struct NamedObject: Hashable {
    /// Objects that share their names: a table and a view cannot be called alike.
    enum Space: Hashable {
        case relation, type, routine, schema, `extension`
        case column, constraint, trigger, policy, rule
        case other
    }

    let space: Space
    /// The table or domain that it belongs to; nil for what stands alone.
    var parent: String?
    var name: String

    init(_ space: Space, parent: String? = nil, _ name: String) {
        self.space = space
        self.parent = parent
        self.name = name
    }

    /// What statements call an object of a catalog.
    init(_ identity: ObjectIdentity) {
        let space: Space =
            switch identity.kind {
            case .table, .foreignTable, .view, .materializedView, .sequence, .index: .relation
            case .baseType, .enumeration, .compositeType, .domain, .rangeType: .type
            case .function, .procedure, .aggregate: .routine
            case .schema: .schema
            case .extension: .extension
            case .column, .viewColumn: .column
            case .constraint, .domainConstraint: .constraint
            case .trigger: .trigger
            case .policy: .policy
            case .rule: .rule
            default: .other
            }
        // An index is named like a table.
        self.init(space, parent: identity.kind == .index ? nil : identity.parent, identity.name)
    }

    /// What a statement calls an object of a kind; nil where its name says too little.
    init?(_ object: ObjectReference) {
        let space: Space
        switch object.kind {
        case .table, .foreignTable, .view, .materializedView, .sequence, .index: space = .relation
        case .type, .domain: space = .type
        case .function, .procedure, .routine, .aggregate: space = .routine
        case .schema: space = .schema
        case .extension: space = .extension
        case .column: space = .column
        case .tableConstraint, .domainConstraint: space = .constraint
        case .trigger: space = .trigger
        case .policy: space = .policy
        case .rule: space = .rule
        default: space = .other
        }
        guard !object.name.name.isEmpty else { return nil }
        self.init(space, parent: object.relation?.name, object.name.name)
    }
}
