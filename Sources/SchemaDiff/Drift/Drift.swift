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

    /// Something surplus that may be what is missing under another name.
    public struct ProposedRename: Sendable {
        /// From the name that is to the name that is wanted.
        public let rename: ObjectRename
        /// The statements that give it the wanted name, with all that it holds.
        public let takingBack: [String]
        /// The statements that give what the migrations make the name that is live.
        public let adopting: [String]

        /// Both ways in one line.
        public var words: String {
            """
            \(rename.from) may be what is wanted as \(rename.isMove ? rename.to.path : rename.newName): \
            \(takingBack.joined(separator: "; ")) takes it back with all that it holds, and \
            \(adopting.joined(separator: "; ")) in a migration adopts it
            """
        }
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
    /// What may differ in nothing but its name; both repairs drop it and create another one.
    public let proposedRenames: [ProposedRename]
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
        trail: DefinitionTrail?,
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
        proposedRenames = Self.renames(from: live, to: wanted)
        let words = proposedRenames.map { ($0.rename, $0.words) }
        takingBack = Self.repair(from: live, to: wanted, options, notes: words.map { ($0.from, $1) })
        adopting = Self.repair(from: wanted, to: live, options, notes: words.map { ($0.to, $1) })
        self.hasHistory = hasHistory
        definitions = Dictionary(
            uniqueKeysWithValues: changes.compactMap { change in
                trail?.statement(for: change.identity, in: wanted).map { (change.identity, $0) }
            }
        )
    }

    private static func renames(from live: Catalog, to wanted: Catalog) -> [ProposedRename] {
        // Nothing is asked for that could not be made.
        let found = (try? Renaming(from: live, to: wanted, RenameChoice()).proposed) ?? []
        func statements(for rename: ObjectRename, from: Catalog, to: Catalog) -> [String] {
            RenameStatements(in: from, to: to).steps(for: [rename]).flatMap(\.statements).map(\.sql)
        }
        return found.map { rename in
            ProposedRename(
                rename: rename,
                takingBack: statements(for: rename, from: live, to: wanted),
                adopting: statements(for: rename.reversed, from: wanted, to: live)
            )
        }
    }

    private static func repair(
        from: Catalog,
        to: Catalog,
        _ options: PlanOptions,
        notes: [(ObjectIdentity, String)]
    ) -> Repair {
        let notes = Dictionary(notes, uniquingKeysWith: { first, _ in first })
        do {
            let plan = try SchemaDiff.plan(from: from, to: to, options: options)
            return .plan(SchemaPlan(steps: plan.steps.map { step in notes[step.identity].map(step.noting) ?? step }))
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
