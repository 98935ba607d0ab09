import Catalog

/// The sequences that belong to a table's columns.
enum OwnedSequences {
    /// The table that a sequence belongs to; nil for one that belongs to none.
    static func table(of sequence: CatalogObject, in catalog: Catalog) -> ObjectIdentity? {
        guard sequence.attributes[.ownedBy] != nil else { return nil }
        let column = sequence.dependencies.first { $0.kind == .column }
        return column.flatMap { catalog.parent(of: $0) } ?? sequence.dependencies.first { $0.kind == .table }
    }

    /// The statements for those that are to be kept in another way than the table, which takes them along (manual, ALTER
    /// TABLE, SET LOGGED).
    static func kept(apartFrom table: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        context.from.objects(of: .sequence).compactMap { sequence in
            guard self.table(of: sequence, in: context.from) == table.identity,
                let after = context.to[sequence.identity], !context.isNew(sequence.identity),
                after.flag(.unlogged) != table.flag(.unlogged)
            else { return nil }
            let words = after.flag(.unlogged) ? "UNLOGGED" : "LOGGED"
            return PlanStatement(
                "ALTER SEQUENCE \(sequence.identity.qualifiedName) SET \(words)",
                lock: .accessExclusive
            )
        }
    }
}
