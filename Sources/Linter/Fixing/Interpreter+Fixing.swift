import SQLSyntax

extension Interpreter {
    /// The name that the server chooses for a foreign key; nil for any other constraint, and where another one of that
    /// schema may have it.
    func serversName(of constraint: ConstraintDefinition, on table: QualifiedName) -> String? {
        guard constraint.kind == .foreignKey, constraint.name == nil else { return constraint.name }
        let key = schema.key(of: table)
        let name = chosenName(key.name, constraint.columns, "fkey") { _ in false }
        let isTaken = schema.relations.contains { $0.key.schema == key.schema && $0.value.constraint(name) != nil }
        return isTaken ? nil : name
    }

    /// What moves a foreign key out of a guarded creation; nil for any other constraint.
    func moving(_ constraint: ConstraintDefinition, _ column: String?, of create: CreateTable) -> LintFix? {
        guard constraint.kind == .foreignKey else { return nil }
        let columns = constraint.columns.isEmpty ? [column].compactMap(\.self) : constraint.columns
        let key = schema.key(of: create.table.name)
        let chosen = chosenName(key.name, columns, "fkey") { _ in false }
        // Another one of the statement on the same columns, or of another table, takes the name first.
        let others = create.allConstraints.count { other, at in
            let named = other.columns.isEmpty ? [at].compactMap(\.self) : other.columns
            return other.kind == .foreignKey && (other.name == chosen || other.name == nil && named == columns)
        }
        let isTaken =
            others > 1
            || schema.relations.contains {
                $0.key != key && $0.key.schema == key.schema && $0.value.constraint(chosen) != nil
            }
        return .moveForeignKey(
            location: constraint.location,
            columns: columns,
            name: constraint.name ?? (isTaken ? nil : chosen)
        )
    }
}
