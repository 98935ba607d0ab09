import SQLSyntax

extension SchemaEvent {
    /// What a statement makes, renames and takes away.
    static func changes(of statement: ParsedStatement) -> [Change] {
        switch statement.node {
        case .createTable(let table): changes(of: table)
        case .createTableAs(let made): [.brings(.relation(made.relation.name))]
        case .createView(let made):
            [.brings(.relation(made.view.name))]
                + made.columns.map { .brings(.column(of: made.view.name, name: $0)) }
                + columns(ofView: made.view.name, in: statement).map { .brings($0) }
        case .createSequence(let sequence, _, _): [.brings(.relation(sequence.name))]
        case .alterTable(let change): change.actions.flatMap { changes(of: $0, on: change.relation.name) }
        case .createRoutine(let routine): [.brings(.function(routine.name))]
        case .createType(let type): [.brings(.type(type.name))]
        case .createDomain(let domain): [.brings(.type(domain.name))]
        case .createSchema(let name?, _, _): [.brings(.schema(name))]
        case .drop(let drop): drop.objects.compactMap { thing($0) }.map { .removes($0) }
        case .rename(let rename): thing(rename.object).map { [.renames($0, to: rename.newName)] } ?? []
        case .changeSchema(let move): thing(move.object).map { [.removes($0)] + moved($0, to: move.destination) } ?? []
        default: []
        }
    }

    private static func changes(of table: CreateTable) -> [Change] {
        let name = table.table.name
        guard table.persistence != .temporary else { return [] }
        let keys = table.constraints.filter { $0.kind == .primaryKey }.flatMap(\.columns)
        return [.brings(.relation(name))]
            + table.columns.flatMap { changes(of: $0, on: name, isKey: keys.contains($0.name)) }
    }

    private static func changes(of column: ColumnDefinition, on table: QualifiedName, isKey: Bool = false) -> [Change] {
        let thing = SchemaThing.column(of: table, name: column.name)
        return column.isNotNull || isKey ? [.brings(thing), .demandsValue(thing)] : [.brings(thing)]
    }

    private static func changes(of action: AlterTableAction, on table: QualifiedName) -> [Change] {
        switch action.kind {
        case .addColumn: action.column.map { changes(of: $0, on: table) } ?? []
        case .dropColumn: action.name.map { [.removes(.column(of: table, name: $0))] } ?? []
        case .setNotNull: action.name.map { [.demandsValue(.column(of: table, name: $0))] } ?? []
        case .setColumnDefault where action.expression == nil:
            action.name.map { [.demandsValue(.column(of: table, name: $0))] } ?? []
        default: []
        }
    }

    /// The columns that a view's query names itself.
    private static func columns(ofView view: QualifiedName, in statement: ParsedStatement) -> [SchemaThing] {
        (statement.syntax?.child("query")?.children("target_list") ?? []).compactMap { target in
            let name = target.text("name") ?? target.child("val")?.columnReference?.parts.last
            return name.map { .column(of: view, name: $0) }
        }
    }

    private static func moved(_ thing: SchemaThing, to schema: String) -> [Change] {
        switch thing {
        case .relation(let name): [.brings(.relation(QualifiedName(schema: schema, name: name.name)))]
        case .function(let name): [.brings(.function(QualifiedName(schema: schema, name: name.name)))]
        case .type(let name): [.brings(.type(QualifiedName(schema: schema, name: name.name)))]
        case .column, .schema: []
        }
    }

    private static func thing(_ object: ObjectReference) -> SchemaThing? {
        switch object.kind {
        case .table, .view, .materializedView, .foreignTable, .sequence: .relation(object.name)
        case .column: object.relation.map { .column(of: $0, name: object.name.name) }
        case .function, .procedure, .routine, .aggregate: .function(object.name)
        case .type, .domain: .type(object.name)
        case .schema: .schema(object.name.name)
        default: nil
        }
    }
}
