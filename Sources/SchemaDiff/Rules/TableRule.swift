import Catalog
import Postgres
import SQLSyntax

/// Tables and foreign tables, with their columns when they are new.
struct TableRule: KindRule {
    let kinds: Set<CatalogKind> = [.table, .foreignTable]

    func create(_ object: CatalogObject, in context: PlanContext) throws -> [PlanStatement] {
        let columns = context.to.children(of: object.identity, kind: .column)
            .sorted { ($0.number(.position) ?? 0) < ($1.number(.position) ?? 0) }
        let name = object.identity.qualifiedName
        var statements = [PlanStatement(creation(of: object, columns, in: context))]
        let actions = settings(of: object, columns, in: context)
        if !actions.isEmpty {
            statements.append(PlanStatement("\(alter(object, only: true)) \(actions.joined(separator: ", "))"))
        }
        if let parent = object.text(.partitionOf), let bound = object.text(.partitionBound) {
            let partition = Partition(object, in: context)
            statements += try partition.uncheckedChecks + partition.partsBeforeAttachment()
            statements.append(attachment(of: name, to: parent, bound, isNew: true))
        }
        return statements
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let name = object.identity.qualifiedName
        let isForeign = object.identity.kind == .foreignTable
        return [
            PlanStatement(
                "DROP \(isForeign ? "FOREIGN TABLE" : "TABLE") \(name)",
                hazards: isForeign ? [] : [.deletesRows(of: name)],
                lock: .accessExclusive
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard let before = change.before, let after = change.after else { return .rebuild }
        if before.text(.server) != after.text(.server) { return .rebuild }
        guard before.text(.partitionKey) == after.text(.partitionKey) else {
            throw SchemaDiffError.refused(
                change,
                reason: "a table with rows cannot be divided in another way in place",
                byHand: "create the new table under another name, move the rows, and swap the names in one transaction"
            )
        }
        return .inPlace(try TableAlteration(from: before, to: after, in: context).statements())
    }

    private func creation(of object: CatalogObject, _ columns: [CatalogObject], in context: PlanContext) -> String {
        let definitions = columns.map { ColumnDefinition($0, in: context) }
        let words = object.identity.kind == .foreignTable ? "FOREIGN TABLE" : "TABLE"
        var sql = "CREATE \(object.flag(.unlogged) ? "UNLOGGED " : "")\(words) \(object.identity.qualifiedName)"
        if let type = object.text(.ofType) {
            let options = definitions.compactMap(\.typedSQL)
            sql += " OF \(type)" + (options.isEmpty ? "" : Self.list(options))
        } else {
            let own = zip(columns, definitions).filter { !$0.0.flag(.inherited) }.map(\.1.sql)
            sql += " " + Self.list(own + Partition(object, in: context).checks)
        }
        let parents = object.list(.inherits)
        if !parents.isEmpty { sql += " INHERITS (\(parents.joined(separator: ", ")))" }
        if let key = object.text(.partitionKey) { sql += " PARTITION BY \(key)" }
        if let server = object.text(.server) { sql += " SERVER \(Identifier.quote(server))" }
        let options = object.list(.options)
        if !options.isEmpty { sql += " OPTIONS (\(options.joined(separator: ", ")))" }
        if let method = object.text(.accessMethod) { sql += " USING \(Identifier.quote(method))" }
        if let parameters = StorageParameters(object.list(.storageParameters)).clause { sql += " WITH \(parameters)" }
        if let tablespace = object.text(.tablespace) { sql += " TABLESPACE \(Identifier.quote(tablespace))" }
        return sql
    }

    /// What `CREATE TABLE` has no words for.
    private func settings(of object: CatalogObject, _ columns: [CatalogObject], in context: PlanContext) -> [String] {
        var actions: [String] = []
        for column in columns {
            let definition = ColumnDefinition(column, in: context)
            let inherited = column.flag(.inherited) ? inheritedState(of: column, in: context) : nil
            if let inherited {
                let alter = "ALTER COLUMN \(definition.name)"
                if inherited.text(.default) != column.text(.default) {
                    actions.append(
                        column.text(.default).map { "\(alter) SET DEFAULT \($0)" } ?? "\(alter) DROP DEFAULT"
                    )
                }
                if column.flag(.notNull), !inherited.flag(.notNull) { actions.append("\(alter) SET NOT NULL") }
            }
            actions += definition.settings(from: inherited)
            if let constraint = definition.notValidNotNull { actions.append(constraint) }
        }
        if let identity = object.text(.replicaIdentity) { actions.append("REPLICA IDENTITY \(identity.uppercased())") }
        if object.flag(.rowSecurity) { actions.append("ENABLE ROW LEVEL SECURITY") }
        if object.flag(.forceRowSecurity) { actions.append("FORCE ROW LEVEL SECURITY") }
        return actions
    }

    /// What a new child's column is before anything is said of it: its parent's, without what is not inherited.
    private func inheritedState(of column: CatalogObject, in context: PlanContext) -> CatalogObject? {
        guard let parent = Inheritance(in: context).parents(of: column).compactMap({ context.to[$0] }).first else {
            return nil
        }
        var attributes = parent.attributes
        attributes[.statistics] = nil
        attributes[.columnParameters] = nil
        return CatalogObject(column.identity, attributes: attributes)
    }

    private func alter(_ object: CatalogObject, only: Bool) -> String {
        let words = object.identity.kind == .foreignTable ? "FOREIGN TABLE" : "TABLE"
        return "ALTER \(words) \(only ? "ONLY " : "")\(object.identity.qualifiedName)"
    }

    private func attachment(of name: String, to parent: String, _ bound: String, isNew: Bool) -> PlanStatement {
        PlanStatement("ALTER TABLE ONLY \(parent) ATTACH PARTITION \(name) \(bound)", lock: .shareUpdateExclusive)
    }

    private static func list(_ entries: [String]) -> String {
        entries.isEmpty ? "()" : "(\n    " + entries.joined(separator: ",\n    ") + "\n)"
    }
}
