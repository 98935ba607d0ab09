import Catalog
import SQLSyntax

/// The constraints that a table has from those above it, which catalogs leave out: they are there because those are.
///
/// A table that leaves another one keeps its copies, and one that comes to another has to have the checks by then.
struct InheritedConstraints {
    private let context: PlanContext
    private let table: ObjectIdentity

    init(of table: ObjectIdentity, in context: PlanContext) {
        self.context = context
        self.table = table
    }

    /// The statements that drop what a table would keep that has left others.
    var leftovers: [PlanStatement] {
        let wanted = copies(in: context.wanted)
        return copies(in: context.present).filter { copy in
            // A foreign key is taken for the new parent's, whatever its name is.
            copy.isForeignKey ? !wanted.contains { $0.definition == copy.definition } : !wanted.contains(copy)
        }.map { copy in
            PlanStatement(
                "ALTER TABLE \(table.qualifiedName) DROP CONSTRAINT IF EXISTS \(Identifier.quote(copy.name))",
                hazards: [
                    Hazard(.correctness, "what constraint \(copy.name) refused in \(table) is let in from now on")
                ],
                lock: .accessExclusive
            )
        }
    }

    /// The statements that add the checks which a table needs that comes to others.
    func needed() throws -> [PlanStatement] {
        let present = copies(in: context.present)
        return try copies(in: context.wanted).filter { !$0.isForeignKey && !present.contains($0) }.flatMap { copy in
            let identity = ObjectIdentity(.constraint, schema: table.schema, parent: table.name, copy.name)
            return try ConstraintRule().create(
                CatalogObject(identity, attributes: [.definition: .text(copy.definition)]),
                in: context
            )
        }
    }

    private struct Copy: Hashable {
        let name: String
        let definition: String

        var isForeignKey: Bool { definition.hasPrefix("FOREIGN KEY") }
    }

    private func copies(in catalog: Catalog) -> [Copy] {
        var copies: Set<Copy> = []
        var waiting = [(table: table, hasKeys: true)]
        var seen: Set<ObjectIdentity> = [table]
        while let next = waiting.popLast() {
            guard let object = catalog[next.table] else { continue }
            let names = Inheritance.names(of: object)
            let isPartition = object.text(.partitionOf) != nil
            for parent in object.dependencies
            where [.table, .foreignTable].contains(parent.kind) && names.contains(parent.qualifiedName) {
                let hasKeys = next.hasKeys && isPartition
                for constraint in catalog.children(of: parent, kind: .constraint) {
                    guard let definition = constraint.text(.definition) else { continue }
                    let isCheck = definition.hasPrefix("CHECK") && !definition.contains(" NO INHERIT")
                    guard isCheck || hasKeys && definition.hasPrefix("FOREIGN KEY") else { continue }
                    copies.insert(Copy(name: constraint.identity.name, definition: definition))
                }
                if seen.insert(parent).inserted { waiting.append((parent, hasKeys)) }
            }
        }
        return copies.sorted { ($0.name, $0.definition) < ($1.name, $1.definition) }
    }
}
