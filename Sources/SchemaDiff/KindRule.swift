import Catalog

/// How objects of one kind are created, dropped and altered; one type a group of kinds, in `Rules/`.
///
/// A rule knows nothing of order: that is the graph's, from the dependencies of both catalogs. Owner, comment, grants and
/// security labels are no rule's business either: ``CommonAttributes`` writes them, for every kind. A rule may take over
/// for one of them by naming it in its answer to ``alter(_:in:)``.
protocol KindRule: Sendable {
    /// The kinds that the rule is for.
    var kinds: Set<CatalogKind> { get }

    /// The statements that create an object whose dependencies are there, and leave it as the catalog has it.
    ///
    /// A table's include its columns: those are not created one by one with it.
    func create(_ object: CatalogObject, in context: PlanContext) throws -> [PlanStatement]

    /// The statements that drop an object nothing needs any more; never with `CASCADE`.
    func drop(_ object: CatalogObject, in context: PlanContext) throws -> [PlanStatement]

    /// How an object becomes what it should be.
    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration
}

/// What a rule says to a change.
enum Alteration {
    /// These statements do it in place; what needs the object stays as it is.
    case inPlace([PlanStatement])
    /// These statements do it in place, while what needs the object is dropped before and created again behind them.
    case withoutDependants([PlanStatement])
    /// The object is dropped and created again, with all that needs it.
    case rebuild
}

/// What rules may look at.
struct PlanContext {
    /// What is.
    let from: Catalog
    /// What is wanted.
    let to: Catalog
    /// What the user asked for.
    let options: PlanOptions
    /// The objects that the plan drops and creates again.
    var rebuilt: Set<ObjectIdentity> = []
    /// What is, with all that the plan takes off before it does anything else.
    let present: Catalog
    /// What is wanted, with all that the plan puts on at its end.
    let wanted: Catalog

    init(
        from: Catalog,
        to: Catalog,
        options: PlanOptions,
        rebuilt: Set<ObjectIdentity> = [],
        present: Catalog? = nil,
        wanted: Catalog? = nil
    ) {
        self.from = from
        self.to = to
        self.options = options
        self.rebuilt = rebuilt
        self.present = present ?? from
        self.wanted = wanted ?? to
    }

    /// Whether an object is made by this very plan: nobody uses it yet, so no statement on it can hurt.
    func isNew(_ identity: ObjectIdentity) -> Bool { from[identity] == nil || rebuilt.contains(identity) }
}
