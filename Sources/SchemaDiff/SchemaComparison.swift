public import Catalog

/// What differs between two schemas, and the plan that takes it away.
public struct SchemaComparison: Hashable, Sendable {
    /// A rename that the plan makes.
    public struct TakenRename: Hashable, Sendable {
        /// The object under both names.
        public let rename: ObjectRename
        /// Why they are taken for one.
        public let reason: RenameReason
        /// The statements that make it.
        public let statements: [PlanStatement]
    }

    /// A rename that nobody asked for: the plan drops the object and creates another one.
    public struct ProposedRename: Hashable, Sendable {
        /// The object under both names.
        public let rename: ObjectRename
        /// What is to be said to have it taken: `public.users=accounts`.
        public let request: String
    }

    /// What is.
    public let from: Catalog
    /// What is wanted.
    public let to: Catalog
    /// What is, behind the renames.
    let renamed: Catalog
    /// The renames that the plan makes first, in order.
    public let renames: [TakenRename]
    /// The renames that it could make.
    public let proposedRenames: [ProposedRename]
    /// Whether a server was asked what definitions say behind the renames; else names were replaced in their texts.
    public let isRenamingChecked: Bool
    /// What differs behind the renames and can be changed, in the order of identities.
    public let changes: [ObjectChange]
    /// The columns that stand at another place in their tables, or that a child table declares beside its parent on one side
    /// alone: no statement changes either.
    public let reordered: [ObjectIdentity]
    /// The way from the one to the other.
    public let plan: SchemaPlan
    /// What differs as text and may mean the same, for it could not be made on a scratch server.
    public let notCompared: [NotCompared]

    private let ownSteps: [SchemaPlan.Step]
    /// The tables and columns that are called otherwise behind the renames.
    private let names: [ObjectIdentity: ObjectIdentity]

    /// Compares and plans; every object is taken for another one if its name is.
    ///
    /// - Throws: ``SchemaDiffError`` for a change that cannot be done rightly.
    public init(
        from: Catalog,
        to: Catalog,
        options: PlanOptions = PlanOptions(),
        notCompared: [NotCompared] = []
    ) throws {
        let renaming = try Renaming(from: from, to: to, RenameChoice())
        try self.init(
            from: from,
            to: to,
            renaming: renaming,
            behind: from,
            options: options,
            notCompared: notCompared
        )
    }

    init(
        from: Catalog,
        to: Catalog,
        renaming: Renaming,
        behind renamed: Catalog,
        isRenamingChecked: Bool = true,
        options: PlanOptions,
        notCompared: [NotCompared] = []
    ) throws {
        self.from = from
        self.to = to
        self.renamed = renamed
        self.isRenamingChecked = isRenamingChecked
        names = renaming.names(of: [.table, .column])
        let steps = renaming.steps
        let statements = Dictionary(steps.map { ($0.rename, $0.statements) }, uniquingKeysWith: +)
        renames = renaming.taken.map { taken in
            TakenRename(rename: taken.rename, reason: taken.reason, statements: statements[taken.rename] ?? [])
        }
        proposedRenames = renaming.proposed.map { rename in
            ProposedRename(rename: rename, request: RenameRequest.text(for: rename, in: from))
        }
        let all = CatalogChanges(from: renamed, to: to).changes
        changes = all.filter(\.isPlanned)
        reordered = all.filter { !$0.isPlanned }.map(\.identity)
        let differing = Set(changes.map(\.identity))
        self.notCompared = notCompared.filter { differing.contains($0.object) }
        let proposals = Dictionary(
            proposedRenames.map { (renaming.current(of: $0.rename.from), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        ownSteps = try SchemaDiff.plan(from: renamed, to: to, options: options).steps.map { step in
            guard let proposal = proposals[step.identity] else { return step }
            return step.noting(proposal.words)
        }
        let first = steps.map { SchemaPlan.Step(identity: $0.rename.from, statements: $0.statements) }
        plan = SchemaPlan(steps: first + ownSteps)
    }

    /// Whether the schemas are the same, but for the order of columns.
    public var isEqual: Bool { changes.isEmpty && renames.isEmpty }

    /// What one of the sides holds and Lastro does not model, in words, sorted.
    public var notModelled: [String] { Set(from.notModelled).union(to.notModelled).sorted() }

    /// The statements for each object, those that rename it apart.
    public var statements: [ObjectIdentity: [PlanStatement]] {
        Dictionary(ownSteps.map { ($0.identity, $0.statements) }, uniquingKeysWith: +)
    }

    /// The objects that do not differ themselves, but are dropped and created again or changed on the way.
    public var involved: [ObjectIdentity] {
        let changed = Set(changes.map(\.identity))
        return Set(ownSteps.map(\.identity)).subtracting(changed).sorted()
    }

    /// What an object of the schema that is, is called behind the renames.
    func name(behind identity: ObjectIdentity) -> ObjectIdentity { names[identity] ?? identity }
}

extension SchemaComparison.ProposedRename {
    /// What is said beside the statement that drops the object.
    public var words: String {
        "\(rename.from) may be what is wanted as \(rename.isMove ? rename.to.path : rename.newName): --accept-rename '\(request)' renames it"
    }
}

extension SchemaPlan.Step {
    /// The step with a remark at its first statement.
    func noting(_ words: String) -> Self {
        guard let first = statements.first else { return self }
        return Self(identity: identity, statements: [first.noting(words)] + statements.dropFirst(), isSecond: isSecond)
    }
}
