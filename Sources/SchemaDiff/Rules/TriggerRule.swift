import Catalog
import SQLSyntax

/// Triggers, constraint triggers among them.
struct TriggerRule: KindRule {
    let kinds: Set<CatalogKind> = [.trigger]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let state = EnabledState("TRIGGER", of: object)
        // The partitioned table has brought it; only when it fires differs there.
        guard !object.flag(.inherited) else { return [state.statement(object.text(.enabled))] }
        return [PlanStatement(object.text(.definition) ?? "", lock: .shareRowExclusive)]
            + state.statements(from: nil, to: object)
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        guard !object.flag(.inherited) else {
            let parent = parent(of: object, in: context.from)
            guard let parent, !context.isNew(parent.identity), context.to[parent.identity] != nil else { return [] }
            return [EnabledState("TRIGGER", of: object).statement(parent.text(.enabled))]
        }
        return [
            PlanStatement(
                "DROP TRIGGER \(Identifier.quote(object.identity.name)) ON \(object.identity.qualifiedParent ?? "")",
                lock: .accessExclusive
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after,
            before.flag(.inherited) == after.flag(.inherited)
        else { return .rebuild }
        let state = EnabledState("TRIGGER", of: after)
        if let definition = after.text(.definition), definition != before.text(.definition), !after.flag(.inherited) {
            let words = "CREATE TRIGGER"
            // A constraint trigger cannot be replaced.
            guard definition.hasPrefix(words), before.text(.definition)?.hasPrefix(words) == true else {
                return .rebuild
            }
            let replacement = PlanStatement(
                "CREATE OR REPLACE TRIGGER" + definition.dropFirst(words.count),
                lock: .shareRowExclusive
            )
            // A trigger that is replaced fires as a new one does.
            return .inPlace([replacement] + state.statements(from: nil, to: after))
        }
        return .inPlace(state.statements(from: before, to: after))
    }

    private func parent(of object: CatalogObject, in catalog: Catalog) -> CatalogObject? {
        object.dependencies.first { $0.kind == .trigger && $0.name == object.identity.name }.flatMap { catalog[$0] }
    }
}
