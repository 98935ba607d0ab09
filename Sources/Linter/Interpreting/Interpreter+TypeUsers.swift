import SQLSyntax

/// What keeps a column's type as it is.
extension Interpreter {
    /// The views, triggers and policies that name a column: the server does not change its type under them.
    func checkTypeUsers(of name: String, _ key: QualifiedName, at offset: Int?) {
        for table in [key] + schema.descendants(of: key) {
            guard let relation = schema.relations[table] else { continue }
            if let view = schema.views(reading: table, column: name).first, let made = schema.relations[view] {
                report(
                    .dropNeedsCascade,
                    "column \(Identifier.quote(name)) of \(table.shortened) is read by view \(view.shortened) (\(words(for: made.origin))): "
                        + "this fails with `cannot alter type of a column used by a view or rule`",
                    at: offset,
                    made.certainty == .sure ? severity(since: made.origin) : .warning,
                    next: "drop the view first, and make it again in the same transaction"
                )
                return
            }
            let triggers = relation.triggerColumns.filter { $0.value.contains(name) }.keys.sorted()
            if let trigger = triggers.first {
                report(
                    .dropNeedsCascade,
                    "trigger \(Identifier.quote(trigger)) of \(table.shortened) names column \(Identifier.quote(name)): this fails with "
                        + "`cannot alter type of a column used in a trigger definition`",
                    at: offset,
                    relation.triggers[trigger] == .sure ? severity(since: nil) : .warning,
                    next: "drop the trigger first, and make it again in the same transaction"
                )
                return
            }
            let policies = relation.policyColumns.filter { $0.value.contains(name) }.keys.sorted()
            if let policy = policies.first {
                // It may be a column of another table that the policy reads.
                report(
                    .dropNeedsCascade,
                    "policy \(Identifier.quote(policy)) of \(table.shortened) names column \(Identifier.quote(name)): this fails with "
                        + "`cannot alter type of a column used in a policy definition`",
                    at: offset,
                    .warning,
                    next: "drop the policy first, and make it again in the same transaction"
                )
                return
            }
        }
    }
}
