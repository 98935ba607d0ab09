public import Catalog

/// From what differs between two catalogs to ordered SQL that says what it may hurt.
///
/// The module promises:
/// - a plan is a value: the same two catalogs and options give the same statements, in the same order;
/// - each statement carries its hazards, its lock and whether it can run in a transaction;
/// - what cannot be changed rightly is refused, with the reason and what to write by hand: never done half.
public enum SchemaDiff {
    /// Plans the way from one schema to another.
    public static func plan(from: Catalog, to: Catalog, options: PlanOptions = PlanOptions()) throws -> SchemaPlan {
        SchemaPlan(steps: [])
    }
}
