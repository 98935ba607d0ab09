import SQLSyntax

/// Something that a statement gives a name.
struct NamedObject {
    /// What tells it from others of its kind, without schemas: a migration rarely writes them the same everywhere.
    struct Key: Hashable {
        let table: String?
        let name: String
    }

    let kind: HouseRule.NamedKind
    let name: String
    /// The table that it is or belongs to; for others their own name.
    let table: QualifiedName
    let location: Int?

    var key: Key {
        let isPart = [.column, .constraint, .trigger, .policy].contains(kind)
        return Key(table: isPart ? table.name : nil, name: name)
    }

    init(_ kind: HouseRule.NamedKind, _ name: String, of table: QualifiedName? = nil, at location: Int? = nil) {
        self.kind = kind
        self.name = name
        self.table = table ?? QualifiedName(name: name)
        self.location = location
    }

    init(_ kind: HouseRule.NamedKind, _ relation: RelationReference) {
        self.init(kind, relation.name.name, of: relation.name, at: relation.location)
    }

    init(_ kind: HouseRule.NamedKind, _ name: QualifiedName) { self.init(kind, name.name, of: name) }
}

extension StatementNode {
    /// The table that the statement makes or changes; nil if it is about none, or several.
    var table: QualifiedName? {
        switch self {
        case .createTable(let create): create.table.name
        case .createTableAs(let create): create.relation.name
        case .alterTable(let alter): alter.relation.name
        case .createIndex(let index): index.table.name
        case .createTrigger(let trigger): trigger.table.name
        case .createPolicy(let policy), .alterPolicy(let policy): policy.table.name
        case .drop(let drop) where drop.objects.count == 1: drop.objects[0].relation ?? drop.objects[0].name
        case .truncate(let truncate) where truncate.tables.count == 1: truncate.tables[0].name
        case .change(let change): change.target.name
        default: nil
        }
    }

    /// What the statement gives a name.
    var named: [NamedObject] {
        switch self {
        case .createTable(let create): create.named
        case .createTableAs(let create):
            create.persistence == .temporary
                ? [] : [NamedObject(create.isMaterializedView ? .view : .table, create.relation)]
        case .createView(let create): [NamedObject(.view, create.view)]
        case .createIndex(let create):
            create.name.map { [NamedObject(.index, $0, of: create.table.name)] } ?? []
        case .alterTable(let alter): alter.named
        case .createType(let create): [NamedObject(.type, create.name)]
        case .createDomain(let create): [NamedObject(.type, create.name)]
        case .createRoutine(let create): [NamedObject(.function, create.name)]
        case .createTrigger(let create): [NamedObject(.trigger, create.name, of: create.table.name)]
        case .createPolicy(let policy): [NamedObject(.policy, policy.name, of: policy.table.name)]
        case .createSequence(let relation, _, _): [NamedObject(.sequence, relation)]
        case .createSchema(let name?, _, _): [NamedObject(.schema, name)]
        case .rename(let rename): rename.named
        default: []
        }
    }
}

extension CreateTable {
    fileprivate var named: [NamedObject] {
        guard persistence != .temporary else { return [] }
        let columns = columns.map { NamedObject(.column, $0.name, of: table.name, at: $0.location) }
        return [NamedObject(.table, table)] + columns + allConstraints.flatMap { $0.0.named(of: table.name) }
    }
}

extension AlterTable {
    fileprivate var named: [NamedObject] {
        guard kind == .table || kind == .foreignTable else { return [] }
        return actions.flatMap { action -> [NamedObject] in
            switch action.kind {
            case .addColumn:
                guard let column = action.column else { return [] }
                return [NamedObject(.column, column.name, of: relation.name, at: column.location)]
                    + column.constraints.flatMap { $0.named(of: relation.name) }
            case .addConstraint: return action.constraint?.named(of: relation.name) ?? []
            default: return []
            }
        }
    }
}

extension ConstraintDefinition {
    /// The constraint under its own kind and that of all; nothing where the server chooses the name.
    fileprivate func named(of table: QualifiedName) -> [NamedObject] {
        guard let name else { return [] }
        let own: HouseRule.NamedKind? =
            switch kind {
            case .primaryKey: .primaryKey
            case .foreignKey: .foreignKey
            case .unique: .unique
            case .check: .check
            case .exclusion: nil
            default: nil
            }
        guard own != nil || kind == .exclusion else { return [] }
        return ([.constraint] + [own].compactMap(\.self)).map { NamedObject($0, name, of: table, at: location) }
    }
}

extension Rename {
    fileprivate var named: [NamedObject] {
        let kind: HouseRule.NamedKind? =
            switch object.kind {
            case .table, .foreignTable: .table
            case .view, .materializedView: .view
            case .column: .column
            case .index: .index
            case .tableConstraint: .constraint
            case .type, .domain: .type
            case .function, .procedure, .routine: .function
            case .schema: .schema
            case .sequence: .sequence
            case .trigger: .trigger
            case .policy: .policy
            default: nil
            }
        return kind.map { [NamedObject($0, newName, of: object.relation)] } ?? []
    }
}
