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
        let source = node.child("select_stmt")
        let outputs = source.flatMap { read($0) }
        let key = enter(relation, as: "excluded")
        if let source, let key, let relation {
            interpreter.needWidth(
                of: source,
                outputs: outputs?.count,
                node.children("cols").count,
                key,
                at: relation.location
            )
        }
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

    mutating func readMerge(_ node: SyntaxNode) {
        let key = enter(node.child("relation")?.relation)
        defer { scopes.removeLast() }
        if let source = node.child("source_relation") { readFrom(source) }
        if let condition = node.child("join_condition") { readExpression(condition) }
        for clause in node.children("merge_when_clauses") {
            if let condition = clause.child("condition") { readExpression(condition) }
            for target in clause.children("target_list") {
                need(target, of: key)
                if let value = target.child("val") { readExpression(value) }
            }
            for value in clause.children("values") { readExpression(value) }
        }
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
    /// Looks whether an INSERT gives as many values as there are columns for them.
    ///
    /// - Parameters:
    ///   - source: the query or the values.
    ///   - outputs: how many columns the query gives; nil if that is not known.
    ///   - targets: how many columns are named; 0 where none are.
    ///   - key: the table.
    ///   - offset: where the statement names it.
    func needWidth(of source: SyntaxNode, outputs: Int?, _ targets: Int, _ key: QualifiedName, at offset: Int?) {
        let rows = source.child("larg") == nil ? source.children("values_lists").map { $0.children("items") } : []
        var width = outputs
        if let first = rows.first {
            if rows.joined().contains(where: { $0.columnReference?.parts.last == "*" || QueryReader.isWholeRow($0) }) {
                return
            }
            width = first.count
            if let other = rows.first(where: { $0.count != first.count }) {
                report(
                    .insertWidth,
                    "one row has \(first.count) values and another one \(other.count): this fails with `VALUES lists must all be the same "
                        + "length`",
                    at: offset
                )
                return
            }
        }
        guard let width else { return }
        if targets > 0 {
            guard width != targets else { return }
            report(
                .insertWidth,
                "\(width) values are given for \(targets) columns of \(key.shortened): this fails with `INSERT has more "
                    + "\(width > targets ? "expressions than target columns" : "target columns than expressions")`",
                at: offset
            )
            return
        }
        guard let relation = schema.relations[key], relation.hasColumnList, schema.opening == nil,
            width > relation.columns.count
        else { return }
        report(
            .insertWidth,
            "\(width) values are given, and \(key.shortened) has \(relation.columns.count) columns "
                + "(\(words(for: relation.origin))): this fails with `INSERT has more expressions than target columns`",
            at: offset,
            relation.isKnown ? severity(since: relation.origin) : .warning,
            next: "name the columns"
        )
    }

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
