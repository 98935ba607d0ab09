import SQLSyntax

/// Looking up what a statement relies on.
///
/// A statement that ran has proved what it relied on, so each lookup makes its facts sure; and what was reported once is
/// taken to be there, so that one mistake gives one finding and not a trail of them.
extension Interpreter {
    /// The columns that every table has.
    static let systemColumns: Set = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"]

    /// Looks up a relation that the statement fails without.
    ///
    /// - Returns: its key; nil for a relation of the server's own.
    @discardableResult
    func need(_ name: QualifiedName, at offset: Int?, as what: String = "table") -> QualifiedName? {
        if let key = schema.relationKey(name) {
            if schema.relations[key]?.certainty == .maybe {
                let origin = schema.relations[key]?.origin
                report(
                    .tableMayNotExist,
                    "\(what) \(name) may not be there: \(origin.map { words(for: $0) } ?? "its creation") makes it only "
                        + "under a condition, and this statement fails without it",
                    at: offset,
                    .warning
                )
                if isProving { schema.relations[key]?.certainty = .sure }
            }
            return key
        }
        guard !SimulatedSchema.isSystem(name) else { return nil }
        let key = schema.creationKey(name)
        needSchema(name.schema, at: offset)
        reportMissing(name, key: key, at: offset, as: what)
        // Where this statement is passed over, the next one may be the first that needs it.
        if isTentative { return nil }
        var relation = Relation(.table, shape: .open, origin: origin)
        relation.isAssumed = true
        relation.blindGuard = schema.gone[SimulatedSchema.ObjectKey(kind: .relation, name: key)]?.guardedBy
        schema.relations[key] = relation
        return key
    }

    private func reportMissing(_ name: QualifiedName, key: QualifiedName, at offset: Int?, as what: String) {
        if let departure = schema.gone[SimulatedSchema.ObjectKey(kind: .relation, name: key)] {
            let place = words(for: departure.origin)
            let happened = departure.renamedTo.map { "\(place) renamed it to \($0.shortened)" } ?? "\(place) dropped it"
            report(
                .tableMayNotExist,
                "\(what) \(name) does not exist: \(happened)",
                at: offset,
                departedSeverity,
                next: departure.renamedTo.map { "write \($0.shortened)" }
            )
        } else if schema.knowsStart {
            report(.tableMayNotExist, "\(what) \(name) does not exist in this database", at: offset)
        } else if schema.opening == nil, schema.extensions.isEmpty || what != "table" || !mayBelongToExtension(name) {
            let near = nearest(to: key)
            report(
                .tableMayNotExist,
                "\(what) \(name) is made by no migration before this one: on an empty database the statement fails"
                    + (near.map { " (there is \($0.shortened))" } ?? ""),
                at: offset,
                .warning,
                next: "create it in an earlier migration, or write the existing schema down as the first one"
            )
        }
    }

    private func mayBelongToExtension(_ name: QualifiedName) -> Bool {
        let tables: Set = ["spatial_ref_sys", "geometry_columns", "pg_stat_statements"]
        return tables.contains(name.name)
    }

    /// The relation of the same schema whose name is almost the same.
    func nearest(to key: QualifiedName) -> QualifiedName? {
        guard schema.relations.count < 2000 else { return nil }
        return schema.relations.keys
            .filter { $0.name.isSimilar(to: key.name) && $0.name != key.name && $0.schema == key.schema }
            .sorted()
            .first { schema.relations[$0]?.isTable == true }
    }

    /// Looks up a schema that the statement names.
    func needSchema(_ name: String?, at offset: Int?) {
        guard let name, schema.schemas[name] != .sure,
            !["pg_catalog", "information_schema", "pg_temp", "pg_toast"].contains(name)
        else { return }
        let isUnknown = !schema.schemas.has(name)
        if schema.opening == nil || schema.knowsStart {
            report(
                .schemaMayNotExist,
                isUnknown
                    ? schema.knowsStart
                        ? "schema \(Identifier.quote(name)) does not exist in this database"
                        : "schema \(Identifier.quote(name)) is made by no migration before this one: on an empty database the "
                            + "statement fails"
                    : "schema \(Identifier.quote(name)) may not be there",
                at: offset,
                schema.knowsStart ? .error : .warning,
                next: "add CREATE SCHEMA IF NOT EXISTS \(Identifier.quote(name)) before it"
            )
        }
        if isProving { schema.schemas[name] = .sure }
    }

    /// Looks up a column that the statement fails without.
    ///
    /// - Parameters:
    ///   - name: the column.
    ///   - key: its relation.
    ///   - offset: where the statement names it.
    ///   - user: what needs it, such as `index idx_jobs_due`.
    func needColumn(_ name: String, of key: QualifiedName, at offset: Int?, for user: String) {
        guard let relation = schema.relations[key], relation.kind != .sequence, relation.kind != .index else { return }
        if let place = relation.position(of: name) {
            guard relation.columns[place].certainty == .maybe, key != tableInMaking else { return }
            report(
                .columnMayNotExist,
                "\(user) needs column \(Identifier.quote(name)) of \(key.shortened), which only a guarded statement at "
                    + "\(words(for: relation.columns[place].origin)) declares: if \(key.shortened) was there before, that did "
                    + "nothing, and this fails with `column \"\(name)\" does not exist`",
                at: offset,
                .warning,
                next: "make sure of the column first: ALTER TABLE \(key.shortened) ADD COLUMN IF NOT EXISTS "
                    + "\(Identifier.quote(name)) …"
            )
            if isProving { schema.relations[key]?.columns[place].certainty = .sure }
            return
        }
        guard !Self.systemColumns.contains(name) else { return }
        let departure = relation.goneColumns[name]
        if departure == nil, let made = relation.blindGuard, !relation.hasColumnList {
            guard key != tableInMaking else { return }
            reportBlindColumn(name, of: key, made, at: offset, for: user)
            return
        }
        guard relation.hasColumnList || departure != nil else { return }
        guard schema.opening == nil || departure != nil, !isComputed(name, of: key) else { return }
        reportMissingColumn(name, of: key, relation, departure, at: offset, for: user)
        guard isProving else { return }
        schema.relations[key]?.goneColumns[name] = nil
        schema.relations[key]?.columns.append(
            SimulatedColumn(name: name, definitionCertainty: .unknown, origin: origin)
        )
    }

    /// Whether a name is that of a function of the table's rows, which `t.name` calls where there is no such column.
    private func isComputed(_ name: String, of key: QualifiedName) -> Bool {
        guard let function = schema.routineKey(QualifiedName(name: name)) else { return false }
        return schema.routines[function]?.contains { routine in
            guard let first = routine.arguments.first, routine.requiredCount <= 1 else { return false }
            return first == "?" || first == key.name || first == "\(key)" || first == "\(key.shortened)"
        } == true
    }

    /// A column that a guarded creation may give the table, as nobody knows what it takes its columns from.
    private func reportBlindColumn(
        _ name: String,
        of key: QualifiedName,
        _ made: Origin,
        at offset: Int?,
        for user: String
    ) {
        report(
            .columnMayNotExist,
            "\(user) needs column \(Identifier.quote(name)) of \(key.shortened), which only the guarded statement at \(words(for: made)) "
                + "can have given it: if \(key.shortened) was there before, that did nothing, and this fails with `column "
                + "\"\(name)\" does not exist`",
            at: offset,
            .warning,
            next:
                "make sure of the column first: ALTER TABLE \(key.shortened) ADD COLUMN IF NOT EXISTS \(Identifier.quote(name)) …"
        )
        guard isProving else { return }
        schema.relations[key]?.columns.append(
            SimulatedColumn(name: name, definitionCertainty: .unknown, origin: origin)
        )
    }

    private func reportMissingColumn(
        _ name: String,
        of key: QualifiedName,
        _ relation: Relation,
        _ departure: SimulatedSchema.Departure?,
        at offset: Int?,
        for user: String
    ) {
        let column = Identifier.quote(name)
        let why: String
        var next: String?
        if let phantom = relation.phantoms[name] {
            why =
                "\(key.shortened) exists since \(words(for: relation.origin)) without it, so the guarded statement at "
                + "\(words(for: phantom)) does nothing"
            next = "add it with ALTER TABLE \(key.shortened) ADD COLUMN IF NOT EXISTS \(column) …"
        } else if let departure {
            why =
                departure.renamedTo.map { "\(words(for: departure.origin)) renamed it to \(Identifier.quote($0.name))" }
                ?? "\(words(for: departure.origin)) dropped it"
        } else {
            let near = relation.columns.map(\.name).first { $0.isSimilar(to: name) }
            why =
                near.map { "\(key.shortened) has \(Identifier.quote($0))" }
                ?? "\(words(for: relation.origin)) makes \(key.shortened) without it, and no migration adds it"
        }
        report(
            .columnMayNotExist,
            "\(user) needs column \(column) of \(key.shortened), which is not there: \(why); this fails with "
                + "`column \"\(name)\" does not exist`",
            at: offset,
            schema.opening == nil ? nil : .warning,
            next: next
        )
    }

    /// Looks up the columns that an expression on a table names.
    func needColumns(of expression: Expression?, in key: QualifiedName, for user: String) {
        guard let expression else { return }
        for reference in expression.columns {
            guard let name = reference.parts.last, name != "*" else { continue }
            // With more than one part it may be a field of a row, and `NEW.id` is read elsewhere.
            if reference.parts.count > 1, reference.parts[reference.parts.count - 2] != key.name { continue }
            // The table's own name is its row.
            if reference.parts.count == 1, name == key.name, schema.relations[key]?.position(of: name) == nil {
                continue
            }
            needColumn(name, of: key, at: reference.location, for: user)
        }
    }

    /// Looks up a type that a table can be of.
    func needRowType(_ type: TypeReference, for user: String) {
        needType(type, for: user)
        guard let key = schema.typeKey(type.name), let made = schema.types[key] else { return }
        switch made.definition {
        case .enumeration, .domain:
            report(
                .wrongKind,
                "\(key.shortened) is no composite type since \(words(for: made.origin)): this fails with `type \(type.name) is not a "
                    + "composite type`",
                at: type.location,
                made.certainty == .sure ? severity(since: made.origin) : .warning
            )
        case .composite, .other: return
        }
    }

    /// Looks up a type that the statement fails without.
    func needType(_ type: TypeReference?, for user: String) {
        guard let type, type.name.schema != "pg_catalog", !BuiltInTypes.contains(type.name) else { return }
        if let key = schema.typeKey(type.name) {
            guard schema.types[key]?.certainty == .maybe else { return }
            report(
                .typeMayNotExist,
                "\(user) needs type \(type.name), which may not be there",
                at: type.location,
                .warning
            )
            if isProving { schema.types[key]?.certainty = .sure }
            return
        }
        // A table is a type, too.
        if schema.relationKey(type.name) != nil { return }
        let key = schema.creationKey(type.name)
        if let departure = schema.gone[SimulatedSchema.ObjectKey(kind: .type, name: key)] {
            let happened = departure.renamedTo.map { "renamed it to \($0.shortened)" } ?? "dropped it"
            report(
                .typeMayNotExist,
                "\(user) needs type \(type.name), which is not there: \(words(for: departure.origin)) \(happened)",
                at: type.location,
                departedSeverity
            )
        } else if schema.extensions.isEmpty && schema.opening == nil {
            report(
                .typeMayNotExist,
                "\(user) needs type \(type.name), which PostgreSQL does not have and no migration before this one makes",
                at: type.location,
                schema.knowsStart ? .error : .warning,
                next: type.meant.map { _ in "take the quotes away: without them it is a word of the grammar" }
            )
        } else {
            return
        }
        if !isTentative { schema.types[key] = SimulatedType(definition: .other, origin: origin) }
    }
}

extension QualifiedName {
    /// The name without `public`, as people write it.
    var shortened: QualifiedName { schema == "public" || schema == "pg_temp" ? QualifiedName(name: name) : self }
}

extension String {
    /// Whether a name is another one with a slip of the keyboard: a letter too many, too few, other or swapped.
    func isSimilar(to other: String) -> Bool {
        guard abs(utf8.count - other.utf8.count) <= 1, max(utf8.count, other.utf8.count) > 2 else { return false }
        let (left, right) = (Array(utf8), Array(other.utf8))
        var (first, last) = (0, 0)
        while first < left.count, first < right.count, left[first] == right[first] { first += 1 }
        while last < left.count - first, last < right.count - first,
            left[left.count - 1 - last] == right[right.count - 1 - last]
        { last += 1 }
        let (a, b) = (left[first..<left.count - last], right[first..<right.count - last])
        return a.count <= 1 && b.count <= 1 || a.count == 2 && b.count == 2 && Array(a) == Array(b.reversed())
    }
}
