import Catalog
import Postgres
import SQLSyntax

/// A column as `CREATE TABLE` and `ADD COLUMN` write it, and what is said of it behind that.
struct ColumnDefinition {
    private let column: CatalogObject
    private let context: PlanContext

    /// - Parameters:
    ///   - column: the column.
    ///   - context: the plan that makes it.
    init(_ column: CatalogObject, in context: PlanContext) {
        self.column = column
        self.context = context
    }

    /// The name as SQL writes it.
    var name: String { Identifier.quote(column.identity.name) }

    /// Name, type and constraints.
    var sql: String {
        var sql = "\(name) \(column.text(.type) ?? "")"
        if !column.list(.options).isEmpty { sql += " OPTIONS (\(column.list(.options).joined(separator: ", ")))" }
        if let collation = column.text(.collation) { sql += " COLLATE \(collation)" }
        return sql + constraints
    }

    /// What a column of a table of a type may have beside its type, if anything.
    var typedSQL: String? { constraints.isEmpty ? nil : "\(name) WITH OPTIONS\(constraints)" }

    private var constraints: String {
        var sql = ""
        if let value = column.text(.default) { sql += " DEFAULT \(value)" }
        if let expression = column.text(.generated) {
            sql += " GENERATED ALWAYS AS (\(expression)) \(column.flag(.virtual) ? "VIRTUAL" : "STORED")"
        }
        if let identity = identity { sql += " \(identity)" }
        if column.flag(.notNull), !column.flag(.notNullNotValid) {
            if let name = column.text(.notNullName) { sql += " CONSTRAINT \(Identifier.quote(name))" }
            sql += " NOT NULL"
            if column.flag(.notNullNoInherit) { sql += " NO INHERIT" }
        }
        return sql
    }

    /// `GENERATED … AS IDENTITY` with its options; nil for a column that is none.
    var identity: String? {
        guard let identity = column.text(.identity) else { return nil }
        var options = column.list(.identityOptions)
        if let sequence = column.text(.identitySequence) {
            let schema = column.identity.schema.map { Identifier.quote($0) + "." } ?? ""
            options.insert("SEQUENCE NAME \(schema)\(Identifier.quote(sequence))", at: 0)
        }
        let sql = "GENERATED \(identity.uppercased()) AS IDENTITY"
        return options.isEmpty ? sql : "\(sql) (\(options.joined(separator: " ")))"
    }

    /// What `ALTER TABLE` says of a column that differs from another one, or from a new one, in how it is kept.
    func settings(from before: CatalogObject?) -> [String] {
        let alter = "ALTER COLUMN \(name)"
        var actions: [String] = []
        if column.text(.storage) != before?.text(.storage) {
            actions.append("\(alter) SET STORAGE \(column.text(.storage)?.uppercased() ?? typeStorage)")
        }
        if column.text(.compression) != before?.text(.compression) {
            actions.append("\(alter) SET COMPRESSION \(column.text(.compression) ?? "default")")
        }
        if column.number(.statistics) != before?.number(.statistics) {
            actions.append("\(alter) SET STATISTICS \(column.number(.statistics) ?? -1)")
        }
        let parameters = StorageParameters(before?.list(.columnParameters) ?? [])
        for action in parameters.actions(to: StorageParameters(column.list(.columnParameters))) {
            actions.append("\(alter) \(action)")
        }
        return actions
    }

    /// How the type's values are kept where nothing is said; before 16 it has to be named.
    private var typeStorage: String {
        guard context.from.serverVersion.major < 16 else { return "DEFAULT" }
        let type = TypeChange.base(of: column.text(.type) ?? "", in: context.to)
        let own = context.to.objects(of: .baseType).first { $0.identity.qualifiedName == type }
        return own?.text(.storage)?.uppercased()
            ?? (["numeric", "inet", "cidr"].contains(type) ? "MAIN" : "EXTENDED")
    }

    /// A constraint against null that does not hold for the rows that are there, as PostgreSQL 18 has it; nil for none.
    var notValidNotNull: String? {
        guard column.flag(.notNull), column.flag(.notNullNotValid) else { return nil }
        return "ADD CONSTRAINT \(Identifier.quote(notNullName)) NOT NULL \(name)"
            + (column.flag(.notNullNoInherit) ? " NO INHERIT" : "") + " NOT VALID"
    }

    /// The name of the constraint against null.
    var notNullName: String {
        column.text(.notNullName)
            ?? ChosenName.of(column.identity.parent ?? "", column.identity.name, "not_null")
    }
}
