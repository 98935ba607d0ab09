import SQLSyntax

/// Statements that may have taken away what is known, in ways that nobody can follow.
extension Interpreter {
    /// Notes that what is known may be gone, or have another name.
    func shake() { schema.shaking = origin }

    /// How bad it is that something is there already that was made at a place in the history; nil for what the rule says.
    func severity(since origin: Origin?) -> Severity? {
        guard let shaking = schema.shaking else { return nil }
        guard let origin else { return .warning }
        return (origin.file, origin.statement) <= (shaking.file, shaking.statement) ? .warning : nil
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
        default: shake()
        }
    }

    /// Takes away the columns of a type that goes.
    func removeColumns(ofType key: QualifiedName) {
        for user in schema.users(ofType: key.name) {
            let columns = schema.relations[user]?.columns ?? []
            for column in columns where column.type?.name.name == key.name {
                if let schema = column.type?.name.schema, schema != key.schema { continue }
                remove(column: column.name, from: user)
            }
        }
    }
}

extension String {
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
