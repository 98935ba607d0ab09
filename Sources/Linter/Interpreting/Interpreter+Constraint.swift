import SQLSyntax

/// Adding constraints.
extension Interpreter {
    /// Adds a constraint to a table, with the index behind it.
    ///
    /// - Parameters:
    ///   - definition: the constraint.
    ///   - column: the column that it is written at; nil for one of the table.
    ///   - key: the table.
    ///   - certainty: how sure it is that it is added at all.
    func add(_ definition: ConstraintDefinition, column: String?, to key: QualifiedName, certainty: Certainty = .sure) {
        var columns = definition.columns
        if columns.isEmpty, let column { columns = [column] }
        switch definition.kind {
        case .check:
            addCheck(definition, columns: columns, to: key, certainty)
        case .foreignKey:
            addForeignKey(definition, columns: columns, to: key, certainty)
        case .primaryKey, .unique, .exclusion:
            addIndexed(definition, columns: columns, to: key, certainty)
        case .generated:
            needColumns(
                of: definition.expression,
                in: key,
                for: "the generated column \(Identifier.quote(column ?? ""))"
            )
        default:
            break
        }
    }

    private func addCheck(
        _ definition: ConstraintDefinition,
        columns: [String],
        to key: QualifiedName,
        _ certainty: Certainty
    ) {
        let user = definition.name.map { "check \(Identifier.quote($0))" } ?? "a check of \(key.shortened)"
        if certainty == .sure { needColumns(of: definition.expression, in: key, for: user) }
        let named = Array(Set(definition.expression?.columns.compactMap(\.parts.last) ?? []))
            .filter { $0 != key.name || schema.relations[key]?.position(of: $0) != nil }.sorted()
        let name = name(of: definition, on: key, columns: named.count == 1 ? named : [], label: "check")
        guard let name else { return }
        append(
            SimulatedConstraint(
                name: name,
                kind: .check,
                columns: named,
                expression: definition.expression?.sql,
                // A new table has no rows to look at.
                isValidated: !definition.isNotValid || key == tableInMaking,
                certainty: isConditional ? .maybe : certainty,
                origin: origin,
                provesNotNull: definition.expression?.provedColumn
            ),
            to: key
        )
    }

    /// The constraint's own name, or the one that the server chooses; nil where the name is taken, which is reported.
    private func name(
        of definition: ConstraintDefinition,
        on key: QualifiedName,
        columns: [String],
        label: String
    ) -> String? {
        let table = schema.relations[key]
        guard let name = definition.name else {
            return chosenName(key.name, columns, label) { table?.constraint($0) != nil }
        }
        guard let existing = table?.constraint(name) else { return name }
        if existing.certainty == .sure {
            let severity = severity(since: existing.origin, isFollowed: isFollowed(existing))
            report(
                .objectMayExist,
                "constraint \(Identifier.quote(name)) of \(key.shortened) exists since \(words(for: existing.origin)): this fails "
                    + "with `constraint \"\(name)\" for relation \"\(key.name)\" already exists`",
                at: definition.location,
                severity,
                next: "drop it first, or choose another name"
            )
            if severity == nil { return nil }
        }
        if case .guarded = table?.shape, !isConditional {
            report(
                .objectMayExist,
                "constraint \(Identifier.quote(name)) of \(key.shortened) may be there: \(words(for: existing.origin)) declares "
                    + "it, and on a new database this fails",
                at: definition.location,
                next: "declare it in one place"
            )
        }
        schema.relations[key]?.removeConstraint(name)
        return name
    }

    private func append(_ constraint: SimulatedConstraint, to key: QualifiedName) {
        schema.relations[key]?.constraints.append(constraint)
        touched.insert(key)
    }

    // MARK: Foreign keys

    private func addForeignKey(
        _ definition: ConstraintDefinition,
        columns: [String],
        to key: QualifiedName,
        _ certainty: Certainty
    ) {
        guard let reference = definition.reference else { return }
        if definition.isNotValid, serverMajor < 18, schema.relations[key]?.partitionStrategy != nil {
            report(
                .wrongKind,
                "\(key.shortened) is partitioned: this fails with `cannot add NOT VALID foreign key on partitioned table`",
                at: definition.location,
                next: "leave NOT VALID out, or add it to each partition first"
            )
        }
        let user =
            definition.name.map { "foreign key \(Identifier.quote($0))" }
            ?? "the foreign key from \(key.shortened) to \(reference.table.name)"
        if certainty == .sure || definition.columns.isEmpty == false {
            for column in columns where schema.relations[key]?.column(column)?.certainty != .maybe || certainty == .sure
            {
                needColumn(column, of: key, at: definition.location, for: user)
            }
        }
        let isOwn = schema.key(of: reference.table.name) == key
        guard let other = isOwn ? key : need(reference.table.name, at: reference.table.location) else { return }
        let referenced =
            reference.columns.isEmpty
            ? schema.relations[other]?.primaryKey?.columns ?? [] : reference.columns
        for column in reference.columns {
            needColumn(column, of: other, at: reference.table.location, for: user)
        }
        if referenced.count == columns.count || referenced.isEmpty {
            needKey(referenced, of: other, definition, user: user)
        } else {
            report(
                .referencedKeyMayNotExist,
                "\(user) is on \(columns.count) columns, and refers to \(referenced.count): this fails with `number of referencing and "
                    + "referenced columns for foreign key disagree`",
                at: definition.location,
                reference.columns.isEmpty && schema.relations[other]?.isKnown != true ? .warning : nil
            )
        }
        guard let name = name(of: definition, on: key, columns: columns, label: "fkey") else { return }
        append(
            SimulatedConstraint(
                name: name,
                kind: .foreignKey,
                columns: columns,
                referenced: other,
                referencedColumns: referenced,
                actions: reference.actions,
                // A new table has no rows to look at.
                isValidated: !definition.isNotValid || key == tableInMaking,
                certainty: isConditional ? .maybe : certainty,
                origin: origin
            ),
            to: key
        )
    }

    // MARK: With an index

    private func addIndexed(
        _ definition: ConstraintDefinition,
        columns: [String],
        to key: QualifiedName,
        _ certainty: Certainty
    ) {
        let label: String
        switch definition.kind {
        case .primaryKey: label = "pkey"
        case .unique: label = "key"
        default: label = "excl"
        }
        if definition.kind == .primaryKey, let existing = schema.relations[key]?.primaryKey,
            existing.certainty == .sure || key != tableInMaking && existing.name != definition.name
        {
            let isSure = existing.certainty == .sure && severity(since: existing.origin, isFollowed: true) == nil
            report(
                .objectMayExist,
                "\(key.shortened) \(isSure ? "has" : "may have") a primary key since \(words(for: existing.origin)), and with it this "
                    + "fails with `multiple primary keys for table \"\(key.name)\" are not allowed`",
                at: definition.location,
                isSure ? nil : .warning
            )
            if isSure { return }
        }
        if let index = definition.index {
            adopt(index, definition, columns: columns, on: key)
            return
        }
        for column in columns {
            if certainty == .sure {
                needColumn(column, of: key, at: definition.location, for: definition.words(column: nil))
            }
            if definition.kind == .primaryKey, let place = schema.relations[key]?.position(of: column) {
                schema.relations[key]?.columns[place].isNotNull = true
            }
        }
        if definition.kind != .exclusion, certainty == .sure {
            needPartitionColumns(in: columns, of: key, at: definition.location)
        }
        // What an exclusion is on is not read, and its columns are in the name that the server chooses.
        if definition.kind == .exclusion, definition.name == nil { schema.relations[key]?.mayHaveOthersParts = true }
        func isTaken(_ name: String) -> Bool { schema.relations.has(QualifiedName(schema: key.schema, name: name)) }
        let name =
            definition.name
            ?? chosenName(key.name, definition.kind == .primaryKey ? [] : columns, label, taken: isTaken)
        let indexKey = QualifiedName(schema: key.schema, name: name)
        // A check or a foreign key has no index, and yet the name.
        if !schema.relations.has(indexKey), schema.relations[key]?.constraint(name) != nil,
            self.name(of: definition, on: key, columns: columns, label: label) == nil
        {
            return
        }
        if let existing = schema.relations[indexKey], definition.name != nil {
            if existing.certainty == .sure, certainty == .sure || existing.index?.table != key {
                let severity = severity(since: existing.origin, isFollowed: isFollowed(existing))
                report(
                    .objectMayExist,
                    "\(existing.kind.rawValue) \(indexKey.shortened) exists since \(words(for: existing.origin)): this fails with "
                        + "`relation \"\(name)\" already exists`",
                    at: definition.location,
                    severity
                )
                if severity == nil { return }
            }
            // On a new database it is there, where only a guarded statement declares it.
            if key != tableInMaking { _ = self.name(of: definition, on: key, columns: columns, label: label) }
            schema.relations[key]?.removeConstraint(name)
        }
        append(
            SimulatedConstraint(
                name: name,
                kind: definition.kind,
                columns: columns,
                certainty: isConditional ? .maybe : certainty,
                origin: origin
            ),
            to: key
        )
        var index = Relation(.index, certainty: certainty, origin: origin)
        index.index = SimulatedIndex(
            table: key,
            elements: columns,
            columns: columns,
            isUnique: definition.kind != .exclusion,
            method: definition.kind == .exclusion ? "gist" : "btree",
            constraint: name,
            certainty: certainty,
            namedColumns: Set(columns)
        )
        place(index, at: indexKey)
        if schema.relations[key]?.indexes.contains(indexKey) == false {
            schema.relations[key]?.indexes.append(indexKey)
        }
    }

    /// `ADD CONSTRAINT … USING INDEX`, which gives the index the constraint's name.
    private func adopt(_ index: String, _ definition: ConstraintDefinition, columns: [String], on key: QualifiedName) {
        let indexKey = QualifiedName(schema: key.schema, name: index)
        guard var relation = schema.relations[indexKey], relation.index != nil else {
            guard schema.relations[key]?.hasColumnList == true else { return }
            needIndex(
                QualifiedName(schema: key.schema, name: index),
                at: definition.location,
                for: definition.words(column: nil)
            )
            return
        }
        let name = definition.name ?? index
        if relation.index?.certainty == .maybe {
            report(
                .indexMayNotExist,
                "\(definition.words(column: nil)) needs index \(indexKey.shortened) as \(words(for: relation.origin)) declares it, and "
                    + "that is guarded: where another index had the name, this fails",
                at: definition.location,
                .warning
            )
            if isProving { relation.index?.certainty = .sure }
        }
        if let constraint = relation.index?.constraint {
            report(
                .objectMayExist,
                "index \(indexKey.shortened) belongs to constraint \(Identifier.quote(constraint)) already: this fails with `index "
                    + "\"\(index)\" is already associated with a constraint`",
                at: definition.location
            )
            return
        }
        relation.index?.constraint = name
        let indexColumns = relation.index?.columns.compactMap(\.self) ?? []
        schema.relations[indexKey] = relation
        if name != index {
            schema.rename(indexKey, to: QualifiedName(schema: key.schema, name: name), at: origin)
        }
        append(
            SimulatedConstraint(name: name, kind: definition.kind, columns: indexColumns, origin: origin),
            to: key
        )
        guard definition.kind == .primaryKey else { return }
        for column in indexColumns {
            if let place = schema.relations[key]?.position(of: column) {
                schema.relations[key]?.columns[place].isNotNull = true
            }
        }
    }

    /// Looks up an index that the statement fails without.
    @discardableResult
    func needIndex(_ name: QualifiedName, at offset: Int?, for user: String) -> QualifiedName? {
        if let key = schema.relationKey(name) {
            if schema.relations[key]?.certainty == .maybe, let origin = schema.relations[key]?.origin {
                report(
                    .indexMayNotExist,
                    "\(user) needs index \(name), which may not be there as \(words(for: origin)) declares it",
                    at: offset,
                    .warning
                )
                if isProving { schema.relations[key]?.certainty = .sure }
            }
            return key
        }
        guard schema.opening == nil, !mayBeOthersIndex(name) else { return nil }
        let key = schema.creationKey(name)
        let departure = schema.gone[SimulatedSchema.ObjectKey(kind: .relation, name: key)]
        report(
            .indexMayNotExist,
            "\(user) needs index \(name), which "
                + (departure.map { "is not there: \(words(for: $0.origin)) took it away" }
                    ?? "no migration before this one makes"),
            at: offset,
            departure == nil && !schema.knowsStart ? .warning : nil
        )
        return nil
    }
}

extension ForeignKeyReference {
    /// What happens to rows that refer to one that goes or changes.
    var actions: [Action] { [onDelete, onUpdate] }
}

extension Expression {
    /// The column that a check `column IS NOT NULL` proves not to be null.
    var provedColumn: String? {
        guard kind == "NullTest", sql.hasSuffix("IS NOT NULL"), columns.count == 1 else { return nil }
        return columns.first?.parts.last
    }
}
