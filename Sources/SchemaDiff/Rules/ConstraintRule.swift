import Catalog
import SQLSyntax

/// Constraints of tables: primary, unique and foreign keys, checks, exclusions.
struct ConstraintRule: KindRule {
    static let notValid = " NOT VALID"

    let kinds: Set<CatalogKind> = [.constraint]

    func create(_ object: CatalogObject, in context: PlanContext) throws -> [PlanStatement] {
        guard let table = context.to.parent(of: object.identity).flatMap({ context.to[$0] }) else { return [] }
        if Partition(table, in: context).isPart(object) { return [] }
        let constraint = ConstraintDefinition(object, on: table)
        let marks = IndexMarks(object, in: context)
        let rest = (constraint.hasIndex ? marks.creation + marks.attachment(from: nil) : [])
        guard !context.isNew(table.identity) else { return [PlanStatement(constraint.addition())] + rest }
        return addition(constraint, named: object.identity.name, in: context) + rest
    }

    /// The constraint on a table that is new.
    func creation(of object: CatalogObject) throws -> [PlanStatement] {
        [PlanStatement(ConstraintDefinition(object, on: nil).addition())]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        guard !goesWithWhole(object, in: context) else { return [] }
        return [drop(object)]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard let before = change.before, let after = change.after,
            let table = context.to.parent(of: change.identity).flatMap({ context.to[$0] })
        else { return .rebuild }
        let constraint = ConstraintDefinition(after, on: table)
        let marks = IndexMarks(after, in: context)
        let isLeft = before.text(.attachedTo) != nil && before.text(.attachedTo) != after.text(.attachedTo)
        let formerTable = context.from[table.identity]
        let parents = [context.wanted, context.present].map { $0[table.identity]?.text(.partitionOf) }
        if isLeft, parents[0] == parents[1] { return .rebuild }
        // No statement changes the settings of an index that only holds others together.
        if constraint.hasIndex, constraint.isOnPartitionedTable,
            before.list(.storageParameters) != after.list(.storageParameters)
        {
            return .rebuild
        }
        let rest = constraint.hasIndex ? marks.changes(from: before) + marks.attachment(from: before) : []
        guard before.text(.definition) != after.text(.definition) else { return .inPlace(rest) }
        if before.text(.definition) == (after.text(.definition) ?? "") + Self.notValid {
            return .inPlace([constraint.validation(of: change.identity.name)] + rest)
        }
        let former = ConstraintDefinition(before, on: formerTable)
        if constraint.isForeignKey, former.isForeignKey, constraint.withoutTiming == former.withoutTiming {
            return .inPlace([constraint.timingChange])
        }
        guard context.options.isOnline, constraint.isValidatedLater, former.isValidatedLater,
            constraint.isForeignKey == former.isForeignKey
        else { return .rebuild }
        return .inPlace(replacement(of: before, by: constraint, in: context))
    }

    /// Adds a constraint to a table that is in use.
    private func addition(
        _ constraint: ConstraintDefinition,
        named name: String,
        in context: PlanContext
    ) -> [PlanStatement] {
        guard context.options.isOnline else {
            return [
                PlanStatement(constraint.addition(), hazards: constraint.offlineHazards, lock: constraint.additionLock)
            ]
        }
        if constraint.isValidatedLater {
            guard !constraint.isNotValid else {
                return [PlanStatement(constraint.addition(named: name), lock: constraint.additionLock)]
            }
            return [
                PlanStatement(constraint.addition(named: name) + Self.notValid, lock: constraint.additionLock),
                constraint.validation(of: name),
            ]
        }
        guard let index = constraint.index(named: name) else {
            let hazards = constraint.isOnPartitionedTable && !constraint.isForeignKey ? [] : constraint.offlineHazards
            return [PlanStatement(constraint.addition(), hazards: hazards, lock: constraint.additionLock)]
        }
        return [
            PlanStatement(
                index,
                hazards: Hazard.buildsConcurrently(on: constraint.table),
                lock: .shareUpdateExclusive,
                isTransactional: false
            ),
            PlanStatement(constraint.additionUsingIndex(name), lock: .accessExclusive),
        ]
    }

    /// Puts the new constraint beside the old one, so that there is one at any time.
    private func replacement(
        of before: CatalogObject,
        by constraint: ConstraintDefinition,
        in context: PlanContext
    ) -> [PlanStatement] {
        let name = before.identity.name
        let helper = ReplacementName.of(name)
        let table = "ALTER TABLE \(constraint.table)"
        var statements = addition(constraint, named: helper, in: context)
        statements.append(drop(before))
        statements.append(
            PlanStatement(
                "\(table) RENAME CONSTRAINT \(Identifier.quote(helper)) TO \(Identifier.quote(name))",
                lock: .accessExclusive
            )
        )
        // The new constraint has none of the old one's comment, which may be the same.
        if let comment = constraint.comment, comment == before.text(.comment) {
            statements.append(
                PlanStatement(
                    "COMMENT ON CONSTRAINT \(Identifier.quote(name)) ON \(constraint.table) IS \(StringLiteral.quote(comment))"
                )
            )
        }
        return statements
    }

    private func drop(_ object: CatalogObject) -> PlanStatement {
        let constraint = ConstraintDefinition(object, on: nil)
        let name = object.identity.qualifiedName
        return PlanStatement(
            "ALTER TABLE \(constraint.table) DROP CONSTRAINT \(Identifier.quote(object.identity.name))",
            hazards: (constraint.hasIndex ? [.dropsIndex(name)] : [])
                + [Hazard(.correctness, "what \(object.identity) refused is let in from now on")],
            lock: .accessExclusive
        )
    }
}
