import SQLSyntax

/// What may be in a database after a part of the history.
///
/// Never copied: a call on it while it belongs to an object would copy all its dictionaries' references each time.
struct SimulatedSchema: ~Copyable, Sendable {
    var relations = Tracked<QualifiedName, Relation>(isFollowed: true)
    /// The relations that refer to something; some may do so no longer, and the newest are missing until ``settle()``.
    var users: [ObjectKey: Set<QualifiedName>] = [:]
    /// The same of relations that were kept.
    var keptUsers: KeptUsers?
    var types: Tracked<QualifiedName, SimulatedType> = [:]
    var routines: Tracked<QualifiedName, [SimulatedRoutine]> = [:]
    var schemas: Tracked<String, Certainty> = ["public": .sure]
    var extensions: Tracked<String, SimulatedExtension> = [:]
    /// What is neither a relation nor a type nor a routine.
    var objects: Tracked<SimulatedObject.Key, SimulatedObject> = [:]
    /// What the history dropped or renamed, by kind and name.
    var gone: Tracked<ObjectKey, Departure> = [:]
    /// Relations whose names have capital letters, by the name without them.
    var mixedCase: Tracked<QualifiedName, QualifiedName> = [:]
    /// The tables whose triggers call a function; some of them may do so no longer.
    var triggerUsers: Tracked<QualifiedName, Set<QualifiedName>> = [:]
    /// Where names without a schema are looked for and made.
    var searchPath = ["public"]
    /// The statement that could not be read, after which things may be there that nobody has seen made.
    var opening: Origin?
    /// The last statement that may have taken away or renamed what is known, in a way that nobody can follow.
    var shaking: Origin?
    /// The last CASCADE of a type, a function or a schema, which may have taken along what uses it in an expression.
    var cascading: Origin?
    /// Whether the history begins with everything that is there.
    var knowsStart = false
    /// Enum labels that the current transaction has added.
    var freshLabels: [QualifiedName: Set<String>] = [:]
    /// The states that may be gone back to.
    var marks: [Mark] = []

    /// What was taken away, and where.
    struct Departure: Sendable {
        let origin: Origin
        /// The new name of what was renamed or moved.
        var renamedTo: QualifiedName?
        /// The guarded creation that made it, unless something else stood there and went, or stayed, in its place.
        var guardedBy: Origin?
    }

    struct ObjectKey: Hashable, Sendable {
        enum Kind: Hashable, Sendable { case relation, type, routine }
        let kind: Kind
        let name: QualifiedName
    }

    /// The relation that a name means; nil if none is known.
    func relationKey(_ name: QualifiedName) -> QualifiedName? {
        if name.schema != nil { return relations.has(name) ? name : nil }
        let temporary = QualifiedName(schema: "pg_temp", name: name.name)
        if relations.has(temporary) { return temporary }
        for schema in searchPath {
            let key = QualifiedName(schema: schema, name: name.name)
            if relations.has(key) { return key }
        }
        return nil
    }

    /// The relation that a name means, or would mean if it were made.
    func key(of name: QualifiedName) -> QualifiedName { relationKey(name) ?? creationKey(name) }

    func relation(_ name: QualifiedName) -> Relation? { relationKey(name).flatMap { relations[$0] } }

    /// The type that a name means; nil if none is known.
    func typeKey(_ name: QualifiedName) -> QualifiedName? {
        if name.schema != nil { return types.has(name) ? name : nil }
        return searchPath.lazy.map { QualifiedName(schema: $0, name: name.name) }.first { types.has($0) }
    }

    func routineKey(_ name: QualifiedName) -> QualifiedName? {
        if name.schema != nil { return routines.has(name) ? name : nil }
        return searchPath.lazy.map { QualifiedName(schema: $0, name: name.name) }.first { routines.has($0) }
    }

    /// Where a name without a schema is made.
    func creationKey(_ name: QualifiedName, persistence: Persistence = .permanent) -> QualifiedName {
        if persistence == .temporary { return QualifiedName(schema: "pg_temp", name: name.name) }
        return QualifiedName(schema: name.schema ?? searchPath.first ?? "public", name: name.name)
    }

    /// Whether a relation is of the server's own catalogs.
    static func isSystem(_ name: QualifiedName) -> Bool {
        switch name.schema {
        case "pg_catalog", "information_schema", "pg_toast": true
        case nil: name.name.hasPrefix("pg_")
        default: false
        }
    }

    /// The tables below one, over all levels: those that inherit from it, or its partitions.
    func descendants(of key: QualifiedName) -> [QualifiedName] {
        var found: [QualifiedName] = []
        var seen: Set = [key]  // a table may have two parents
        var next = relations[key]?.children ?? []
        while let table = next.popLast() {
            guard seen.insert(table).inserted else { continue }
            found.append(table)
            next += relations[table]?.children ?? []
        }
        return found
    }

    // MARK: Taking away

    mutating func remove(_ key: QualifiedName, at origin: Origin) {
        guard let relation = relations.removeValue(forKey: key) else { return }
        gone[ObjectKey(kind: .relation, name: key)] = Departure(
            origin: origin,
            guardedBy: relation.isGuarded ? relation.origin : nil
        )
        for index in relation.indexes { remove(index, at: origin) }
        for name in relation.statistics.keys {
            objects[SimulatedObject.Key(kind: .statistics, name: name)] = SimulatedObject(isGone: true, origin: origin)
        }
        if let index = relation.index { relations[index.table]?.indexes.removeFirst(key) }
        for parent in relation.parents { relations[parent]?.children.removeFirst(key) }
        for name in users(ofRelation: key) where relations[name]?.owner?.table == key { remove(name, at: origin) }
        // Partitions go with their parent; children by inheritance need CASCADE.
        for child in relation.children {
            guard relation.partitionStrategy != nil else { continue }
            takeAlong(child) { $0.remove(child, at: origin) }
        }
    }

    /// Takes away what goes with something else, unless a guarded creation found another object, which stays with all that
    /// is on it: they may be there from here on.
    private mutating func takeAlong(_ key: QualifiedName, _ body: (inout SimulatedSchema) -> Void) {
        guard let relation = relations[key], relation.isGuarded || relation.blindGuard != nil && !relation.isAssumed
        else { return body(&self) }
        mark()
        body(&self)
        doubtSinceMark()
        relations[key]?.shape = .open
        relations[key]?.columns = []
        relations[key]?.constraints = []
        relations[key]?.parents = []
        relations[key]?.reads = []
        relations[key]?.readColumns = [:]
        relations[key]?.blindGuard = relation.origin
    }

    /// Takes a table away with its children, and with what reads or refers to any of them.
    mutating func removeTree(_ key: QualifiedName, at origin: Origin) {
        for view in views(reading: key) { removeView(view, at: origin) }
        for user in foreignKeys(to: key) { relations[user.table]?.removeConstraint(user.constraint.name) }
        for child in relations[key]?.children ?? [] { removeChild(child, at: origin) }
        remove(key, at: origin)
    }

    /// Takes a table away that goes with its parent, and what goes with it.
    mutating func removeChild(_ key: QualifiedName, at origin: Origin) {
        takeAlong(key) { $0.removeTree(key, at: origin) }
    }

    /// Takes a view away that goes with what it reads, and all that reads it.
    mutating func removeView(_ key: QualifiedName, at origin: Origin) {
        takeAlong(key) { schema in
            let readers = schema.views(reading: key)
            schema.remove(key, at: origin)
            for reader in readers { schema.removeView(reader, at: origin) }
        }
    }

    mutating func rename(_ key: QualifiedName, to new: QualifiedName, at origin: Origin) {
        guard var relation = relations.removeValue(forKey: key) else { return }
        gone[ObjectKey(kind: .relation, name: key)] = Departure(origin: origin, renamedTo: new)
        gone.clear(ObjectKey(kind: .relation, name: new))
        for index in relation.indexes {
            relations[index]?.index?.table = new
            if key.schema != new.schema, let moved = relations.removeValue(forKey: index) {
                let name = QualifiedName(schema: new.schema, name: index.name)
                relations[name] = moved
                relation.indexes.removeAll { $0 == index }
                relation.indexes.append(name)
            }
        }
        if let index = relation.index, let place = relations[index.table]?.indexes.firstIndex(of: key) {
            relations[index.table]?.indexes[place] = new
        }
        // A constraint and its index have one name.
        if let index = relation.index, let name = index.constraint {
            if let place = relations[index.table]?.constraints.firstIndex(where: { $0.name == name }) {
                relations[index.table]?.constraints[place].name = new.name
            }
            relation.index?.constraint = new.name
        }
        for parent in relation.parents {
            relations[parent]?.children.removeAll { $0 == key }
            relations[parent]?.children.append(new)
        }
        for child in relation.children {
            relations[child]?.parents.removeAll { $0 == key }
            relations[child]?.parents.append(new)
        }
        relations[new] = relation
        for name in relation.statistics.keys {
            objects[SimulatedObject.Key(kind: .statistics, name: name)]?.table = new
        }
        for function in relation.triggerFunctions.values { triggerUsers[function, default: []].insert(new) }
        for name in users(ofRelation: key) {
            guard let other = relations[name] else { continue }
            if other.reads.contains(key) {
                relations[name]?.reads = other.reads.map { $0 == key ? new : $0 }
                relations[name]?.readColumns[new] = other.readColumns[key]
                relations[name]?.readColumns[key] = nil
            }
            if other.owner?.table == key { relations[name]?.owner?.table = new }
            if other.constraints.contains(where: { $0.referenced == key }) {
                for index in other.constraints.indices where other.constraints[index].referenced == key {
                    relations[name]?.constraints[index].referenced = new
                }
            }
        }
    }

    /// The views that read a relation, or a column of it.
    func views(reading key: QualifiedName, column: String? = nil) -> [QualifiedName] {
        users(ofRelation: key).filter { name in
            guard let view = relations[name], view.kind == .view || view.kind == .materializedView,
                view.reads.contains(key)
            else { return false }
            guard let column else { return true }
            return view.readColumns[key]?.contains(column) ?? false
        }
    }

    /// All views that read a relation, also through others.
    func views(behind key: QualifiedName) -> Set<QualifiedName> {
        var found: Set<QualifiedName> = []
        var next = views(reading: key)
        while let view = next.popLast() {
            if found.insert(view).inserted { next += views(reading: view) }
        }
        return found
    }

    /// The foreign keys that rely on a unique index on which no constraint stands: the server takes the oldest that fits.
    func foreignKeys(servedBy key: QualifiedName) -> [(table: QualifiedName, constraint: SimulatedConstraint)] {
        guard let relation = relations[key], let table = relation.index?.table, let columns = columns(ofUnique: key)
        else {
            return []
        }
        let keys = foreignKeys(to: table, withOwn: true).filter { Set($0.constraint.referencedColumns) == columns }
        if keys.isEmpty { return [] }
        let hasOlder = relations[table]?.indexes.contains { other in
            // One that may not be there leaves the keys to this one.
            guard other != key, let older = relations[other], older.certainty == .sure, older.index?.certainty == .sure,
                columns == self.columns(ofUnique: other)
            else { return false }
            let origin = older.origin
            // Which of those is older that a database holds, the order in which it is told does not say.
            if knowsStart, origin.file == 0, relation.origin.file == 0 { return false }
            return (origin.file, origin.statement) < (relation.origin.file, relation.origin.statement)
        }
        return hasOlder == true ? [] : keys
    }

    /// The columns that a unique index keeps apart for all rows; nil for another index.
    private func columns(ofUnique key: QualifiedName) -> Set<String>? {
        guard let index = relations[key]?.index, index.isUnique, index.condition == nil else { return nil }
        let columns = index.columns.compactMap(\.self)
        return columns.count == index.columns.count ? Set(columns) : nil
    }

    /// What searches are served by indexes of a table that serve more: the elements that these begin with, or the same
    /// where no two rows have them, each with the first such index.
    func prefixes(servedBy table: QualifiedName) -> [[String]: QualifiedName] {
        var served: [[String]: QualifiedName] = [:]
        for key in relations[table]?.indexes ?? [] {
            guard let index = relations[key]?.index, index.condition == nil, index.method == "btree" else { continue }
            for count in 0..<(index.elements.count + (index.isUnique ? 1 : 0)) {
                let elements = Array(index.elements.prefix(count))
                if served[elements] == nil { served[elements] = key }
            }
        }
        return served
    }

    /// The foreign keys that refer to a table, each with the table that it is of.
    func foreignKeys(to key: QualifiedName, withOwn: Bool = false) -> [(
        table: QualifiedName, constraint: SimulatedConstraint
    )] {
        users(ofRelation: key).flatMap { name in
            (relations[name]?.constraints ?? [])
                .filter { $0.kind == .foreignKey && $0.referenced == key && (withOwn || name != key) }
                .map { (name, $0) }
        }
    }
}

extension [QualifiedName] {
    fileprivate mutating func removeFirst(_ name: QualifiedName) {
        if let place = firstIndex(of: name) { remove(at: place) }
    }
}

/// A type that the history made.
struct SimulatedType: Sendable {
    enum Definition: Sendable {
        case enumeration([String])
        case composite
        case domain(isConstrained: Bool, base: TypeReference?)
        case other
    }

    var definition: Definition
    var certainty = Certainty.sure
    /// Whether it may have been there before with another definition.
    var isGuarded = false
    /// The labels that only a guarded creation declares.
    var guardedLabels: Set<String> = []
    var origin: Origin
}

/// A function or a procedure that the history made.
struct SimulatedRoutine: Sendable {
    var isProcedure: Bool
    /// The types of its arguments, in one spelling.
    var arguments: [String]
    var argumentNames: [String?]
    var requiredCount: Int
    var returns: String
    var isSecurityDefiner: Bool
    var hasSearchPath: Bool
    var isVolatile: Bool
    var certainty = Certainty.sure
    /// Whether it may make or take away objects when it is called.
    var changesSchema = false
    /// Whether it commits or rolls back.
    var endsTransactions = false
    var origin: Origin
}

/// An extension that the history made.
struct SimulatedExtension: Sendable {
    var certainty = Certainty.sure
    var schema: String?
    var version: String?
    var origin: Origin
}
