import Catalog

/// Writes the statements of a plan whose order is known.
struct PlanWriter {
    private let fates: Fates
    private let context: PlanContext
    private let rules: KindRules
    /// The objects that are fastened, with their bindings.
    private let bound: Catalog

    init(fates: Fates, options: PlanOptions, rules: KindRules) {
        self.fates = fates
        self.rules = rules
        func loose(_ identities: Set<ObjectIdentity>, _ object: (ObjectIdentity) -> CatalogObject?)
            -> [ObjectIdentity: CatalogObject]
        {
            Dictionary(
                uniqueKeysWithValues: identities.compactMap { identity in object(identity).map { (identity, $0) } }
            )
        }
        bound = fates.to.catalog.withSettledArrayCasts
        context = PlanContext(
            from: fates.from.catalog.replacing(loose(fates.loosened, fates.before)).withSettledArrayCasts,
            to: fates.fastened.isEmpty
                ? bound : fates.to.catalog.replacing(loose(fates.fastened, fates.after)).withSettledArrayCasts,
            options: options,
            rebuilt: Set(fates.fates.filter { $0.value == .rebuild }.keys),
            present: fates.from.catalog,
            wanted: bound
        )
    }

    func plan(_ order: [PlanNode]) throws -> SchemaPlan {
        SchemaPlan(
            steps: try order.compactMap { node in
                let statements = try statements(for: node)
                let isSecond = node.action == .fasten
                return statements.isEmpty
                    ? nil : SchemaPlan.Step(identity: node.identity, statements: statements, isSecond: isSecond)
            }
        )
    }

    private func statements(for node: PlanNode) throws -> [PlanStatement] {
        let identity = node.identity
        let rule = rules.rule(for: identity.kind)
        switch node.action {
        case .loosen:
            guard let before = fates.from[identity], let after = context.from[identity] else { return [] }
            return try binding(ObjectChange(identity: identity, before: before, after: after))
        case .drop:
            guard let object = context.from[identity] else { return [] }
            return try rule.drop(object, in: context)
        case .alter:
            guard let before = context.from[identity], let after = context.to[identity] else { return [] }
            let change = ObjectChange(identity: identity, before: before, after: after)
            return try alteration(change) + CommonAttributes.statements(from: before, to: after, in: context)
        case .create:
            guard let object = context.to[identity] else { return [] }
            let own = fates.tableCreated(with: identity) == nil ? try rule.create(object, in: context) : []
            return own + CommonAttributes.statements(from: nil, to: object, in: context)
        case .fasten:
            guard let before = context.to[identity], let after = bound[identity] else { return [] }
            return try binding(ObjectChange(identity: identity, before: before, after: after))
        }
    }

    /// Takes the binding off an object, or puts it on.
    private func binding(_ change: ObjectChange) throws -> [PlanStatement] {
        guard change.identity.kind == .view, let after = change.after else { return try alteration(change) }
        // The columns stay, so that a view is always replaced, whatever else the plan does to it.
        return try rules.rule(for: .view).create(after, in: context).map { statement in
            guard statement.sql.hasPrefix("CREATE VIEW") else { return statement }
            return PlanStatement("CREATE OR REPLACE VIEW" + statement.sql.dropFirst(11))
        }
    }

    private func alteration(_ change: ObjectChange) throws -> [PlanStatement] {
        guard change.concernsRule else { return [] }
        switch try rules.rule(for: change.identity.kind).alter(change, in: context) {
        case .inPlace(let statements), .withoutDependants(let statements): return statements
        case .rebuild:
            throw SchemaDiffError.refused(
                change,
                reason: "it has to be dropped and created again, and what needs it cannot let go of it meanwhile",
                byHand: "change what needs it first, in a migration of its own"
            )
        }
    }
}
