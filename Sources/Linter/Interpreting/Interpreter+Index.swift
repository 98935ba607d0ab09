import SQLSyntax

/// `CREATE INDEX`.
extension Interpreter {
    func apply(_ create: CreateIndex) {
        guard let key = need(create.table.name, at: create.table.location) else { return }
        if create.isConcurrent, refusesConcurrently(key, at: create.table.location) { return }
        if create.isUnique {
            needPartitionColumns(in: create.elements.map(\.column), of: key, at: create.table.location)
        }
        let user = create.name.map { "index \(Identifier.quote($0))" } ?? "an index of \(key.shortened)"
        let name = create.name
        if let name {
            let indexKey = QualifiedName(schema: key.schema, name: name)
            switch making(QualifiedName(name: name), key: indexKey, .index, isGuarded: create.ifNotExists, at: nil) {
            case .skipped(let existing):
                skip(create, key: indexKey, table: key, over: existing, user: user)
                return
            case .conflict:
                return
            case .new:
                make(create, key: indexKey, table: key, user: user, certainty: .sure)
            case .guarded:
                reportInvalid(create, key: indexKey)
                if let existing = schema.relations[indexKey], let index = existing.index {
                    reportDifferences(create, key: indexKey, table: key, existing, index, .warning)
                }
                make(create, key: indexKey, table: key, user: user, certainty: .maybe)
            }
        } else {
            let columns = create.elements.map { $0.column ?? "expr" }
            let chosen = chosenName(key.name, columns + create.includedColumns, "idx") { name in
                schema.relations.has(QualifiedName(schema: key.schema, name: name))
            }
            make(create, key: QualifiedName(schema: key.schema, name: chosen), table: key, user: user, certainty: .sure)
        }
    }

    /// The index is there whether or not this statement made it, so what it is built on is looked up either way.
    private func needColumns(of create: CreateIndex, table: QualifiedName, user: String) {
        for element in create.elements {
            if let column = element.column {
                needColumn(column, of: table, at: create.table.location, for: user)
            }
            needColumns(of: element.expression, in: table, for: user)
        }
        for column in create.includedColumns { needColumn(column, of: table, at: create.table.location, for: user) }
        needColumns(of: create.condition, in: table, for: user)
    }

    private func make(
        _ create: CreateIndex,
        key: QualifiedName,
        table: QualifiedName,
        user: String,
        certainty: Certainty
    ) {
        needColumns(of: create, table: table, user: user)
        var relation = Relation(.index, origin: origin)
        relation.index = SimulatedIndex(create, table: table, certainty: certainty)
        place(relation, at: key)
        if schema.relations[table]?.indexes.contains(key) == false { schema.relations[table]?.indexes.append(key) }
    }

    private func skip(
        _ create: CreateIndex,
        key: QualifiedName,
        table: QualifiedName,
        over existing: Relation,
        user: String
    ) {
        guard let index = existing.index else { return }
        if index.table == table, let collision = create.name, collision.utf8.count >= Identifier.maximumLength,
            SimulatedIndex(create, table: table).differs(from: index)
        {
            report(
                .truncatedNameCollision,
                "the name is cut to \(Identifier.maximumLength) bytes, and is then that of the index at "
                    + "\(words(for: existing.origin)): this one is never made",
                next: "shorten both names so that they differ"
            )
        }
        if !reportDifferences(create, key: key, table: table, existing, index) { reportInvalid(create, key: key) }
    }

    /// Reports where an index of the name is another one.
    ///
    /// - Parameters:
    ///   - create: the guarded statement.
    ///   - key: the index's name.
    ///   - table: the table that it is to be on.
    ///   - existing: the index that is there, or may be.
    ///   - index: what it is.
    ///   - severity: how bad it is; nil for what the rule says.
    /// - Returns: whether it is another one.
    @discardableResult
    private func reportDifferences(
        _ create: CreateIndex,
        key: QualifiedName,
        table: QualifiedName,
        _ existing: Relation,
        _ index: SimulatedIndex,
        _ severity: Severity? = nil
    ) -> Bool {
        let there = existing.certainty == .sure ? "exists" : "may exist"
        guard index.table == table else {
            report(
                .indexIfNotExistsDiffers,
                "index \(key.shortened) \(there) since \(words(for: existing.origin)) on \(index.table.shortened): IF NOT EXISTS "
                    + "looks at the name alone, so \(table.shortened) gets none",
                severity,
                next: "give the index a name of its own"
            )
            return true
        }
        let differences = SimulatedIndex(create, table: index.table).differences(from: index)
        guard !differences.isEmpty else { return false }
        report(
            .indexIfNotExistsDiffers,
            "index \(key.shortened) \(there) since \(words(for: existing.origin)) with another definition, "
                + "so this does nothing: " + differences.listed,
            severity,
            next: "give the new index another name, and drop the old one afterwards"
        )
        return true
    }

    /// A build without a transaction that fails leaves an invalid index, which the guard takes for the index.
    private func reportInvalid(_ create: CreateIndex, key: QualifiedName) {
        // Lastro drops what its own cut builds left before it tries again.
        guard create.isConcurrent, options.runner != .lastro else { return }
        report(
            .indexIfNotExistsInvalid,
            "if an earlier try failed, \(key.shortened) is there and invalid: IF NOT EXISTS keeps it, queries do not use it, and "
                + "a unique one checks nothing",
            next: "put DROP INDEX CONCURRENTLY IF EXISTS \(key.shortened) before it, and leave IF NOT EXISTS out"
        )
    }
}

extension SimulatedIndex {
    init(_ create: CreateIndex, table: QualifiedName, certainty: Certainty = .sure) {
        let named =
            create.elements.compactMap(\.column) + create.includedColumns
            + create.elements.flatMap { $0.expression?.columns.compactMap(\.parts.last) ?? [] }
            + (create.condition?.columns.compactMap(\.parts.last) ?? [])
        self.init(
            table: table,
            elements: create.elements.map { element in
                let what = element.column.map(Identifier.quote) ?? element.expression?.sql.withoutCasts ?? ""
                return what + (element.isDescending ? " DESC" : "")
                    + (element.operatorClass.map { " \($0.name)" } ?? "")
            },
            columns: create.elements.map(\.column),
            isUnique: create.isUnique,
            method: create.method,
            condition: create.condition?.sql.withoutCasts,
            included: create.includedColumns,
            certainty: certainty,
            namedColumns: Set(named)
        )
    }

    func differs(from other: SimulatedIndex) -> Bool { !differences(from: other).isEmpty }

    /// What this one is declared as and the other one is not.
    func differences(from other: SimulatedIndex) -> [String] {
        var found: [String] = []
        if elements != other.elements {
            found.append(
                "it is on (\(other.elements.joined(separator: ", "))), not (\(elements.joined(separator: ", ")))"
            )
        }
        if isUnique != other.isUnique { found.append(isUnique ? "it is not unique" : "it is unique") }
        if method != other.method { found.append("it is of method \(other.method), not \(method)") }
        if condition != other.condition {
            found.append(
                other.condition == nil
                    ? "it holds all rows" : "it holds other rows: those where \(other.condition ?? "")"
            )
        }
        if Set(included) != Set(other.included) { found.append("it includes other columns") }
        return found
    }
}
