import Catalog
import SQLSyntax

/// Enums.
struct EnumRule: KindRule {
    let kinds: Set<CatalogKind> = [.enumeration]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement(Self.creation(of: object))]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard change.differing.contains(.labels), let before = change.before, let after = change.after else {
            return .inPlace([])
        }
        let kept = Set(before.list(.labels))
        guard after.list(.labels).filter(kept.contains) == before.list(.labels) else {
            return .withoutDependants(
                try TypeReplacement(change, creation: Self.creation(of: after), in: context).statements
            )
        }
        return .inPlace(Self.additions(from: before, to: after, in: context))
    }

    static func creation(of object: CatalogObject) -> String {
        let labels = object.list(.labels).map(StringLiteral.quote).joined(separator: ", ")
        return "CREATE TYPE \(object.identity.qualifiedName) AS ENUM (\(labels))"
    }

    /// One statement for each new label, from the front, so that the label it stands behind is always there.
    private static func additions(
        from before: CatalogObject,
        to after: CatalogObject,
        in context: PlanContext
    ) -> [PlanStatement] {
        let type = after.identity
        let (from, to) = (before.list(.labels), after.list(.labels))
        let kept = Set(from)
        // A value can be used only once the transaction that added it is over (manual, ALTER TYPE, Notes).
        let mayBeUsed = context.to.objects.contains {
            $0.dependencies.contains(type) && context.from[$0.identity] != $0
        }
        var statements: [PlanStatement] = []
        var previous: String?
        for label in to {
            if !kept.contains(label) {
                let place =
                    if let previous {
                        // Behind the last one nothing has to be said.
                        previous == from.last || from.isEmpty ? "" : " AFTER \(StringLiteral.quote(previous))"
                    } else {
                        from.first.map { " BEFORE \(StringLiteral.quote($0))" } ?? ""
                    }
                statements.append(
                    PlanStatement(
                        "ALTER TYPE \(type.qualifiedName) ADD VALUE \(StringLiteral.quote(label))\(place)",
                        hazards: [
                            Hazard(.irreversible, "\(type) cannot lose the value \(label) again without a new type")
                        ],
                        isTransactional: !mayBeUsed
                    )
                )
            }
            previous = label
        }
        return statements
    }
}
