import Catalog
import SQLSyntax

/// When a trigger or a rule fires: always the same words on its table.
struct EnabledState {
    private let word: String
    private let identity: ObjectIdentity

    /// - Parameters:
    ///   - word: `TRIGGER` or `RULE`.
    ///   - object: the trigger or rule.
    init(_ word: String, of object: CatalogObject) {
        self.word = word
        identity = object.identity
    }

    /// The statements that change it; without `before` from what a new one is.
    func statements(from before: CatalogObject?, to after: CatalogObject) -> [PlanStatement] {
        let state = after.text(.enabled)
        guard state != before?.text(.enabled) else { return [] }
        return [statement(state)]
    }

    /// The statement that sets it.
    ///
    /// - Parameters:
    ///   - state: when it fires; nil for a new one's state.
    ///   - reachesPartitions: whether the trigger's copies on the table's partitions change with it.
    /// - Returns: the statement.
    func statement(_ state: String?, reachesPartitions: Bool = false) -> PlanStatement {
        let action =
            switch state {
            case "disabled": "DISABLE"
            case "replica": "ENABLE REPLICA"
            case "always": "ENABLE ALWAYS"
            default: "ENABLE"
            }
        return PlanStatement(
            "ALTER TABLE \(reachesPartitions ? "" : "ONLY ")\(identity.qualifiedParent ?? "") \(action) \(word) \(Identifier.quote(identity.name))",
            lock: word == "RULE" ? .accessExclusive : .shareRowExclusive
        )
    }
}
