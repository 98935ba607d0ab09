import Catalog
import SQLSyntax

/// A new type in the place of one that cannot be altered: the columns of tables go over through text.
///
/// What else depends on the type is gone while this happens, and comes back behind it.
struct TypeReplacement {
    private let change: ObjectChange
    private let creation: String
    private let context: PlanContext
    private let columns: [CatalogObject]

    /// Looks whether the columns of a type can go over.
    ///
    /// - Parameters:
    ///   - change: the change of the type.
    ///   - creation: the statement that creates the new type.
    ///   - context: what the plan knows.
    /// - Throws: ``SchemaDiffError`` where something holds values of the type that cannot be converted in place.
    init(_ change: ObjectChange, creation: String, in context: PlanContext) throws {
        self.change = change
        self.creation = creation
        self.context = context
        let dependants = context.from.objects.filter { $0.dependencies.contains(change.identity) }
        for holder in dependants
        where [.compositeType, .domain, .rangeType].contains(holder.identity.kind)
            && context.to[holder.identity] != nil && !context.rebuilt.contains(holder.identity)
        {
            throw SchemaDiffError.refused(
                change,
                reason: "values go or change places, and \(holder.identity) is made of it",
                byHand: "create a new type beside it, move what is made of the old one over, and drop that"
            )
        }
        columns = dependants.filter {
            $0.identity.kind == .column && context.to[$0.identity] != nil && !context.isNew($0.identity)
        }
        if let column = columns.first(where: { $0.attributes[AttributeName(rawValue: "generated")] != nil }) {
            throw SchemaDiffError.refused(
                change,
                reason: "values go or change places, and \(column.identity) is generated with it",
                byHand: "drop the column and add it again with the new type"
            )
        }
    }

    /// The statements, with the hazard on the columns.
    var statements: [PlanStatement] {
        let type = change.identity
        let former = ReplacementName.of(type.name, "old")
        let schema = type.schema.map { Identifier.quote($0) + "." } ?? ""
        var statements = [
            PlanStatement("ALTER TYPE \(type.qualifiedName) RENAME TO \(Identifier.quote(former))"),
            PlanStatement(creation),
        ]
        // With a table's column those of its children go over, whose defaults must be away by then too.
        let conversions = columns.map(conversion)
        statements += conversions.flatMap(\.before) + conversions.flatMap(\.itself) + conversions.flatMap(\.behind)
        statements.append(PlanStatement("DROP TYPE \(schema)\(Identifier.quote(former))"))
        if let after = change.after {
            statements += CommonAttributes.statements(from: nil, to: after, in: context)
        }
        return statements
    }

    /// Whether a column goes over with that of a parent table.
    private func isBrought(_ column: CatalogObject) -> Bool {
        let inheritance = Inheritance(in: context)
        return inheritance.parents(of: column).contains { parent in
            columns.contains { $0.identity == parent } && inheritance.isChildThroughout(column.identity, of: parent)
        }
    }

    /// How a column goes over: what happens before any column does, the column itself, and what happens behind them all.
    private func conversion(
        of column: CatalogObject
    ) -> (before: [PlanStatement], itself: [PlanStatement], behind: [PlanStatement]) {
        let type = change.identity
        let name = Identifier.quote(column.identity.name)
        // A column can need the type for its default alone.
        let columnType = column.text("type") ?? ""
        let holdsValues = columnType == type.qualifiedName || columnType == type.qualifiedName + "[]"
        let kind: CatalogKind =
            context.from[ObjectIdentity(.foreignTable, schema: column.identity.schema, column.identity.parent ?? "")]
                == nil
            ? .table : .foreignTable
        let table = "ALTER \(kind.sqlName ?? "TABLE") \(column.identity.qualifiedParent ?? "")"
        let brackets = columnType.hasSuffix("[]") ? "[]" : ""
        let target = type.qualifiedName + brackets
        let lost = Set(change.before?.list(.labels) ?? []).subtracting(change.after?.list(.labels) ?? []).sorted()
        let hazards =
            [
                Hazard(.rewritesTable, "\(column.identity) is converted from the old \(type) to the new one"),
                Hazard(
                    .accessExclusiveLock,
                    "\(column.identity.qualifiedParent ?? "") is locked while it is rewritten"
                ),
            ]
            + (lost.isEmpty
                ? []
                : [
                    Hazard(
                        .correctness,
                        "fails where a row of \(column.identity) holds \(lost.joined(separator: ", "))"
                    )
                ])
        var result: (before: [PlanStatement], itself: [PlanStatement], behind: [PlanStatement]) = ([], [], [])
        let hasDefault = column.attributes[.default] != nil
        let alone = "ALTER \(kind.sqlName ?? "TABLE") ONLY \(column.identity.qualifiedParent ?? "")"
        if hasDefault {
            result.before.append(PlanStatement("\(alone) ALTER COLUMN \(name) DROP DEFAULT", lock: .accessExclusive))
        }
        let conversion = kind == .table ? " USING \(name)::text\(brackets)::\(target)" : ""
        if holdsValues, !isBrought(column) {
            result.itself.append(
                PlanStatement(
                    "\(table) ALTER COLUMN \(name) TYPE \(target)\(conversion)",
                    hazards: hazards,
                    lock: .accessExclusive
                )
            )
        }
        // A default that is not wanted may be of a value that is gone.
        if hasDefault, let value = context.to[column.identity]?.text(.default) {
            result.behind.append(
                PlanStatement("\(alone) ALTER COLUMN \(name) SET DEFAULT \(value)", lock: .accessExclusive)
            )
        }
        return result
    }
}
