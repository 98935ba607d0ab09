import Catalog

/// Puts what has to be done to each object into an order, and opens the circles that it finds.
struct Planner {
    private var fates: Fates
    private let options: PlanOptions
    private let rules: KindRules
    /// Children of dropped objects that do not go with them but before, to open a circle.
    private var partingChildren: Set<ObjectIdentity> = []
    /// What each child of a dropped object, and each sequence of a dropped column, is dropped with.
    private var dropAnchors: [ObjectIdentity: ObjectIdentity] = [:]

    init(from: Catalog, to: Catalog, options: PlanOptions, rules: KindRules = .standard) throws {
        self.options = options
        self.rules = rules
        fates = try Fates(from: from, to: to, options: options, rules: rules)
    }

    mutating func plan() throws -> SchemaPlan {
        while true {
            dropAnchors = anchors()
            var graph = graph()
            var order = graph.sorted()
            var isOpened = false
            while order.count < graph.nodes.count, !isOpened {
                let circles = graph.circles()
                isOpened = open(circles)
                guard !isOpened else { break }
                var hadWish = false
                for circle in circles where graph.forgetWishes(among: circle) { hadWish = true }
                guard hadWish else { throw SchemaDiffError.cycle(circles[0]) }
                order = graph.sorted()
            }
            guard isOpened else {
                return try PlanWriter(fates: fates, options: options, rules: rules).plan(order)
            }
        }
    }

    private func anchors() -> [ObjectIdentity: ObjectIdentity] {
        var anchors: [ObjectIdentity: ObjectIdentity] = [:]
        for identity in fates.fates.keys where fates.isGone(identity) {
            if let parent = fates.from.catalog.parent(of: identity), fates.isGone(parent) {
                if !partingChildren.contains(identity) { anchors[identity] = parent }
            } else if !fates.loosened.contains(identity), let owner = fates.from.owner(of: identity),
                fates.isGone(owner)
            {
                anchors[identity] = owner
            }
        }
        return anchors
    }

    /// The node that takes an object away.
    private func dropNode(of identity: ObjectIdentity) -> PlanNode? {
        var identity = identity
        while let anchor = dropAnchors[identity] { identity = anchor }
        return fates.isGone(identity) ? PlanNode(.drop, identity) : nil
    }

    /// The node that brings an object: its own, or that of the table that it is created with.
    private func createNode(of identity: ObjectIdentity) -> PlanNode? {
        guard fates.isMade(identity) else { return nil }
        return PlanNode(.create, fates.tableCreated(with: identity) ?? identity)
    }

    private func graph() -> PlanGraph {
        var graph = PlanGraph()
        for (identity, fate) in fates.fates.sorted(by: { $0.key < $1.key }) {
            if fates.isGone(identity), dropAnchors[identity] == nil { graph.add(PlanNode(.drop, identity)) }
            if fates.isMade(identity) { graph.add(PlanNode(.create, identity)) }
            if fate == .alter { graph.add(PlanNode(.alter, identity)) }
        }
        for identity in fates.loosened.sorted() { graph.add(PlanNode(.loosen, identity)) }
        for identity in fates.fastened.sorted() { graph.add(PlanNode(.fasten, identity)) }

        for (identity, fate) in fates.fates {
            if fates.isGone(identity) { orderDrop(of: identity, in: &graph) }
            if fates.isMade(identity) { orderCreation(of: identity, in: &graph) }
            if fate == .alter { orderAlteration(of: identity, in: &graph) }
        }
        for identity in fates.loosened { orderLoosening(of: identity, in: &graph) }
        for identity in fates.fastened { orderFastening(of: identity, in: &graph) }
        orderNames(in: &graph)
        return graph
    }

    private func orderDrop(of identity: ObjectIdentity, in graph: inout PlanGraph) {
        guard let object = fates.before(identity) else { return }
        let drop = dropNode(of: identity)
        for needed in fates.from.needs(of: object) {
            graph.order(drop, before: dropNode(of: needed))
            graph.order(drop, before: PlanNode(.alter, needed))
        }
        if fates.isMade(identity) { graph.order(drop, before: createNode(of: identity)) }
    }

    private func orderCreation(of identity: ObjectIdentity, in graph: inout PlanGraph) {
        guard let object = fates.after(identity) else { return }
        let create = createNode(of: identity)
        for needed in fates.to.needs(of: object) {
            graph.order(createNode(of: needed), before: create)
            graph.order(PlanNode(.alter, needed), before: create)
        }
        // What is said of a column comes behind the table that it is created with.
        graph.order(create, before: PlanNode(.create, identity))
        guard let create, object.text(.partitionOf) != nil else { return }
        for table in object.dependencies where table.kind == .table {
            orderColumns(of: table, before: create, in: &graph)
        }
    }

    /// Takes columns off a table before it gets a partition that does not have them.
    private func orderColumns(of table: ObjectIdentity, before node: PlanNode, in graph: inout PlanGraph) {
        for column in fates.from.catalog.children(of: table, kind: .column).map(\.identity) {
            graph.order(dropNode(of: column), before: node, isWish: true)
        }
    }

    private func orderAlteration(of identity: ObjectIdentity, in graph: inout PlanGraph) {
        let alter = PlanNode(.alter, identity)
        if let before = fates.before(identity) {
            for needed in fates.from.needs(of: before) { graph.order(alter, before: dropNode(of: needed)) }
        }
        if let after = fates.after(identity) {
            for needed in fates.to.needs(of: after) {
                graph.order(createNode(of: needed), before: alter)
                graph.order(PlanNode(.alter, needed), before: alter, isWish: true)
            }
        }
        // A sequence is linked to a table that its own owner has by then.
        if let owner = fates.to.owner(of: identity) {
            let table = owner.kind == .column ? fates.to.catalog.parent(of: owner) : owner
            if let table { graph.order(PlanNode(.alter, table), before: alter, isWish: true) }
        }
        for burden in fates.burdens[identity] ?? [] {
            graph.order(dropNode(of: burden), before: alter)
            graph.order(PlanNode(.loosen, burden), before: alter)
            graph.order(alter, before: createNode(of: burden))
            graph.order(alter, before: PlanNode(.fasten, burden))
        }
    }

    private func orderLoosening(of identity: ObjectIdentity, in graph: inout PlanGraph) {
        let loosen = PlanNode(.loosen, identity)
        graph.order(loosen, before: PlanNode(.alter, identity))
        graph.order(loosen, before: dropNode(of: identity))
        for needed in fates.from[identity]?.dependencies ?? [] { graph.order(loosen, before: dropNode(of: needed)) }
        for column in fates.from.catalog.children(of: identity, kind: .column).map(\.identity) {
            graph.order(loosen, before: PlanNode(.alter, column))
            graph.order(loosen, before: dropNode(of: column))
        }
        // What is a part of the parent's index cannot be dropped before.
        for part in parts(of: identity, in: fates.from.catalog) {
            graph.order(loosen, before: dropNode(of: part.identity))
            graph.order(loosen, before: PlanNode(.alter, part.identity))
            if let whole = part.wholeIndex { graph.order(loosen, before: dropNode(of: whole)) }
        }
        // The column stays when a sequence of its own goes, whose name an identity may take.
        if let owner = fates.from.owner(of: identity) { graph.order(loosen, before: dropNode(of: owner)) }
    }

    private func orderFastening(of identity: ObjectIdentity, in graph: inout PlanGraph) {
        let fasten = PlanNode(.fasten, identity)
        graph.order(createNode(of: identity), before: fasten)
        graph.order(PlanNode(.create, identity), before: fasten)
        graph.order(PlanNode(.alter, identity), before: fasten)
        for needed in fates.to[identity]?.dependencies ?? [] {
            graph.order(createNode(of: needed), before: fasten)
            graph.order(PlanNode(.alter, needed), before: fasten)
        }
        // A partition is attached to what its table is by then: it has the columns, and is given the checks, that are wanted.
        for table in fates.to[identity]?.dependencies ?? [] where table.kind == .table {
            orderColumns(of: table, before: fasten, in: &graph)
            for check in fates.to.catalog.children(of: table, kind: .constraint).map(\.identity) {
                graph.order(PlanNode(.alter, check), before: fasten, isWish: true)
            }
        }
        // A table that is logged from now on, or no longer, takes along the sequences that it has by then.
        if let owner = fates.to.owner(of: identity), owner.kind == .column,
            let table = fates.to.catalog.parent(of: owner)
        {
            graph.order(PlanNode(.alter, table), before: fasten)
        }
        // A table has its parent's columns before it is its child.
        for column in fates.to.catalog.children(of: identity, kind: .column).map(\.identity) {
            graph.order(createNode(of: column), before: fasten)
            graph.order(PlanNode(.alter, column), before: fasten)
        }
        for column in fates.from.catalog.children(of: identity, kind: .column).map(\.identity) {
            graph.order(dropNode(of: column), before: fasten)
        }
        // Attaching it takes what fits of its indexes, and builds the others under names of the server's own.
        for part in parts(of: identity, in: fates.to.catalog) {
            for node in [part.identity, part.wholeIndex].compactMap(\.self) {
                graph.order(createNode(of: node), before: fasten)
                graph.order(PlanNode(.alter, node), before: fasten)
            }
        }
    }

    /// The indexes and constraints of a table that are parts of another one's.
    private func parts(of table: ObjectIdentity, in catalog: Catalog) -> [CatalogObject] {
        [CatalogKind.index, .constraint].flatMap { kind in
            catalog.children(of: table, kind: kind).filter { $0.text(.attachedTo) != nil }
        }
    }

    /// Lets names be free before they are taken.
    private func orderNames(in graph: inout PlanGraph) {
        var takers: [NameSlot: [PlanNode]] = [:]
        for identity in fates.fates.keys where fates.isMade(identity) {
            guard let object = fates.to[identity], let create = createNode(of: identity) else { continue }
            for slot in NameSlot.all(of: object) { takers[slot, default: []].append(create) }
        }
        for identity in fates.fates.keys where fates.isGone(identity) {
            guard let object = fates.from[identity], let drop = dropNode(of: identity) else { continue }
            for slot in NameSlot.all(of: object) {
                for create in takers[slot] ?? [] { graph.order(drop, before: create) }
            }
        }
        orderKeys(in: &graph)
        // An identity's sequence takes the name that a serial column's sequence has.
        for identity in fates.fates.keys where identity.kind == .sequence {
            if fates.isGone(identity), let owner = fates.from.owner(of: identity),
                fates.to[owner]?.attributes[.identity] != nil
            {
                graph.order(dropNode(of: identity), before: PlanNode(.alter, owner))
            }
            if fates.isMade(identity), let owner = fates.to.owner(of: identity),
                fates.from[owner]?.attributes[.identity] != nil
            {
                graph.order(PlanNode(.alter, owner), before: PlanNode(.create, identity))
            }
        }
    }

    /// Lets old keys go before foreign keys come: the server takes whichever key of the table it finds first.
    private func orderKeys(in graph: inout PlanGraph) {
        var drops: [ObjectIdentity: [PlanNode]] = [:]
        for identity in fates.fates.keys where identity.kind == .constraint || identity.kind == .index {
            guard fates.isGone(identity), let table = fates.from.catalog.parent(of: identity),
                let drop = dropNode(of: identity)
            else { continue }
            drops[table, default: []].append(drop)
        }
        guard !drops.isEmpty else { return }
        for identity in fates.fates.keys where identity.kind == .constraint && fates.isMade(identity) {
            for key in fates.to[identity]?.dependencies ?? [] where key.kind == .constraint || key.kind == .index {
                guard let table = fates.to.catalog.parent(of: key) else { continue }
                for drop in drops[table] ?? [] { graph.order(drop, before: createNode(of: identity), isWish: true) }
            }
        }
    }

    /// Opens circles at what can be taken off an object and put on it again; returns whether anything was found.
    private mutating func open(_ circles: [[PlanNode]]) -> Bool {
        // A view is the last choice: it takes two statements on something that others may be reading.
        for takesViews in [false, true] {
            var isOpened = false
            for circle in circles {
                let members = Set(circle)
                if openAtBindings(members, takesViews: takesViews) || openAtChildren(members) { isOpened = true }
            }
            if isOpened { return true }
        }
        return false
    }

    private mutating func openAtBindings(_ members: Set<PlanNode>, takesViews: Bool) -> Bool {
        var isOpened = false
        for identity in fates.fates.keys.sorted()
        where takesViews == (identity.kind == .view) && ![.table, .foreignTable].contains(identity.kind) {
            if let create = createNode(of: identity) ?? alterNode(of: identity), members.contains(create),
                let bound = fates.to[identity], let free = fates.to.unbound(identity),
                bound.dependencies.contains(where: { needed in
                    !free.dependencies.contains(needed)
                        && (isMember(createNode(of: needed), of: members)
                            || isMember(alterNode(of: needed), of: members))
                })
            {
                isOpened = fates.fasten(identity) || isOpened
            }
            if let end = dropNode(of: identity) ?? alterNode(of: identity), members.contains(end),
                let bound = fates.from[identity], let free = fates.from.unbound(identity),
                bound.dependencies.contains(where: {
                    !free.dependencies.contains($0) && isMember(dropNode(of: $0), of: members)
                })
            {
                isOpened = fates.loosen(identity) || isOpened
            }
        }
        return isOpened
    }

    /// Lets constraints part from the tables that they would be dropped with.
    private mutating func openAtChildren(_ members: Set<PlanNode>) -> Bool {
        var isOpened = false
        for identity in dropAnchors.keys.sorted()
        where identity.kind == .constraint || identity.kind == .policy
            || identity.kind == .trigger || identity.kind == .rule
        {
            guard isMember(dropNode(of: identity), of: members), let object = fates.from[identity],
                object.dependencies.contains(where: {
                    isMember(dropNode(of: $0), of: members) && dropNode(of: $0) != dropNode(of: identity)
                })
            else { continue }
            isOpened = partingChildren.insert(identity).inserted || isOpened
        }
        return isOpened
    }

    private func alterNode(of identity: ObjectIdentity) -> PlanNode? {
        fates.fates[identity] == .alter ? PlanNode(.alter, identity) : nil
    }

    private func isMember(_ node: PlanNode?, of members: Set<PlanNode>) -> Bool {
        node.map(members.contains) ?? false
    }
}
