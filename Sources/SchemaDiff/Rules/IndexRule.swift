import Catalog
import SQLSyntax

/// Indexes that no constraint stands on.
struct IndexRule: KindRule {
    let kinds: Set<CatalogKind> = [.index]

    func create(_ object: CatalogObject, in context: PlanContext) throws -> [PlanStatement] {
        if let table = table(of: object, in: context.to), Partition(table, in: context).isPart(object) { return [] }
        let marks = IndexMarks(object, in: context)
        guard let table = table(of: object, in: context.to), !context.isNew(table.identity),
            let definition = IndexDefinition(object), !definition.isPartitioned
        else { return creation(of: object) + marks.creation + marks.attachment(from: nil) }
        let tableName = table.identity.qualifiedName
        let isOnline = context.options.isOnline
        let build = PlanStatement(
            definition.sql(named: object.identity.name, concurrently: isOnline),
            hazards: isOnline ? Hazard.buildsConcurrently(on: tableName) : Hazard.builds(on: tableName),
            lock: isOnline ? .shareUpdateExclusive : .share,
            isTransactional: !isOnline
        )
        return [build] + marks.creation + marks.attachment(from: nil)
    }

    /// The index on a table that is new.
    func creation(of object: CatalogObject) -> [PlanStatement] {
        IndexDefinition(object).map { [PlanStatement($0.sql(named: object.identity.name, concurrently: false))] } ?? []
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        guard !goesWithWhole(object, in: context) else { return [] }
        return [Self.drop(object, isOnline: context.options.isOnline)]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard let before = change.before, let after = change.after else { return .rebuild }
        let marks = IndexMarks(after, in: context)
        let isLeft = before.text(.attachedTo) != nil && before.text(.attachedTo) != after.text(.attachedTo)
        if isLeft,
            table(of: after, in: context.wanted)?.text(.partitionOf)
                == table(of: before, in: context.present)?.text(.partitionOf)
        {
            return .rebuild
        }
        // No statement changes the settings of an index that only holds others together.
        if IndexDefinition(after)?.isPartitioned == true,
            before.list(.storageParameters) != after.list(.storageParameters)
        {
            return .rebuild
        }
        guard before.text(.definition) == after.text(.definition) else {
            guard context.options.isOnline, let definition = IndexDefinition(after), !definition.isPartitioned,
                before.text(.attachedTo) == nil, after.text(.attachedTo) == nil, !isNeeded(change.identity, in: context)
            else { return .rebuild }
            return .inPlace(replacement(of: before, by: after, definition, in: context))
        }
        var statements: [PlanStatement] = []
        if before.flag(.invalid), !after.flag(.invalid), IndexDefinition(after)?.isPartitioned == false {
            statements.append(rebuilding(after, in: context))
        } else if !before.flag(.invalid), after.flag(.invalid), IndexDefinition(after)?.isPartitioned == false {
            throw SchemaDiffError.refused(
                change,
                reason: "an index that is whole is not to be made invalid",
                byHand: "drop the index if it is not wanted"
            )
        }
        return .inPlace(statements + marks.changes(from: before) + marks.attachment(from: before))
    }

    /// Builds the new index beside the old one, so that there is one at any time.
    private func replacement(
        of before: CatalogObject,
        by after: CatalogObject,
        _ definition: IndexDefinition,
        in context: PlanContext
    ) -> [PlanStatement] {
        let table = after.identity.qualifiedParent ?? ""
        let name = ReplacementName.of(after.identity.name)
        let schema = after.identity.schema.map { Identifier.quote($0) + "." } ?? ""
        var statements = [
            PlanStatement(
                definition.sql(named: name, concurrently: true),
                hazards: Hazard.buildsConcurrently(on: table),
                lock: .shareUpdateExclusive,
                isTransactional: false
            ),
            Self.drop(before, isOnline: true),
            PlanStatement(
                "ALTER INDEX \(schema)\(Identifier.quote(name)) RENAME TO \(Identifier.quote(after.identity.name))",
                lock: .shareUpdateExclusive
            ),
        ]
        statements += IndexMarks(after, in: context).creation
        // The new index has none of the old one's comment, which may be the same.
        if let comment = after.text(.comment), comment == before.text(.comment) {
            statements.append(
                PlanStatement("COMMENT ON INDEX \(after.identity.qualifiedName) IS \(StringLiteral.quote(comment))")
            )
        }
        return statements
    }

    private func rebuilding(_ index: CatalogObject, in context: PlanContext) -> PlanStatement {
        let table = index.identity.qualifiedParent ?? ""
        let isOnline = context.options.isOnline
        return PlanStatement(
            "REINDEX INDEX \(isOnline ? "CONCURRENTLY " : "")\(index.identity.qualifiedName)",
            hazards: isOnline ? Hazard.buildsConcurrently(on: table) : Hazard.builds(on: table),
            lock: isOnline ? .shareUpdateExclusive : .share,
            isTransactional: !isOnline
        )
    }

    private static func drop(_ object: CatalogObject, isOnline: Bool) -> PlanStatement {
        let name = object.identity.qualifiedName
        let isConcurrent =
            isOnline && object.text(.attachedTo) == nil && IndexDefinition(object)?.isPartitioned == false
        return PlanStatement(
            "DROP INDEX \(isConcurrent ? "CONCURRENTLY " : "")\(name)",
            hazards: [.dropsIndex(name)]
                + (isConcurrent
                    ? [Hazard(.notTransactional, "it cannot be taken back with the rest of the plan")] : []),
            lock: isConcurrent ? .shareUpdateExclusive : .accessExclusive,
            isTransactional: !isConcurrent
        )
    }

    /// Whether something else needs the index: a part of it, a foreign key.
    private func isNeeded(_ identity: ObjectIdentity, in context: PlanContext) -> Bool {
        context.from.objects.contains { $0.dependencies.contains(identity) }
    }

    private func table(of object: CatalogObject, in catalog: Catalog) -> CatalogObject? {
        catalog.parent(of: object.identity).flatMap { catalog[$0] }
    }
}

/// Whether a part of a partitioned table's index goes away with the whole: it cannot be dropped by itself.
func goesWithWhole(_ object: CatalogObject, in context: PlanContext) -> Bool {
    guard let whole = object.wholeIndex,
        // One that is detached before keeps it.
        let table = context.from.parent(of: object.identity).flatMap({ context.from[$0] }),
        table.text(.partitionOf) != nil
    else { return false }
    return context.to[whole] == nil || context.rebuilt.contains(whole)
}
