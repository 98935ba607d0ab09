import Catalog

/// What a user says of renames.
public struct RenameChoice: Sendable {
    /// The renames that are said: `public.users=accounts`.
    public var accepted: [String]
    /// Whether what is found without a doubt is taken.
    public var isAutomatic: Bool
    /// What comments in the SQL that is wanted say.
    var annotated: [RenameAnnotation] = []
    /// Renames that are known already.
    var known: [ObjectRename] = []

    /// Makes a choice; without arguments every rename is proposed only.
    public init(accepted: [String] = [], isAutomatic: Bool = false) {
        self.accepted = accepted
        self.isAutomatic = isAutomatic
    }
}

/// Which objects of two schemas are one under two names: level by level, each by the names that those before it have made.
struct Renaming {
    /// A rename that is made.
    struct Taken: Hashable {
        let rename: ObjectRename
        let reason: RenameReason
    }

    let from: Catalog
    let to: Catalog
    /// The renames in the order in which they are made, each by the names at that moment; those of a batch at once.
    private(set) var batches: [[ObjectRename]] = []
    /// The renames that are made.
    private(set) var taken: [Taken] = []
    /// The renames that were found and nobody asked for.
    private(set) var proposed: [ObjectRename] = []
    /// What is, behind the renames, as far as texts tell.
    private(set) var catalog: Catalog

    /// The original identities of those that have others by now.
    private var originals: [ObjectIdentity: ObjectIdentity] = [:]
    /// The objects that have other names by now.
    private var touched: Set<ObjectIdentity> = []

    /// Decides.
    ///
    /// - Throws: ``SchemaDiffError`` for a rename that was asked for and cannot be made.
    init(from: Catalog, to: Catalog, _ choice: RenameChoice) throws {
        self.from = from
        self.to = to
        catalog = from
        let isSearched =
            from.objects.contains { to[$0.identity] == nil } && to.objects.contains { from[$0.identity] == nil }
        let requests = try RenameRequests(choice, from: from, to: to)
        for level in 0...6 {
            var batch = try requests.renames(at: level, in: self)
            // What was said takes part in what is found: a table that was said to be another one is neither gone nor new.
            let said = batch.isEmpty ? catalog : RenameMap(batch.map(\.rename), in: catalog).catalog(catalog)
            let search = RenameSearch(from: said, to: to)
            let whole = isSearched ? search.whole(at: level) : []
            if isSearched, level == CatalogKind.table.renameLevel {
                for rename in search.resembling(besides: whole)
                where !isOccupied(rename, beside: batch.map(\.rename)) && !goesWithSchema(rename) {
                    proposed.append(ObjectRename(original(rename.from), to: rename.to))
                }
            }
            for found in whole + search.parts(at: level) {
                guard let rename = current(found, said: batch), !isOccupied(rename, beside: batch.map(\.rename)),
                    !goesWithSchema(rename)
                else { continue }
                if choice.isAutomatic {
                    batch.append((rename, .automatic))
                } else if isCarried(rename) {
                    batch.append((rename, .carried))
                } else {
                    proposed.append(ObjectRename(original(rename.from), to: rename.to, part: rename.part))
                }
            }
            if !batch.isEmpty { take(batch) }
        }
    }

    /// A rename that was found behind others of its level, by the names before them; nil for one that goes on with them.
    private func current(_ found: ObjectRename, said: [(rename: ObjectRename, reason: RenameReason)]) -> ObjectRename? {
        if found.part == nil, said.contains(where: { $0.rename.to == found.from }) { return nil }
        guard let moved = said.first(where: { $0.rename.part == nil && $0.rename.to == found.from }) else {
            return found
        }
        return ObjectRename(moved.rename.from, to: found.to, part: found.part)
    }

    /// Whether an object seems to lie in another schema for the sole reason that nobody has taken the schema's rename yet.
    private func goesWithSchema(_ rename: ObjectRename) -> Bool {
        rename.isMove
            && proposed.contains {
                $0.from.kind == .schema && $0.from.name == rename.from.schema && $0.to.name == rename.to.schema
            }
    }

    /// Whether an object belongs to, or lies on, something that has another name.
    private func isCarried(_ rename: ObjectRename) -> Bool {
        guard rename.from.kind.isCarried, rename.part == nil, let object = catalog[rename.from] else { return false }
        return ([rename.from] + object.dependencies).contains { named in
            touched.contains(named) || catalog.parent(of: named).map(touched.contains) ?? false
        }
    }

    /// Whether a new name is another object's, of whatever kind.
    func isOccupied(_ rename: ObjectRename, beside others: [ObjectRename]) -> Bool {
        occupant(of: rename, beside: others) != nil
    }

    /// The object that has the new name of another one.
    func occupant(of rename: ObjectRename, beside others: [ObjectRename]) -> ObjectIdentity? {
        guard rename.part == nil, let object = catalog[rename.from] else { return nil }
        let renamed = CatalogObject(rename.to, attributes: object.attributes)
        let slots = Set(NameSlot.all(of: renamed))
        guard !slots.isEmpty else { return nil }
        return catalog.objects.first { other in
            other.identity != rename.from && other.identity.name == rename.to.name
                && !others.contains { $0.from == other.identity && $0.part == nil }
                && NameSlot.all(of: other).contains(where: slots.contains)
        }?.identity
    }

    /// What an object was called in the beginning.
    func original(_ identity: ObjectIdentity) -> ObjectIdentity { originals[identity] ?? identity }

    /// What an object of the beginning is called by now.
    func current(of original: ObjectIdentity) -> ObjectIdentity {
        batchMaps.reduce(original) { $1[$0] ?? $0 }
    }

    /// The objects of some kinds that have other names in the end: from before to behind.
    func names(of kinds: Set<CatalogKind>) -> [ObjectIdentity: ObjectIdentity] {
        Dictionary(
            uniqueKeysWithValues: originals.filter { kinds.contains($0.value.kind) }.map { ($0.value, $0.key) }
        )
    }

    /// For each batch, the objects that it called otherwise: from before to behind.
    private var batchMaps: [[ObjectIdentity: ObjectIdentity]] = []

    private mutating func take(_ batch: [(rename: ObjectRename, reason: RenameReason)]) {
        let renames = batch.map(\.rename)
        let map = RenameMap(renames, in: catalog)
        batches.append(renames)
        for (rename, reason) in batch {
            taken.append(
                Taken(rename: ObjectRename(original(rename.from), to: rename.to, part: rename.part), reason: reason)
            )
        }
        let changed = map.changed(in: catalog)
        for object in catalog.objects where map.isRenamed(object.identity) {
            touched.insert(map.object(object).identity)
        }
        // What was touched before may be called otherwise by now.
        let behind = Dictionary(uniqueKeysWithValues: changed.map { ($0.value, $0.key) })
        touched = Set(touched.map { behind[$0] ?? $0 })
        var next: [ObjectIdentity: ObjectIdentity] = [:]
        for (new, old) in changed { next[new] = originals[old] ?? old }
        for (new, old) in originals where behind[new] == nil { next[new] = old }
        originals = next
        batchMaps.append(behind)
        catalog = map.catalog(catalog)
    }

    /// The statements of all batches, each with the rename that it is for, from the beginning to the end.
    var steps: [(rename: ObjectRename, statements: [PlanStatement])] {
        var current = from
        var index = 0
        return batches.flatMap { batch in
            let statements = RenameStatements(in: current, to: to).steps(for: batch)
            current = RenameMap(batch, in: current).catalog(current)
            let finals = Dictionary(uniqueKeysWithValues: zip(batch, taken[index...]).map { ($0, $1.rename) })
            index += batch.count
            return statements.map { (finals[$0.rename] ?? $0.rename, $0.statements) }
        }
    }
}
