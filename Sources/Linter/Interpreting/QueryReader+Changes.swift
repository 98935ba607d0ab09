import SQLSyntax

/// INSERT, UPDATE and DELETE.
extension QueryReader {
    /// Puts a table into a new scope.
    private mutating func enter(_ relation: RelationReference?, as other: String? = nil) -> QualifiedName? {
        scopes.append([])
        guard let relation, let key = interpreter.need(relation.name, at: relation.location) else { return nil }
        if reads[key] == nil { reads[key] = [] }
        add(Item(alias: relation.alias ?? relation.name.name, columns: columns(of: key), key: key))
        if let other { add(Item(alias: other, columns: columns(of: key), key: key)) }
        return key
    }

    mutating func readInsert(_ node: SyntaxNode) -> [String]? {
        let relation = node.child("relation")?.relation
        if let source = node.child("select_stmt") { read(source) }
        let key = enter(relation, as: "excluded")
        defer { scopes.removeLast() }
        for target in node.children("cols") { need(target, of: key) }
        if let conflict = node.child("on_conflict_clause") {
            if let key { readArbiter(conflict, of: key) }
            for target in conflict.children("target_list") {
                need(target, of: key)
                // `excluded` and the table have the same columns: a name alone means the table's.
                if let value = target.child("val") { readExpression(value) }
            }
            if let condition = conflict.child("where_clause") { readExpression(condition) }
        }
        return readReturning(node)
    }

    private mutating func readArbiter(_ conflict: SyntaxNode, of key: QualifiedName) {
        guard let target = conflict.child("infer") else { return }
        if let name = target.text("conname") {
            interpreter.needConstraint(name, of: key, at: conflict.location, for: "ON CONFLICT")
            return
        }
        let columns = target.children("index_elems").map { $0.text("name") }
        for column in columns.compactMap(\.self) {
            interpreter.needColumn(column, of: key, at: conflict.location, for: "ON CONFLICT")
        }
        guard !columns.contains(nil) else { return }
        interpreter.needArbiter(columns.compactMap(\.self), of: key, at: conflict.location)
    }

    mutating func readUpdate(_ node: SyntaxNode) -> [String]? {
        let key = enter(node.child("relation")?.relation)
        defer { scopes.removeLast() }
        for item in node.children("from_clause") { readFrom(item) }
        for target in node.children("target_list") {
            need(target, of: key)
            if let value = target.child("val") { readExpression(value) }
        }
        if let condition = node.child("where_clause") { readExpression(condition) }
        return readReturning(node)
    }

    mutating func readDelete(_ node: SyntaxNode) -> [String]? {
        _ = enter(node.child("relation")?.relation)
        defer { scopes.removeLast() }
        for item in node.children("using_clause") { readFrom(item) }
        if let condition = node.child("where_clause") { readExpression(condition) }
        return readReturning(node)
    }

    private mutating func readReturning(_ node: SyntaxNode) -> [String]? {
        let outputs = readTargets(node.children("returning_list"))
        return outputs.contains(nil) ? nil : outputs.compactMap(\.self)
    }

    mutating func need(_ target: SyntaxNode, of key: QualifiedName?) {
        guard let key, let column = target.text("name") else { return }
        reads[key, default: []].insert(column)
        interpreter.needColumn(column, of: key, at: target.location, for: user)
    }
}

extension Interpreter {
    /// Looks up the unique key that `ON CONFLICT (…)` needs.
    func needArbiter(_ columns: [String], of key: QualifiedName, at offset: Int?) {
        guard let relation = schema.relations[key], relation.hasColumnList, schema.opening == nil else { return }
        let wanted = Set(columns)
        let keys = relation.constraints.filter {
            [.primaryKey, .unique].contains($0.kind) && Set($0.columns) == wanted
        }
        if keys.contains(where: { $0.certainty == .sure }) { return }
        let indexes = relation.indexes.compactMap { schema.relations[$0]?.index }.filter { index in
            index.isUnique && index.constraint == nil && Set(index.columns.compactMap(\.self)) == wanted
        }
        if !indexes.isEmpty || mayInherit(keyOn: wanted, to: key) { return }
        let list = columns.map(Identifier.quote).joined(separator: ", ")
        if let maybe = keys.first {
            report(
                .onConflictNoArbiter,
                "ON CONFLICT (\(list)) needs the unique key of \(key.shortened) that only the guarded statement at "
                    + "\(words(for: maybe.origin)) declares: without it this fails",
                at: offset,
                .warning
            )
            return
        }
        report(
            .onConflictNoArbiter,
            "ON CONFLICT (\(list)) needs a unique key of \(key.shortened) on exactly these columns, and there is none: this fails with "
                + "`there is no unique or exclusion constraint matching the ON CONFLICT specification`",
            at: offset,
            next: "add the key first"
        )
    }

    /// Reads a condition on a table that may have sub-queries.
    func readCondition(_ node: SyntaxNode, of key: QualifiedName, for user: String) {
        var reader = QueryReader(self, for: user)
        reader.readCondition(node, of: key)
    }
}
