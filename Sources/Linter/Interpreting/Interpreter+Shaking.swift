import SQLSyntax

/// Statements that may have taken away what is known, in ways that nobody can follow.
extension Interpreter {
    /// Notes that what is known may be gone, or have another name.
    func shake() { schema.shaking = origin }

    /// How bad it is that something is there already that was made at a place in the history; nil for what the rule says.
    ///
    /// - Parameters:
    ///   - origin: where it was made; nil where that is not known.
    ///   - isFollowed: whether it would have been taken out with the type or function that a CASCADE names.
    /// - Returns: a warning where it may have gone since.
    func severity(since origin: Origin?, isFollowed: Bool = false) -> Severity? {
        let quakes = [schema.shaking, isFollowed ? nil : schema.cascading].compactMap(\.self)
        let isShaken = quakes.contains { quake in
            origin.map { ($0.file, $0.statement) <= (quake.file, quake.statement) } ?? true
        }
        return isShaken ? .warning : nil
    }

    /// Whether a relation goes with a type or a function only in ways that are followed.
    func isFollowed(_ relation: Relation) -> Bool {
        switch relation.kind {
        // One whose columns have no types of their own may be OF a type, and goes with it.
        case .table, .foreignTable: relation.columns.contains { $0.type != nil }
        case .sequence: true
        case .index: relation.index.map { $0.condition == nil && !$0.columns.contains(nil) } ?? false
        case .view, .materializedView: isFollowed(view: relation)
        case .compositeType: false
        }
    }

    /// Whether a view goes only with what it reads, and all that goes only in ways that are followed.
    private func isFollowed(view: Relation) -> Bool {
        // An operator may be a function that goes, and so may a cast that nobody writes down.
        guard !schema.objects.contains(where: { [.operator, .cast].contains($0.key.kind) }) else { return false }
        var seen: Set<QualifiedName> = []
        return isFollowed(view: view, &seen)
    }

    private func isFollowed(view: Relation, _ seen: inout Set<QualifiedName>) -> Bool {
        guard view.isPlainQuery, !view.isRecursive else { return false }
        for key in view.reads where seen.insert(key).inserted {
            guard let read = schema.relations[key] else { return false }
            if [.view, .materializedView].contains(read.kind) {
                guard isFollowed(view: read, &seen) else { return false }
            } else if !isFollowed(read) {
                return false
            }
        }
        return view.reads.allSatisfy { key in
            guard let read = schema.relations[key], read.isTable else { return true }
            return (view.readColumns[key] ?? []).allSatisfy { read.column($0).map(isFollowed) ?? false }
        }
    }

    /// Whether a column goes with a type or a function only in ways that are followed: not as a generated one, nor by way of
    /// another type that is made from it.
    func isFollowed(_ column: SimulatedColumn) -> Bool {
        guard !column.isGenerated, let type = column.type else { return false }
        guard let key = schema.typeKey(type.name) else { return schema.relation(type.name) == nil }
        return schema.types[key].map(isFollowed) ?? false
    }

    /// Whether nothing takes a type along that goes.
    func isFollowed(_ type: SimulatedType) -> Bool {
        if case .enumeration = type.definition { true } else { false }
    }

    /// Whether a constraint goes only with its columns, or the key that it refers to; a check calls and casts nothing then.
    func isFollowed(_ constraint: SimulatedConstraint) -> Bool {
        guard constraint.kind == .check else { return [.primaryKey, .unique, .foreignKey].contains(constraint.kind) }
        return constraint.expression.map { !$0.callsOrCasts } ?? false
    }

    /// How bad it is that something is gone; nil for what the rule says.
    ///
    /// What nobody has seen made may be it again.
    var departedSeverity: Severity? { schema.opening == nil && schema.shaking == nil ? nil : .warning }

    /// Whether what uses types may have gone with one of them, which may have been made anew since.
    func mayHaveGone(withTypes types: [String], since origin: Origin) -> Bool {
        types.contains { text in
            let bare = text.replacing("SETOF ", with: "").replacing("[]", with: "")
            let parts = bare.split(separator: ".").map(String.init)
            guard let last = parts.last else { return false }
            let name = QualifiedName(schema: parts.count > 1 ? parts[0] : nil, name: last)
            let made = schema.relation(name)?.origin ?? schema.typeKey(name).flatMap { schema.types[$0]?.origin }
            let key = schema.creationKey(name)
            let departures = [SimulatedSchema.ObjectKey.Kind.relation, .type].compactMap { kind in
                schema.gone[SimulatedSchema.ObjectKey(kind: kind, name: key)]
            }
            let changes = [made].compactMap(\.self) + departures.filter { $0.renamedTo == nil }.map(\.origin)
            return changes.contains { (origin.file, origin.statement) < ($0.file, $0.statement) }
        }
    }

    /// Notes what CASCADE takes along that is not followed by name: checks, indexes, defaults, views and policies that call.
    func noteCascade(_ drop: Drop) {
        guard drop.cascades else { return }
        switch drop.kind {
        case .table, .foreignTable, .view, .materializedView, .sequence, .index, .trigger, .policy, .rule: return
        case .type, .domain, .function, .procedure, .routine, .aggregate, .schema: schema.cascading = origin
        default: shake()
        }
    }

    /// Whether a function is known to be one that triggers of tables alone can call.
    func isForTriggers(_ name: QualifiedName) -> Bool {
        guard let overloads = schema.routineKey(name).flatMap({ schema.routines[$0] }) else { return false }
        return overloads.allSatisfy { $0.returns == "trigger" }
    }

    /// Takes away the columns of a type that goes.
    func removeColumns(ofType key: QualifiedName) {
        for user in schema.users(ofType: key.name) {
            let columns = schema.relations[user]?.columns ?? []
            for column in columns where column.type?.name.name == key.name {
                guard let type = column.type?.name, (schema.typeKey(type) ?? schema.relationKey(type)) == key else {
                    continue
                }
                for view in schema.views(reading: user, column: column.name) { schema.removeView(view, at: origin) }
                remove(column: column.name, from: user)
            }
        }
    }
}

extension String {
    /// Whether an expression in one spelling calls a function or casts a value.
    fileprivate var callsOrCasts: Bool {
        contains("::")
            || zip(self, dropFirst()).contains { $1 == "(" && ($0.isLetter || $0.isNumber || "_\"".contains($0)) }
    }

    /// Whether SQL that is put together from this expression may take away or rename what is there.
    var mayTakeAway: Bool {
        let words = Set(split { !($0.isLetter || $0 == "_") }.map { $0.uppercased() })
        if !words.isDisjoint(with: ["DROP", "RENAME", "SCHEMA"]) { return true }
        return words.isDisjoint(with: [
            "CREATE", "GRANT", "REVOKE", "COMMENT", "INSERT", "UPDATE", "DELETE", "SELECT", "REFRESH", "ANALYZE", "ADD",
            "ENABLE", "DISABLE", "OWNER", "REINDEX", "SET", "TRUNCATE", "VACUUM",
        ])
    }
}

extension SyntaxNode {
    /// Whether anything in it calls a function or casts a value.
    var callsOrCasts: Bool {
        var found = false
        forEachNode { node in found = found || node.kind == "FuncCall" || node.kind == "TypeCast" }
        return found
    }
}
