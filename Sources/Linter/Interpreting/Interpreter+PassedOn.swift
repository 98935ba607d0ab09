import SQLSyntax

/// What a table has from another one: from its parents as long as they have it, from LIKE once and for all.
extension Interpreter {
    /// The tables above one, over all levels.
    private func ancestors(of key: QualifiedName, arePartitioned: Bool = false) -> [QualifiedName] {
        var found: [QualifiedName] = []
        var seen: Set = [key]
        var next = schema.relations[key]?.parents ?? []
        while let table = next.popLast() {
            guard let relation = schema.relations[table], seen.insert(table).inserted,
                !arePartitioned || relation.partitionStrategy != nil || !relation.hasColumnList
            else { continue }
            found.append(table)
            next += relation.parents
        }
        return found
    }

    /// Whether a table may have a constraint that is not its own.
    func mayInherit(constraint name: String, to key: QualifiedName) -> Bool {
        if schema.relations[key]?.mayHaveOthersParts == true { return true }
        // The server chooses the names of a partition's keys.
        let isPartition = ancestors(of: key, arePartitioned: true).contains { parent in
            guard let relation = schema.relations[parent] else { return false }
            return !relation.hasColumnList || relation.mayHaveOthersParts || !relation.constraints.isEmpty
        }
        if isPartition { return true }
        return ancestors(of: key).contains { parent in
            guard let relation = schema.relations[parent] else { return false }
            return !relation.hasColumnList || relation.mayHaveOthersParts || relation.constraint(name)?.kind == .check
        }
    }

    /// Whether a table may have a unique key on columns that is not its own.
    ///
    /// - Parameters:
    ///   - columns: the columns; empty for those of the primary key.
    ///   - key: the table.
    /// - Returns: whether it may.
    func mayInherit(keyOn columns: Set<String>, to key: QualifiedName) -> Bool {
        if schema.relations[key]?.mayHaveOthersParts == true { return true }
        return ancestors(of: key, arePartitioned: true).contains { parent in
            guard let relation = schema.relations[parent] else { return false }
            if !relation.hasColumnList || relation.mayHaveOthersParts { return true }
            let hasKey = relation.constraints.contains {
                $0.kind == .primaryKey && columns.isEmpty
                    || [.primaryKey, .unique].contains($0.kind) && Set($0.columns) == columns
            }
            return hasKey
                || relation.indexes.contains { name in
                    guard let index = schema.relations[name]?.index, index.isUnique else { return false }
                    return Set(index.columns.compactMap(\.self)) == columns
                }
        }
    }

    /// Whether a partition may have a trigger from above.
    func mayInherit(trigger name: String, to key: QualifiedName) -> Bool {
        ancestors(of: key, arePartitioned: true).contains { parent in
            guard let relation = schema.relations[parent] else { return false }
            return !relation.hasColumnList || relation.triggers[name] != nil
        }
    }

    /// Whether an index of that name may be one that the server has made and named for a partition or a copy.
    func mayBeOthersIndex(_ name: QualifiedName) -> Bool {
        let path = name.schema.map { [$0] } ?? schema.searchPath
        var end = name.name.endIndex
        while let place = name.name[..<end].lastIndex(of: "_") {
            let table = String(name.name[..<place])
            for schemaName in path {
                let key = QualifiedName(schema: schemaName, name: table)
                guard let relation = schema.relations[key] else { continue }
                if relation.mayHaveOthersParts || !ancestors(of: key, arePartitioned: true).isEmpty { return true }
            }
            end = place
        }
        return false
    }

    /// Notes that a table leaves its parent: what it had from there stays as its own.
    func keepParts(of parent: QualifiedName, in child: QualifiedName) {
        let models = [parent] + ancestors(of: parent)
        for constraint in models.flatMap({ schema.relations[$0]?.constraints ?? [] }) where constraint.kind == .check {
            guard schema.relations[child]?.constraint(constraint.name) == nil else { continue }
            schema.relations[child]?.constraints.append(constraint)
        }
        if schema.relations[parent]?.partitionStrategy != nil || schema.relations[parent]?.hasColumnList == false {
            schema.relations[child]?.mayHaveOthersParts = true
        }
    }

    /// Copies what LIKE … INCLUDING names of a table's constraints and indexes.
    func copyParts(_ parsed: ParsedStatement, to key: QualifiedName, certainty: Certainty) {
        for clause in parsed.syntax?.children("table_elts") ?? [] where clause.kind == "TableLikeClause" {
            let options = LikeOptions(rawValue: clause.number("options") ?? 0)
            guard let name = clause.child("relation")?.relation?.name, let other = schema.relationKey(name),
                other != key, let model = schema.relations[other]
            else { continue }
            if options.contains(.constraints) {
                let parents = ancestors(of: other).flatMap { schema.relations[$0]?.constraints ?? [] }
                for var check in model.constraints + parents where check.kind == .check {
                    guard schema.relations[key]?.constraint(check.name) == nil else { continue }
                    check.origin = origin
                    check.certainty = min(check.certainty, isConditional ? .maybe : certainty)
                    schema.relations[key]?.constraints.append(check)
                }
            }
            guard options.contains(.indexes) else { continue }
            if model.mayHaveOthersParts || !ancestors(of: other, arePartitioned: true).isEmpty {
                schema.relations[key]?.mayHaveOthersParts = true
            }
            for index in model.indexes { copy(index: index, of: model, to: key, certainty: certainty) }
        }
    }

    private func copy(index name: QualifiedName, of model: Relation, to key: QualifiedName, certainty: Certainty) {
        guard let relation = schema.relations[name], var index = relation.index else { return }
        let constraint = index.constraint.flatMap { model.constraint($0) }
        let label =
            switch constraint?.kind {
            case .primaryKey: "pkey"
            case .unique: "key"
            case .exclusion: "excl"
            default: "idx"
            }
        // The server names an expression by what it calls.
        if index.columns.contains(nil) { schema.relations[key]?.mayHaveOthersParts = true }
        let columns = index.columns.map { $0 ?? "expr" } + index.included
        let chosen = chosenName(key.name, constraint?.kind == .primaryKey ? [] : columns, label) { name in
            schema.relations.has(QualifiedName(schema: key.schema, name: name))
        }
        let certainty = min(certainty, relation.certainty)
        index.table = key
        index.constraint = constraint == nil ? nil : chosen
        index.certainty = min(index.certainty, certainty)
        var made = Relation(.index, certainty: certainty, origin: origin)
        made.index = index
        let madeKey = QualifiedName(schema: key.schema, name: chosen)
        place(made, at: madeKey)
        if schema.relations[key]?.indexes.contains(madeKey) == false { schema.relations[key]?.indexes.append(madeKey) }
        guard var copied = constraint else { return }
        copied.name = chosen
        copied.origin = origin
        copied.certainty = min(copied.certainty, isConditional ? .maybe : certainty)
        schema.relations[key]?.constraints.append(copied)
        guard copied.kind == .primaryKey else { return }
        for column in copied.columns {
            if let place = schema.relations[key]?.position(of: column) {
                schema.relations[key]?.columns[place].isNotNull = true
            }
        }
    }
}

/// What LIKE copies beside the columns: PostgreSQL's `TableLikeOption`.
struct LikeOptions: OptionSet {
    let rawValue: Int

    static let constraints = LikeOptions(rawValue: 1 << 2)
    static let defaults = LikeOptions(rawValue: 1 << 3)
    static let generated = LikeOptions(rawValue: 1 << 4)
    static let identity = LikeOptions(rawValue: 1 << 5)
    static let indexes = LikeOptions(rawValue: 1 << 6)
}
