import Catalog
import SQLSyntax

/// What a new partition needs before it is attached to a partitioned table that is in use: the constraints that the table
/// asks of it, and its parts of the table's indexes, which attaching would otherwise build under names of the server's own.
struct Partition {
    private let table: CatalogObject
    private let context: PlanContext

    init(_ table: CatalogObject, in context: PlanContext) {
        self.table = table
        self.context = context
    }

    /// The checks that are there on the tables above, as parts of `CREATE TABLE`.
    var checks: [String] {
        checksAbove.filter { !$0.isNotValid }.map { "CONSTRAINT \(Identifier.quote($0.name)) \($0.definition)" }
    }

    /// The statements that add the checks which the tables above do not hold against their rows: in `CREATE TABLE` they would
    /// count as held.
    var uncheckedChecks: [PlanStatement] {
        let words = table.identity.kind == .foreignTable ? "FOREIGN TABLE" : "TABLE"
        return checksAbove.filter(\.isNotValid).map { check in
            PlanStatement(
                "ALTER \(words) \(table.identity.qualifiedName) ADD CONSTRAINT \(Identifier.quote(check.name)) "
                    + check.definition
            )
        }
    }

    private struct Check {
        let name: String
        let definition: String

        var isNotValid: Bool { definition.hasSuffix(ConstraintRule.notValid) }
    }

    private var checksAbove: [Check] {
        guard let name = table.text(.partitionOf),
            let above = table.dependencies.first(where: { $0.kind == .table && $0.qualifiedName == name }),
            let parent = context.to[above]
        else { return [] }
        let inherited = Partition(parent, in: context).checksAbove
        guard !context.isNew(above) else { return inherited }
        return inherited
            + context.from.children(of: above, kind: .constraint).compactMap { constraint in
                // What goes away is gone by then.
                guard let definition = constraint.text(.definition), definition.hasPrefix("CHECK"),
                    !definition.contains(" NO INHERIT"), context.to[constraint.identity] != nil,
                    !context.isNew(constraint.identity)
                else { return nil }
                return Check(name: constraint.identity.name, definition: definition)
            }
    }

    /// The statements that build the partition's parts of indexes that are there before it is attached.
    func partsBeforeAttachment() throws -> [PlanStatement] {
        try [CatalogKind.constraint, .index].flatMap { kind in
            try context.to.children(of: table.identity, kind: kind).filter { isPart($0) }.flatMap { part in
                kind == .index ? IndexRule().creation(of: part) : try ConstraintRule().creation(of: part)
            }
        }
    }

    /// Whether an index or constraint of the partition is made with it: the whole that it is a part of is there by then.
    func isPart(_ object: CatalogObject) -> Bool {
        guard context.isNew(table.identity), let whole = object.wholeIndex else { return false }
        guard context.isNew(whole) else { return true }
        guard let parent = context.to.parent(of: whole).flatMap({ context.to[$0] }), let index = context.to[whole]
        else {
            return false
        }
        return Partition(parent, in: context).isPart(index)
    }
}

extension CatalogObject {
    /// The index, or the constraint on it, of the partitioned table that this is a part of.
    var wholeIndex: ObjectIdentity? {
        guard let name = text(.attachedTo) else { return nil }
        return dependencies.first { ($0.kind == .index || $0.kind == .constraint) && $0.qualifiedName == name }
    }
}
