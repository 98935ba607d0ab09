import SQLSyntax

/// The objects that a statement defines, changes or takes away, by name.
struct StatementNames {
    /// An object with the schema that the statement gives; nil where the search path decides.
    struct Name: Hashable {
        let object: NamedObject
        let schema: String?
    }

    /// The objects.
    private(set) var names: [Name] = []
    /// What is called otherwise behind the statement: the object, and its new name.
    private(set) var renaming: (from: Name, to: String)?

    /// Reads a statement.
    init(_ statement: ParsedStatement) {
        guard let node = statement.node else {
            addUnknown(statement.statement)
            return
        }
        switch node {
        case .createTable(let table): add(table)
        case .createTableAs(let table): add(.relation, table.relation.name)
        case .createView(let view): add(.relation, view.view.name)
        case .createIndex(let index):
            if let name = index.name { add(NamedObject(.relation, name), in: index.table.name.schema) }
        case .alterTable(let change): add(change)
        case .drop(let drop): for object in drop.objects { add(object) }
        case .rename(let rename): add(rename)
        case .changeOwner(let move): add(move.object)
        case .changeSchema(let move):
            add(move.object)
            if let object = NamedObject(move.object) { add(object, in: move.destination) }
        case .createType(let type): add(.type, type.name)
        case .alterEnum(let change): add(.type, change.type)
        case .createDomain(let domain):
            add(.type, domain.name)
            addConstraints(domain.constraints.map(\.name), of: domain.name)
        case .alterDomain(let domain):
            add(.type, domain.name)
            let constraint = domain.constraintName ?? domain.constraint?.name
            if let constraint { add(.constraint, constraint, of: domain.name) }
        case .createRoutine(let routine): add(.routine, routine.name)
        case .createTrigger(let trigger): add(.trigger, trigger.name, of: trigger.table.name)
        case .createRule(let name, let relation): add(.rule, name, of: relation.name)
        case .createPolicy(let policy), .alterPolicy(let policy): add(.policy, policy.name, of: policy.table.name)
        case .createSequence(let sequence, _, _): add(.relation, sequence.name)
        case .alterSequence(let sequence, _): add(.relation, sequence.name)
        case .createSchema(let name, _, let owner):
            if let name = name ?? owner { add(NamedObject(.schema, name), in: nil) }
        case .createExtension(let name, _, _), .alterExtension(let name): add(NamedObject(.extension, name), in: nil)
        case .comment(let annotation), .securityLabel(let annotation): add(annotation.object)
        case .grant(let grant) where !grant.isForAllInSchema: for object in grant.objects { add(object) }
        case .subscription(let subscription): add(NamedObject(.other, subscription.name), in: nil)
        case .other: addUnknown(statement.statement)
        default: break
        }
    }

    private mutating func add(_ object: NamedObject, in schema: String?) {
        names.append(Name(object: object, schema: schema))
    }

    private mutating func add(_ space: NamedObject.Space, _ name: QualifiedName) {
        add(NamedObject(space, name.name), in: name.schema)
    }

    private mutating func add(_ space: NamedObject.Space, _ name: String, of parent: QualifiedName) {
        add(NamedObject(space, parent: parent.name, name), in: parent.schema)
    }

    private mutating func add(_ reference: ObjectReference) {
        guard let object = NamedObject(reference) else { return }
        add(object, in: (reference.relation ?? reference.name).schema)
    }

    private mutating func add(_ table: CreateTable) {
        add(.relation, table.table.name)
        for column in table.columns {
            add(.column, column.name, of: table.table.name)
            addConstraints(column.constraints.map(\.name), of: table.table.name)
        }
        addConstraints(table.constraints.map(\.name), of: table.table.name)
    }

    private mutating func addConstraints(_ names: [String?], of parent: QualifiedName) {
        for name in names.compactMap(\.self) { add(.constraint, name, of: parent) }
    }

    private mutating func add(_ change: AlterTable) {
        let relation = change.relation.name
        add(.relation, relation)
        for action in change.actions {
            if let column = action.column {
                add(.column, column.name, of: relation)
                addConstraints(column.constraints.map(\.name), of: relation)
            }
            // An action's name is a column's or a constraint's, by what it does; a table has hardly one name for both.
            for name in Set([action.name, action.constraint?.name].compactMap(\.self)) {
                if action.constraint?.name != name { add(.column, name, of: relation) }
                add(.constraint, name, of: relation)
                add(.trigger, name, of: relation)
            }
        }
    }

    private mutating func add(_ rename: Rename) {
        guard let object = NamedObject(rename.object) else { return }
        let name = Name(object: object, schema: (rename.object.relation ?? rename.object.name).schema)
        renaming = (name, rename.newName)
        names.append(name)
    }

    /// What the grammar has no words for here, or refuses: the names behind the kinds of objects.
    private mutating func addUnknown(_ statement: SQLStatement) {
        let names = statement.names(
            behind: "PUBLICATION",
            "STATISTICS",
            "COLLATION",
            "CONVERSION",
            "SERVER",
            "WRAPPER",
            "CONFIGURATION",
            "DICTIONARY",
            "PARSER",
            "TEMPLATE",
            "CLASS",
            "FAMILY",
            "TRIGGER",
            "METHOD",
            "LANGUAGE"
        )
        for name in names { add(.other, name) }
        for name in statement.names(behind: "TABLE", "INDEX", "VIEW") { add(.relation, name) }
        for name in statement.names(behind: "AGGREGATE", "FUNCTION", "PROCEDURE") { add(.routine, name) }
        for name in statement.names(behind: "TYPE") { add(.type, name) }
    }
}
