import Catalog

/// Which statement of a plan stands in which file, and in which order files can be loaded.
struct FolderLayout: Hashable {
    private let catalog: Catalog
    /// The statements of each file, in their order.
    private(set) var statements: [FolderPlace: [String]] = [:]
    /// The files in an order in which they can be loaded.
    private(set) var order: [FolderPlace] = []
    /// The files whose parts come late.
    private var divided: Set<ObjectIdentity> = []

    init(of catalog: Catalog) {
        self.catalog = catalog
    }

    /// The object in whose file another one stands: itself, or what it belongs to.
    private func holder(of identity: ObjectIdentity) -> ObjectIdentity {
        if let parent = catalog.parent(of: identity) { return holder(of: parent) }
        guard let object = catalog[identity] else { return identity }
        switch identity.kind {
        case .sequence where object.attributes[.ownedBy] != nil:
            // A sequence that a column owns is made with its table.
            let owner = object.dependencies.first { $0.kind == .column || $0.kind == .table }
            return owner.map(holder) ?? identity
        case .table, .foreignTable:
            // A partition has its constraints and indexes from the whole, at the moment in which it becomes a part.
            let whole = object.dependencies.first {
                $0.kind == .table && $0.qualifiedName == object.text(.partitionOf)
            }
            return whole.map(holder) ?? identity
        default: return identity
        }
    }

    private func isForeignKey(_ identity: ObjectIdentity) -> Bool {
        identity.kind == .constraint && catalog[identity]?.text(.definition)?.hasPrefix("FOREIGN KEY") ?? false
    }

    /// Distributes the statements of a plan that makes the schema.
    mutating func place(_ plan: SchemaPlan) {
        var rounds = 0
        while true {
            let placed = placed(plan.steps)
            let graph = FileGraph(placed, in: catalog, holder: holder, place: place)
            // Files in a circle give away what can come later; what is left then is loaded by trying again.
            let more = graph.circles.flatMap(\.self).filter { !divided.contains($0) }
            rounds += 1
            guard more.isEmpty || rounds > 2 else {
                divided.formUnion(more)
                continue
            }
            order = graph.sorted
            statements = Dictionary(placed.map { ($0.place, $0.step.statements.map(\.sql)) }, uniquingKeysWith: +)
            return
        }
    }

    /// One step of the plan, where it stands.
    struct PlacedStep {
        let step: SchemaPlan.Step
        let place: FolderPlace
        let holder: ObjectIdentity
    }

    private func placed(_ steps: [SchemaPlan.Step]) -> [PlacedStep] {
        steps.map { step in
            PlacedStep(
                step: step,
                place: place(of: step.identity, isFirst: !step.isSecond),
                holder: holder(of: step.identity)
            )
        }
    }

    private func place(of identity: ObjectIdentity) -> FolderPlace { place(of: identity, isFirst: true) }

    private func place(of identity: ObjectIdentity, isFirst: Bool) -> FolderPlace {
        let holder = holder(of: identity)
        if isForeignKey(identity) { return FolderPlace(of: holder, .foreignKeys) }
        let isLate =
            if identity.kind == .sequence {
                false
            } else {
                !isFirst
                    || divided.contains(holder) && holder != identity && identity.kind != .column
                        && identity.kind != .viewColumn
            }
        return FolderPlace(of: holder, isLate ? .late : .object)
    }
}

/// What files need of each other.
private struct FileGraph {
    /// The files in an order that keeps to what they need, as far as there is one.
    private(set) var sorted: [FolderPlace] = []
    /// The objects whose files need each other.
    private(set) var circles: [[ObjectIdentity]] = []

    init(
        _ steps: [FolderLayout.PlacedStep],
        in catalog: Catalog,
        holder: (ObjectIdentity) -> ObjectIdentity,
        place: (ObjectIdentity) -> FolderPlace
    ) {
        var numbers: [FolderPlace: Int] = [:]
        var places: [FolderPlace] = []
        var holders: [ObjectIdentity] = []
        // Default privileges would be given to what is made behind them.
        let ordered =
            steps.filter { $0.holder.kind != .defaultPrivileges }
            + steps.filter { $0.holder.kind == .defaultPrivileges }
        for step in ordered where numbers[step.place] == nil {
            numbers[step.place] = places.count
            places.append(step.place)
            holders.append(step.holder)
        }
        let fastened = Set(steps.filter(\.step.isSecond).map(\.step.identity))
        var needs = Array(repeating: Set<Int>(), count: places.count)
        func add(_ file: Int, _ dependencies: [ObjectIdentity]) {
            for needed in dependencies {
                guard let other = numbers[place(needed)], other != file else { continue }
                needs[file].insert(other)
            }
        }
        for step in steps {
            guard let file = numbers[step.place] else { continue }
            let identity = step.step.identity
            guard let object = catalog[identity] else { continue }
            let isLoose = fastened.contains(identity) && !step.step.isSecond
            let bound = isLoose ? Binding.removed(from: object, in: catalog) ?? object : object
            add(file, bound.dependencies)
            if step.step.isSecond || step.place.part != .object, let own = numbers[place(step.holder)], own != file {
                needs[file].insert(own)
            }
            // A table is made with its columns.
            guard [.table, .foreignTable].contains(identity.kind), !step.step.isSecond else { continue }
            for column in catalog.children(of: identity, kind: .column) {
                let isLoose = fastened.contains(column.identity)
                add(file, (isLoose ? Binding.removed(from: column, in: catalog) ?? column : column).dependencies)
            }
        }
        circles = StrongComponents(needs.map { Array($0).sorted() }).groups.filter { $0.count > 1 }.map { group in
            group.map { holders[$0] }
        }
        sort(places, needs)
    }

    /// Takes the first file, in the plan's order, that needs nothing more; where all need something, the first.
    private mutating func sort(_ places: [FolderPlace], _ needs: [Set<Int>]) {
        var missing = needs.map(\.count)
        var dependants = Array(repeating: [Int](), count: places.count)
        for (file, needed) in needs.enumerated() { for other in needed { dependants[other].append(file) } }
        var ready = Set(places.indices.filter { missing[$0] == 0 })
        var waiting = Set(places.indices)
        while let next = ready.min() ?? waiting.min() {
            ready.remove(next)
            waiting.remove(next)
            sorted.append(places[next])
            for file in dependants[next] where waiting.contains(file) {
                missing[file] -= 1
                if missing[file] == 0 { ready.insert(file) }
            }
        }
    }
}
