public import Catalog

/// How a live database differs from what its migrations make, who explains it, and the two ways to end it.
public struct Drift: Sendable {
    /// A way to end drift.
    public enum Repair: Sendable {
        /// Statements.
        case plan(SchemaPlan)
        /// No statements do it rightly; why, and what to write by hand.
        case refused(SchemaDiffError)

        /// The plan; nil where there is none.
        public var plan: SchemaPlan? { if case .plan(let plan) = self { plan } else { nil } }

        /// Why there is no plan.
        public var refusal: SchemaDiffError? { if case .refused(let error) = self { error } else { nil } }
    }

    /// The database as it is.
    public let live: Catalog
    /// What is wanted of it.
    public let wanted: Catalog
    /// What differs, in the order of identities: from what is to what is wanted.
    public let changes: [ObjectChange]
    /// The columns that stand at another place in their tables, which no statement changes.
    public let reordered: [ObjectIdentity]
    /// What takes the live database back.
    public let takingBack: Repair
    /// What, as a migration, adopts what is live.
    public let adopting: Repair
    /// The statement of a migration that last named each object that differs; none for what no migration explains.
    public let definitions: [ObjectIdentity: DefiningStatement]
    /// Whether there is a history at all that could explain something.
    public let hasHistory: Bool
    /// Whether what is wanted was built by an earlier check.
    public let isCached: Bool
    /// What differs as text and may mean the same, for it could not be made on a scratch server.
    public let notCompared: [NotCompared]

    init(
        live: Catalog,
        wanted: Catalog,
        options: PlanOptions,
        trail: MigrationTrail?,
        hasHistory: Bool,
        isCached: Bool,
        notCompared: [NotCompared] = []
    ) {
        self.live = live
        self.wanted = wanted
        self.isCached = isCached
        let all = CatalogChanges(from: live, to: wanted).changes
        let changes = all.filter(\.isPlanned)
        self.changes = changes
        let differing = Set(changes.map(\.identity))
        self.notCompared = notCompared.filter { differing.contains($0.object) }
        reordered = all.filter { !$0.isPlanned }.map(\.identity)
        takingBack = Self.repair(from: live, to: wanted, options)
        adopting = Self.repair(from: wanted, to: live, options)
        self.hasHistory = hasHistory
        definitions = Dictionary(
            uniqueKeysWithValues: changes.compactMap { change in
                trail?.statement(for: change.identity, in: wanted).map { (change.identity, $0) }
            }
        )
    }

    private static func repair(from: Catalog, to: Catalog, _ options: PlanOptions) -> Repair {
        do {
            return .plan(try SchemaDiff.plan(from: from, to: to, options: options))
        } catch let error as SchemaDiffError {
            return .refused(error)
        } catch {
            preconditionFailure("a plan is refused in no other way: \(error)")
        }
    }

    /// Whether the database is what is wanted, but for the order of columns.
    public var isEqual: Bool { changes.isEmpty }

    /// What one of the sides holds and Lastro does not model, in words, sorted.
    public var notModelled: [String] { Set(live.notModelled).union(wanted.notModelled).sorted() }
}
