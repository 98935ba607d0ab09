import Catalog

/// What becomes of each object on the way from one catalog to another.
struct Fates {
    enum Fate: Hashable {
        case create
        case drop
        /// It stays, and is changed.
        case alter
        /// It is dropped and created again.
        case rebuild
    }

    let from: Relatives
    let to: Relatives
    /// What needs each object of the one side; known where anything goes away or is altered without what needs it.
    private var dependants: [ObjectIdentity: [ObjectIdentity]] = [:]
    /// The fate of every object that does not just stay as it is.
    private(set) var fates: [ObjectIdentity: Fate] = [:]
    /// The objects that lose their binding before anything else is done to them (``Binding``).
    private(set) var loosened: Set<ObjectIdentity> = []
    /// The objects that get their binding after everything else.
    private(set) var fastened: Set<ObjectIdentity> = []
    /// The tables whose TOAST table gets its settings when the columns are there that it comes with; those that are
    /// ``fastened`` for nothing else keep their parents.
    private var lateToast: [ObjectIdentity: ToastTiming] = [:]
    private enum ToastTiming { case alone, withParents }
    /// What has to be dropped before an object is altered and created again behind it, beyond what needs it directly.
    private(set) var burdens: [ObjectIdentity: Set<ObjectIdentity>] = [:]

    init(from: Catalog, to: Catalog, options: PlanOptions, rules: KindRules) throws {
        self.from = Relatives(of: from)
        self.to = Relatives(of: to)
        let context = PlanContext(from: from, to: to, options: options)
        var gone: [ObjectIdentity] = []
        var altered: [ObjectIdentity] = []
        for change in CatalogChanges(from: from, to: to).changes {
            let identity = change.identity
            guard change.before != nil else {
                fates[identity] = .create
                continue
            }
            guard change.after != nil else {
                fates[identity] = .drop
                gone.append(identity)
                continue
            }
            guard change.isPlanned else { continue }
            fates[identity] = .alter
            guard change.concernsRule else { continue }
            switch try rules.rule(for: identity.kind).alter(change, in: context) {
            case .inPlace: break
            case .withoutDependants: altered.append(identity)
            case .rebuild:
                fates[identity] = .rebuild
                gone.append(identity)
            }
        }
        takeWholes(of: &gone)
        if !altered.isEmpty || !gone.isEmpty { dependants = self.from.dependants() }
        unburden(altered, gone: &gone)
        spread(&gone)
        for case (let identity, .alter) in fates where [.table, .foreignTable].contains(identity.kind) {
            move(identity)
        }
        for case (let identity, let fate) in fates where fate == .create || fate == .rebuild {
            // An owner is nothing that a sequence needs at its birth, and its column may need it.
            if identity.kind == .sequence, to[identity]?.attributes[.ownedBy] != nil { fastened.insert(identity) }
        }
        postponeToast()
    }

    /// Lets a table leave its parents before anything is done to what it has from them, and come to others behind it.
    private mutating func move(_ identity: ObjectIdentity) {
        guard let before = from[identity], let after = to[identity] else { return }
        let isMoved =
            before.text(.partitionOf) != after.text(.partitionOf)
            || before.text(.partitionBound) != after.text(.partitionBound)
        if isMoved, before.text(.partitionOf) != nil { loosened.insert(identity) }
        let isNewChild = before.list(.inherits).isEmpty && !after.list(.inherits).isEmpty
        if isMoved && after.text(.partitionOf) != nil || isNewChild { fastened.insert(identity) }
    }

    /// Lets the settings of a TOAST table wait for columns where it may come with one, or come anew: the server forgets what
    /// is set while no column needs it.
    private mutating func postponeToast() {
        for table in to.catalog.objects(of: .table) where !isMade(table.identity) {
            guard table.list(.storageParameters).contains(where: { $0.hasPrefix("toast.") }) else { continue }
            let columns = to.catalog.children(of: table.identity, kind: .column)
            guard columns.contains(where: { fates[$0.identity] != nil }),
                !columns.contains(where: { fates[$0.identity] == nil && $0.isSurelyToasted })
            else { continue }
            lateToast[table.identity] = fastened.contains(table.identity) ? .withParents : .alone
            fastened.insert(table.identity)
        }
    }

    /// Makes an index of a partitioned table anew where a part of it goes and its table stays: no statement takes a part off.
    private mutating func takeWholes(of gone: inout [ObjectIdentity]) {
        var next = 0
        while next < gone.count {
            let part = gone[next]
            next += 1
            guard let whole = from[part]?.wholeIndex, to[whole] != nil, !isGone(whole),
                let table = from.catalog.parent(of: part), !isGone(table), let before = from[table],
                let after = to[table], before.text(.partitionOf) == after.text(.partitionOf),
                before.text(.partitionBound) == after.text(.partitionBound)
            else { continue }
            fates[whole] = .rebuild
            gone.append(whole)
        }
    }

    /// Whether a function goes while another one of its name comes: a call that both fit is refused.
    private func isOverloaded(_ function: ObjectIdentity) -> Bool {
        guard [.function, .aggregate].contains(function.kind) else { return false }
        return [CatalogKind.function, .aggregate].contains { kind in
            to.catalog.objects(of: kind).contains {
                $0.identity.name == function.name && $0.identity.schema == function.schema && isMade($0.identity)
            }
        }
    }

    /// Takes what goes away from under the objects that need it.
    private mutating func spread(_ gone: inout [ObjectIdentity]) {
        while let identity = gone.popLast() {
            for dependant in dependants[identity] ?? [] where to[dependant] != nil && fates[dependant] != .rebuild {
                if let isLoosened = loosen(dependant, from: identity), isLoosened { continue }
                if leavesParent(dependant, identity) { continue }
                let isChild = from.catalog.parent(of: dependant) == identity
                // What is altered has what it needs after it; where that is what goes away for good, it needs something else.
                // A foreign key is the exception: while the old key is there, the server may take that one for it again.
                if fates[dependant] == .alter, !isChild, dependant.kind != .constraint,
                    fates[identity] == .drop || !needsAfterwards(dependant, identity), !isOverloaded(identity),
                    !isInTheWay(identity, ofWhatIsNeededBy: dependant)
                {
                    continue
                }
                fates[dependant] = .rebuild
                gone.append(dependant)
            }
        }
    }

    /// Whether a column stays in its table while the parent's that it came from goes away with its table, or without it.
    private func leavesParent(_ column: ObjectIdentity, _ origin: ObjectIdentity) -> Bool {
        guard column.kind == .column, origin.kind == .column, column.name == origin.name,
            let table = from.catalog.parent(of: column), let parent = from.catalog.parent(of: origin), table != parent
        else { return false }
        return isGone(parent) && !isGone(table)
    }

    /// Whether an object has to go before another one is altered that a dependant of both needs afterwards: it cannot be altered
    /// before the one and behind the other.
    private func isInTheWay(_ identity: ObjectIdentity, ofWhatIsNeededBy dependant: ObjectIdentity) -> Bool {
        to[dependant]?.dependencies.contains { burdens[$0]?.contains(identity) ?? false } ?? false
    }

    private func needsAfterwards(_ dependant: ObjectIdentity, _ needed: ObjectIdentity) -> Bool {
        to[dependant]?.dependencies.contains(needed) ?? false
    }

    /// Takes an object's binding off where that is all that ties it to another one; returns nil if it has none.
    private mutating func loosen(_ identity: ObjectIdentity, from needed: ObjectIdentity) -> Bool? {
        guard identity.kind != .view, from.catalog.parent(of: identity) != needed, let loose = from.unbound(identity)
        else { return nil }
        guard !loose.dependencies.contains(needed) else { return false }
        loosened.insert(identity)
        if to.unbound(identity) != nil { fastened.insert(identity) }
        if fates[identity] == nil { fates[identity] = .alter }
        return true
    }

    /// Finds what cannot stay while objects are altered under it.
    private mutating func unburden(_ altered: [ObjectIdentity], gone: inout [ObjectIdentity]) {
        var seen: [ObjectIdentity: Int] = [:]
        for identity in altered {
            var waiting = [identity]
            var visited: Set<ObjectIdentity> = [identity]
            // Nearest first: what is made of the very type is not what only lies on one of its columns.
            var next = 0
            while next < waiting.count {
                let needed = waiting[next]
                next += 1
                for dependant in dependants[needed] ?? [] where visited.insert(dependant).inserted {
                    guard from.catalog.parent(of: dependant) != needed, let object = from[dependant] else { continue }
                    if identity.kind == .column { seen[dependant, default: 0] += 1 }
                    if Self.follows(object, needed) {
                        waiting.append(dependant)
                        let isOther = object.text(.definition) != to[dependant]?.text(.definition)
                        if fates[dependant] == .alter, object.isIndexOfExpressions || isOther && object.isCheck {
                            // Its expressions may not fit the new type; it is another index afterwards anyhow.
                            fates[dependant] = .rebuild
                            gone.append(dependant)
                        }
                        // Each column is altered by itself: what compares two of them holds in between only if it is away.
                        guard object.comparesColumns, seen[dependant, default: 0] > 1 else { continue }
                    }
                    burdens[identity, default: []].insert(dependant)
                    guard to[dependant] != nil, fates[dependant] != .rebuild else { continue }
                    if loosen(dependant, from: needed) == true { continue }
                    fates[dependant] = .rebuild
                    gone.append(dependant)
                }
            }
        }
    }

    /// Whether the server itself sees to a dependant when what it needs is altered (manual, ALTER TABLE, SET DATA TYPE).
    private static func follows(_ dependant: CatalogObject, _ needed: ObjectIdentity) -> Bool {
        switch dependant.identity.kind {
        case .index, .constraint: [.column, .constraint, .index].contains(needed.kind)
        // The server makes them again, for whoever runs the statement and without the target that was set.
        case .statistics:
            needed.kind == .column && dependant.attributes[.statistics] == nil && dependant.text(.owner) == nil
        // A child table's columns are altered with their parent's.
        case .column:
            needed.kind != .function
                && (dependant.attributes[.generated] == nil
                    || needed.kind == .column && needed.parent != dependant.identity.parent)
        case .table: needed.kind == .compositeType
        case .sequence: true
        default: false
        }
    }

    /// An object as it is once it was loosened.
    func before(_ identity: ObjectIdentity) -> CatalogObject? {
        loosened.contains(identity) ? from.unbound(identity) ?? from[identity] : from[identity]
    }

    /// An object as it is wanted until it is fastened.
    func after(_ identity: ObjectIdentity) -> CatalogObject? {
        guard fastened.contains(identity) else { return to[identity] }
        let timing = lateToast[identity]
        let after = timing == .alone ? to[identity] : to.unbound(identity) ?? to[identity]
        return timing == nil ? after : after?.withoutToastSettings
    }

    /// The new table that a column is created with; nil for everything else.
    func tableCreated(with identity: ObjectIdentity) -> ObjectIdentity? {
        guard identity.kind == .column, let parent = to.catalog.parent(of: identity), isMade(parent) else { return nil }
        return parent
    }

    func isGone(_ identity: ObjectIdentity) -> Bool { fates[identity] == .drop || fates[identity] == .rebuild }
    func isMade(_ identity: ObjectIdentity) -> Bool { fates[identity] == .create || fates[identity] == .rebuild }

    /// Takes the binding off an object first, to open a circle; returns whether it had one and kept it so far.
    mutating func loosen(_ identity: ObjectIdentity) -> Bool {
        guard from.unbound(identity) != nil, loosened.insert(identity).inserted else { return false }
        if to[identity] != nil {
            if to.unbound(identity) != nil { fastened.insert(identity) }
            if fates[identity] == nil { fates[identity] = .alter }
        }
        return true
    }

    /// Puts the binding of an object on later, to open a circle; returns whether it has one and had it in time so far.
    mutating func fasten(_ identity: ObjectIdentity) -> Bool {
        guard to.unbound(identity) != nil else { return false }
        return fastened.insert(identity).inserted
    }
}

extension Relatives {
    subscript(identity: ObjectIdentity) -> CatalogObject? { catalog[identity] }
}

extension ObjectChange {
    /// Whether there is anything to do.
    ///
    /// No statement changes the order of columns, nor whether a child table declares a column that its parent has too.
    var isPlanned: Bool {
        before == nil || after == nil
            || attributes.contains { $0.name != .position && !($0.name == .inherited && isParentsColumnToo) }
    }

    /// Whether it is a column that a parent of its table has afterwards.
    private var isParentsColumnToo: Bool {
        guard identity.kind == .column, let after else { return false }
        return after.dependencies.contains { $0.kind == .column && $0.name == identity.name }
    }

    /// Whether something differs that is not common to all kinds.
    var concernsRule: Bool {
        // Default privileges are nothing but what others share.
        if identity.kind == .defaultPrivileges { return isPlanned }
        let common: Set<AttributeName> = [.owner, .comment, .grants, .securityLabels, .position]
        return attributes.contains { !common.contains($0.name) }
    }
}

extension CatalogObject {
    /// Whether a table with this column has a TOAST table, whatever else it has.
    fileprivate var isSurelyToasted: Bool {
        guard let type = text(.type) else { return false }
        return type.hasSuffix("[]")
            || ["text", "character varying", "bytea", "json", "jsonb", "xml", "tsvector"].contains(type)
    }

    fileprivate var withoutToastSettings: CatalogObject {
        var attributes = attributes
        attributes[.storageParameters] = .list(list(.storageParameters).filter { !$0.hasPrefix("toast.") })
        return CatalogObject(identity, attributes: attributes, dependencies: dependencies)
    }

    /// Whether it is an index in whose definition more than names of columns stand.
    fileprivate var isIndexOfExpressions: Bool {
        guard identity.kind == .index, let definition = text(.definition) else { return false }
        return definition.count { $0 == "(" } > 1 || definition.contains(" WHERE ")
    }

    fileprivate var isCheck: Bool {
        identity.kind == .constraint && text(.definition)?.hasPrefix("CHECK") == true
    }

    /// Whether it is a constraint that holds values of several columns against each other.
    fileprivate var comparesColumns: Bool {
        guard identity.kind == .constraint, let definition = text(.definition) else { return false }
        return definition.hasPrefix("FOREIGN KEY") || definition.hasPrefix("CHECK")
    }
}
