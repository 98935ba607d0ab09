import SQLSyntax

/// What refers to what: a large schema is not looked through for each drop and rename.
extension SimulatedSchema {
    /// Notes what the relations refer to that were written to since the last call.
    mutating func settle() {
        for name in relations.takeUnsettled() {
            for mentioned in relations[name]?.mentions ?? [] { users[mentioned, default: []].insert(name) }
        }
    }

    /// The relations that may refer to something, by name; some of them may do so no longer.
    func users(of key: ObjectKey) -> [QualifiedName] {
        var names = users[key] ?? []
        for name in relations.unsettled where relations[name]?.mentions.contains(key) == true { names.insert(name) }
        if let keptUsers { names.formUnion(keptUsers.users(of: key)) }
        return names.filter { relations.has($0) }.sorted()
    }

    /// The relations that may refer to another one.
    func users(ofRelation name: QualifiedName) -> [QualifiedName] {
        users(of: ObjectKey(kind: .relation, name: name))
    }

    /// The relations that may have a column of a type of that name, whatever its schema.
    func users(ofType name: String) -> [QualifiedName] {
        users(of: ObjectKey(kind: .type, name: QualifiedName(name: name)))
    }
}

extension Relation {
    /// What it refers to: other relations, and types that the history may have made.
    var mentions: [SimulatedSchema.ObjectKey] {
        var names = reads
        for constraint in constraints {
            if let referenced = constraint.referenced { names.append(referenced) }
        }
        if let owner { names.append(owner.table) }
        var keys = names.map { SimulatedSchema.ObjectKey(kind: .relation, name: $0) }
        for column in columns {
            guard let type = column.type?.name, type.schema != "pg_catalog", !BuiltInTypes.contains(type) else {
                continue
            }
            keys.append(SimulatedSchema.ObjectKey(kind: .type, name: QualifiedName(name: type.name)))
        }
        return keys
    }
}
