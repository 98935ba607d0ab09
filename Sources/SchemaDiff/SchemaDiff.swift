public import Catalog

/// From what differs between two catalogs to ordered SQL that says what it may hurt.
///
/// The module promises:
/// - a plan is a value: the same two catalogs and options give the same statements, in the same order;
/// - each statement carries its hazards, its lock and whether it can run in a transaction;
/// - what cannot be changed rightly is refused, with the reason and what to write by hand: never done half.
public enum SchemaDiff {
    /// Plans the way from one schema to another.
    ///
    /// - Parameters:
    ///   - from: what is.
    ///   - to: what is wanted.
    ///   - options: how the plan is to be made.
    /// - Returns: the plan; without steps where nothing differs that a statement could change.
    /// - Throws: ``SchemaDiffError`` for a change that cannot be done rightly.
    public static func plan(from: Catalog, to: Catalog, options: PlanOptions = PlanOptions()) throws -> SchemaPlan {
        // Nearly always, two schemas that somebody compares are the same.
        guard CatalogChanges(from: from, to: to).changes.contains(where: \.isPlanned) else {
            return SchemaPlan(steps: [])
        }
        var planner = try Planner(from: from, to: to, options: options)
        return try planner.plan()
    }
}
