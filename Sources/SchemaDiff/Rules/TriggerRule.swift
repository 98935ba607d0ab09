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
            + enabling(from: nil, to: object, in: context)
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
            return .inPlace([replacement] + enabling(from: nil, to: after, in: context))
        }
        return .inPlace(enabling(from: before, to: after, in: context))
    }

    /// Sets when a trigger fires, and when its copies on partitions do that are to fire at other times.
    private func enabling(
        from before: CatalogObject?,
        to after: CatalogObject,
        in context: PlanContext
    ) -> [PlanStatement] {
        guard after.text(.enabled) != before?.text(.enabled) else { return [] }
        let table = ObjectIdentity(.table, schema: after.identity.schema, after.identity.parent ?? "")
        let isDivided = context.to[table]?.attributes[.partitionKey] != nil
        let state = EnabledState("TRIGGER", of: after).statement(after.text(.enabled), reachesPartitions: isDivided)
        guard isDivided else { return [state] }
        let others = context.to.objects(of: .trigger).filter { copy in
            copy.flag(.inherited) && copy.identity.name == after.identity.name && !context.isNew(copy.identity)
                && isPart(copy.identity, of: table, in: context.to)
        }
        return [state] + others.map { EnabledState("TRIGGER", of: $0).statement($0.text(.enabled)) }
    }

    /// Whether a trigger's table is a partition of another one, or a partition's.
    private func isPart(_ trigger: ObjectIdentity, of table: ObjectIdentity, in catalog: Catalog) -> Bool {
        var next: ObjectIdentity? = ObjectIdentity(.table, schema: trigger.schema, trigger.parent ?? "")
        while let part = next.flatMap({ catalog[$0] }), let name = part.text(.partitionOf) {
            if name == table.qualifiedName { return true }
            next = part.dependencies.first { $0.kind == .table && $0.qualifiedName == name }
        }
        return false
    }

    private func parent(of object: CatalogObject, in catalog: Catalog) -> CatalogObject? {
        object.dependencies.first { $0.kind == .trigger && $0.name == object.identity.name }.flatMap { catalog[$0] }
    }
}
