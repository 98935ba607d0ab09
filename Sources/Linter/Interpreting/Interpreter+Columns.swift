import SQLSyntax

/// What ALTER TABLE does to columns.
extension Interpreter {
    func add(_ column: ColumnDefinition, to key: QualifiedName, isGuarded: Bool) {
        let user = "column \(Identifier.quote(column.name)) of \(key.shortened)"
        if let parent = partitionedParent(of: key) {
            report(
                .wrongKind,
                "\(key.shortened) is a partition of \(parent.shortened): this fails with `cannot add column to a partition`",
                at: column.location,
                next: "add the column to \(parent.shortened)"
            )
            return
        }
        if let place = schema.relations[key]?.position(of: column.name),
            let there = schema.relations[key]?.columns[place]
        {
            if isGuarded {
                skip(column, over: there, key: key)
                if isProving { schema.relations[key]?.columns[place].certainty = .sure }
                return
            }
            if there.certainty != .maybe {
                let severity = severity(since: there.origin, isFollowed: isFollowed(there))
                report(
                    .objectMayExist,
                    "\(user) exists since \(words(for: there.origin)): this fails with `column \"\(column.name)\" of relation "
                        + "\"\(key.name)\" already exists`",
                    at: column.location,
                    severity
                )
                if severity == nil { return }
            } else {
                report(
                    .objectMayExist,
                    "\(user) is declared by the guarded statement at \(words(for: there.origin)): on a new database this fails "
                        + "with `column \"\(column.name)\" of relation \"\(key.name)\" already exists`",
                    at: column.location,
                    severity(since: there.origin, isFollowed: isFollowed(there)),
                    next: "write ADD COLUMN IF NOT EXISTS"
                )
            }
            schema.relations[key]?.columns.remove(at: place)
        }
        if column.constraint(.identity) != nil, schema.relations[key]?.children.isEmpty == false {
            report(
                .wrongKind,
                "\(key.shortened) has child tables: this fails with `cannot recursively add identity column to table that has child "
                    + "tables`",
                at: column.location
            )
        }
        needType(column.type, for: user)
        var made = SimulatedColumn(column, origin: origin)
        // The guard says that it may be there, then with a definition of its own.
        let mayBeThere = isGuarded && schema.relations[key]?.isKnown != true && self.mayBeThere(key)
        if mayBeThere { made.definitionCertainty = .maybe }
        if isConditional { made.certainty = .maybe }
        schema.relations[key]?.columns.append(made)
        schema.relations[key]?.goneColumns[column.name] = nil
        schema.relations[key]?.phantoms[column.name] = nil
        if column.hasSequence {
            let given = column.constraint(.identity)?.sequence
            makeOwnedSequence(for: column.name, of: key, named: given, mayBeOther: mayBeThere)
        }
        for child in schema.descendants(of: key) where schema.relations[child]?.position(of: column.name) == nil {
            var inherited = made
            inherited.isInherited = true
            schema.relations[child]?.columns.append(inherited)
        }
        let wasTentative = isTentative
        isTentative = wasTentative || mayBeThere
        for constraint in column.constraints {
            add(constraint, column: column.name, to: key, certainty: mayBeThere ? .maybe : .sure)
        }
        isTentative = wasTentative
    }

    func skip(_ column: ColumnDefinition, over there: SimulatedColumn, key: QualifiedName) {
        guard there.origin != origin else { return }
        var found = differences(of: column, from: there, key: key)
        let relation = schema.relations[key]
        for constraint in column.constraints
        where [.foreignKey, .check, .unique, .primaryKey].contains(constraint.kind) {
            if relation.map({ lacks(constraint, columns: [column.name], $0, key: key) }) != false {
                let what = constraint.words(column: column.name)
                let isThere =
                    relation.map { !lacks(constraint, columns: [column.name], $0.validated, key: key) } ?? false
                found.append(isThere ? "the \(what) is there, but NOT VALID" : "there is no \(what)")
            }
        }
        guard !found.isEmpty else { return }
        report(
            .addColumnIfNotExistsDiffers,
            "column \(Identifier.quote(column.name)) of \(key.shortened) exists since \(words(for: there.origin)), so this does "
                + "nothing, and what it declares is not so: " + found.listed,
            at: column.location,
            // Where the table was there before, the column may be as this statement says.
            there.certainty == .sure ? nil : .warning,
            next: "change the column with ALTER COLUMN, and add constraints with ADD CONSTRAINT"
        )
    }

    func change(
        _ name: String,
        of key: QualifiedName,
        _ user: String,
        _ body: (inout SimulatedColumn) -> Void
    ) {
        needColumn(name, of: key, at: nil, for: user)
        guard let place = schema.relations[key]?.position(of: name) else { return }
        if var column = schema.relations[key]?.columns[place] {
            body(&column)
            schema.relations[key]?.columns[place] = column
        }
        for child in schema.descendants(of: key) {
            guard let place = schema.relations[child]?.position(of: name),
                var column = schema.relations[child]?.columns[place]
            else { continue }
            body(&column)
            schema.relations[child]?.columns[place] = column
        }
    }

    func dropColumn(_ name: String, of key: QualifiedName, _ action: AlterTableAction) {
        guard let relation = schema.relations[key] else { return }
        if relation.position(of: name) == nil {
            if action.isTolerant {
                reportSkippedDrop(
                    of: "column",
                    name,
                    in: key,
                    relation.hasColumnList,
                    relation.columns.map(\.name),
                    relation.goneColumns[name]
                )
                return
            }
            needColumn(name, of: key, at: nil, for: "DROP COLUMN")
        } else if !action.isTolerant {
            needColumn(name, of: key, at: nil, for: "DROP COLUMN")
        }
        if let why = fixture(name, of: key) {
            report(
                .dropNeedsCascade,
                "column \(Identifier.quote(name)) of \(key.shortened) cannot be dropped: \(why), and CASCADE does not help",
                relation.column(name)?.certainty == .maybe ? .warning : nil
            )
            return
        }
        take(column: name, from: key, action)
    }

    /// Takes a column out of a table, and of those that have it from there alone.
    private func take(column name: String, from key: QualifiedName, _ action: AlterTableAction) {
        checkViews(of: name, key, action)
        checkUsers(of: name, key, action)
        let isPartitioned = schema.relations[key]?.partitionStrategy != nil
        let children = schema.relations[key]?.children ?? []
        remove(column: name, from: key)
        for child in children where inheritedFrom(name, child) == nil {
            guard let column = schema.relations[child]?.column(name), column.isInherited || isPartitioned else {
                continue
            }
            take(column: name, from: child, action)
        }
    }

    /// The views that read a column: they stand in the way, or go along.
    private func checkViews(of name: String, _ key: QualifiedName, _ action: AlterTableAction) {
        let views = schema.views(reading: key, column: name)
        if !action.cascades, let view = views.first {
            report(
                .dropNeedsCascade,
                "column \(Identifier.quote(name)) of \(key.shortened) is read by view \(view.shortened) "
                    + "(\(words(for: schema.relations[view]?.origin ?? origin))): this fails with `cannot drop column … because other "
                    + "objects depend on it`",
                next: "drop or replace the view first"
            )
        }
        if action.cascades { for view in views { schema.removeView(view, at: origin) } }
    }

    /// The foreign keys to a column, and the policies and triggers that name it: they stand in the way, or go along.
    func checkUsers(of name: String, _ key: QualifiedName, _ action: AlterTableAction) {
        let policies = schema.relations[key]?.policyColumns.filter { $0.value.contains(name) }.keys.sorted() ?? []
        let triggers = schema.relations[key]?.triggerColumns.filter { $0.value.contains(name) }.keys.sorted() ?? []
        let foreignKeys = schema.foreignKeys(to: key, withOwn: true).filter {
            $0.constraint.referencedColumns.contains(name)
                && !($0.table == key && $0.constraint.columns.contains(name))
        }
        let user =
            foreignKeys.first.map { "foreign key \(Identifier.quote($0.constraint.name)) of \($0.table.shortened)" }
            ?? policies.first.map { "policy \(Identifier.quote($0))" }
            ?? triggers.first.map { "trigger \(Identifier.quote($0))" }
        if !action.cascades, let user {
            report(
                .dropNeedsCascade,
                "\(user) depends on column \(Identifier.quote(name)) of \(key.shortened): this fails with `cannot drop column … because "
                    + "other objects depend on it`",
                next: "drop it first, or write CASCADE"
            )
        }
        for user in foreignKeys {
            schema.relations[user.table]?.removeConstraint(user.constraint.name)
        }
        for policy in policies {
            schema.relations[key]?.policies[policy] = nil
            schema.relations[key]?.policyColumns[policy] = nil
        }
        for trigger in triggers {
            schema.relations[key]?.triggers[trigger] = nil
            schema.relations[key]?.triggerFunctions[trigger] = nil
            schema.relations[key]?.triggerColumns[trigger] = nil
        }
    }

    /// Why the server never drops a column; nil where it does.
    func fixture(_ name: String, of key: QualifiedName) -> String? {
        guard let relation = schema.relations[key] else { return nil }
        if relation.partitionColumns.contains(name) { return "the table is partitioned by it" }
        return inheritedFrom(name, key).map { "it is inherited from \($0.shortened)" }
    }

    /// The partitioned table that a table is a part of; nil for others.
    func partitionedParent(of key: QualifiedName) -> QualifiedName? {
        schema.relations[key]?.parents.first { schema.relations[$0]?.partitionStrategy != nil }
    }

    /// The parent that a column comes from; nil for one of the table's own.
    func inheritedFrom(_ name: String, _ key: QualifiedName) -> QualifiedName? {
        schema.relations[key]?.parents.first { schema.relations[$0]?.column(name) != nil }
    }

    /// Takes away the sequences that a column owns.
    func removeOwnedSequences(of column: String, _ key: QualifiedName) {
        for name in schema.users(ofRelation: key) {
            guard let owner = schema.relations[name]?.owner, owner.table == key, owner.column == column else {
                continue
            }
            schema.remove(name, at: origin)
        }
    }

    /// Takes a column out, with the indexes and constraints on it.
    func remove(column name: String, from key: QualifiedName) {
        guard let relation = schema.relations[key] else { return }
        schema.relations[key]?.columns.removeAll { $0.name == name }
        schema.relations[key]?.goneColumns[name] = SimulatedSchema.Departure(origin: origin)
        schema.relations[key]?.constraints.removeAll { $0.columns.contains(name) }
        removeOwnedSequences(of: name, key)
        for (statistics, columns) in relation.statistics where columns.contains(name) {
            schema.remove(SimulatedObject.Key(kind: .statistics, name: statistics), at: origin)
        }
        for index in relation.indexes {
            if schema.relations[index]?.index?.namedColumns.contains(name) == true {
                schema.remove(index, at: origin)
            } else if schema.relations[index]?.index?.certainty == .maybe {
                // Another index of its name may have been on this column.
                schema.relations[index]?.certainty = .maybe
            }
        }
    }
}
