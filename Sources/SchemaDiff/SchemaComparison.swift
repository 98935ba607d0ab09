public import Catalog

/// What differs between two schemas, and the plan that takes it away.
public struct SchemaComparison: Hashable, Sendable {
    /// What is.
    public let from: Catalog
    /// What is wanted.
    public let to: Catalog
    /// What differs and can be changed, in the order of identities.
    public let changes: [ObjectChange]
    /// The columns that stand at another place in their tables, or that a child table declares beside its parent on one side
    /// alone: no statement changes either.
    public let reordered: [ObjectIdentity]
    /// The way from the one to the other.
    public let plan: SchemaPlan
    /// What differs as text and may mean the same, for it could not be made on a scratch server.
    public let notCompared: [NotCompared]

    /// Compares and plans.
    ///
    /// - Throws: ``SchemaDiffError`` for a change that cannot be done rightly.
    public init(
        from: Catalog,
        to: Catalog,
        options: PlanOptions = PlanOptions(),
        notCompared: [NotCompared] = []
    ) throws {
        self.from = from
        self.to = to
        let all = CatalogChanges(from: from, to: to).changes
        changes = all.filter(\.isPlanned)
        reordered = all.filter { !$0.isPlanned }.map(\.identity)
        plan = try SchemaDiff.plan(from: from, to: to, options: options)
        let differing = Set(changes.map(\.identity))
        self.notCompared = notCompared.filter { differing.contains($0.object) }
    }

    /// Whether the schemas are the same, but for the order of columns.
    public var isEqual: Bool { changes.isEmpty }

    /// What one of the sides holds and Lastro does not model, in words, sorted.
    public var notModelled: [String] { Set(from.notModelled).union(to.notModelled).sorted() }

    /// The statements for each object.
    public var statements: [ObjectIdentity: [PlanStatement]] {
        Dictionary(plan.steps.map { ($0.identity, $0.statements) }, uniquingKeysWith: +)
    }

    /// The objects that do not differ themselves, but are dropped and created again or changed on the way.
    public var involved: [ObjectIdentity] {
        let changed = Set(changes.map(\.identity))
        return Set(plan.steps.map(\.identity)).subtracting(changed).sorted()
    }
}
