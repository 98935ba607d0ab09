import SQLSyntax

/// `CREATE TABLE`.
extension Interpreter {
    func apply(_ create: CreateTable, _ parsed: ParsedStatement) {
        let key = schema.creationKey(create.table.name, persistence: create.persistence)
        let offset = create.table.location
        let kind: RelationKind = create.foreignServer == nil ? .table : .foreignTable
        switch making(create.table.name, key: key, kind, isGuarded: create.ifNotExists, at: offset) {
        case .skipped(let existing):
            guard existing.kind == kind else { return }
            skip(create, key: key, over: existing, parsed)
        case .conflict:
            return
        case .new:
            make(create, key: key, kind, isGuarded: false, parsed)
        case .guarded:
            if let existing = schema.relations[key], existing.certainty == .maybe {
                schema.relations[key]?.certainty = .sure
            }
            make(create, key: key, kind, isGuarded: true, parsed)
        }
    }

    private func make(
        _ create: CreateTable,
        key: QualifiedName,
        _ kind: RelationKind,
        isGuarded: Bool,
        _ parsed: ParsedStatement
    ) {
        isTentative = isGuarded
        tableInMaking = key
        defer {
            isTentative = false
            tableInMaking = nil
        }
        if let server = create.foreignServer {
            needObject(.foreignServer, QualifiedName(name: server), for: "foreign table \(key.shortened)")
        }
        var relation = Relation(kind, shape: isGuarded ? .guarded(origin) : .known, origin: origin)
        relation.persistence = create.persistence
        relation.partitionStrategy = create.partitionStrategy
        if create.partitionStrategy != nil {
            let parts = parsed.syntax?.child("partspec")?.children("part_params") ?? []
            relation.partitionColumns = Set(parts.compactMap { $0.text("name") })
        }
        for parent in create.inherits + [create.partitionOf].compactMap(\.self) {
            guard let parentKey = need(parent.name, at: parent.location) else { continue }
            if create.partitionOf != nil {
                needPartitioned(parentKey, at: parent.location)
                needRoom(for: create.partitionBound, in: parentKey, isGuarded: isGuarded, at: parent.location)
                relation.partitionBound = create.partitionBound
            } else {
                needHeir(of: parentKey, at: parent.location)
            }
            inherit(from: parentKey, to: &relation)
            relation.parents.append(parentKey)
        }
        for other in create.like {
            guard let otherKey = need(other.name, at: other.location), let model = schema.relations[otherKey] else {
                relation.shape = .open
                continue
            }
            if model.hasColumnList {
                relation.columns += model.columns.map { $0.madeAnew(at: origin) }
            } else {
                relation.shape = .open
            }
        }
        if let type = parsed.syntax?.child("of_typename")?.typeReference {
            needRowType(type, for: "table \(key.shortened)")
            relation.shape = .open
        }
        var declared = Set(create.inherits.isEmpty && create.partitionOf == nil ? relation.columns.map(\.name) : [])
        for column in create.columns {
            needType(column.type, for: "column \(Identifier.quote(column.name))")
            if !declared.insert(column.name).inserted {
                report(
                    .objectMayExist,
                    "\(key.shortened) gets column \(Identifier.quote(column.name)) twice: this fails with `column \"\(column.name)\" "
                        + "specified more than once`",
                    at: column.location,
                    isGuarded ? .warning : nil
                )
            }
            if let place = relation.position(of: column.name) {
                relation.columns[place].isNotNull = relation.columns[place].isNotNull || column.isNotNull
                relation.columns[place].isInherited = false
                continue
            }
            relation.columns.append(SimulatedColumn(column, origin: origin))
        }
        if isGuarded {
            for index in relation.columns.indices { relation.columns[index].certainty = .maybe }
            if !relation.hasColumnList { relation.blindGuard = origin }
        }
        place(relation, at: key)
        for parent in relation.parents { schema.relations[parent]?.children.append(key) }
        let certainty: Certainty = isGuarded ? .maybe : .sure
        for column in create.columns {
            for constraint in column.constraints where constraint.kind != .foreignKey {
                add(constraint, column: column.name, to: key, certainty: certainty)
            }
            if column.hasSequence {
                makeOwnedSequence(for: column.name, of: key, named: column.constraint(.identity)?.sequence)
            }
        }
        for constraint in create.constraints where constraint.kind != .foreignKey {
            add(constraint, column: nil, to: key, certainty: certainty)
        }
        // Foreign keys come last: one may refer to a key of the table itself, wherever that is written.
        for (constraint, column) in create.allConstraints where constraint.kind == .foreignKey {
            add(constraint, column: column, to: key, certainty: certainty)
        }
        copyParts(parsed, to: key, certainty: certainty)
        if create.allConstraints.contains(where: \.constraint.mayCall) {
            for element in parsed.syntax?.children("table_elts") ?? [] {
                needCalls(in: element, for: "table \(key.shortened)")
            }
        }
        if isGuarded { reportGuardedConstraints(create, key: key) }
    }

    /// Columns of a parent come with a child.
    func inherit(from parent: QualifiedName, to relation: inout Relation) {
        guard let model = schema.relations[parent] else { return }
        if !model.hasColumnList { relation.shape = .open }
        for column in model.columns where relation.position(of: column.name) == nil {
            var copy = column.madeAnew(at: origin)
            copy.isInherited = true
            relation.columns.append(copy)
        }
    }

    func makeOwnedSequence(
        for column: String,
        of key: QualifiedName,
        named given: QualifiedName? = nil,
        mayBeOther: Bool = false
    ) {
        let name =
            given?.name
            ?? chosenName(key.name, [column], "seq") { name in
                schema.relations.has(QualifiedName(schema: key.schema, name: name))
            }
        var sequence = Relation(.sequence, origin: origin)
        if mayBeOther { sequence.certainty = .maybe }
        sequence.owner = (key, column)
        place(sequence, at: QualifiedName(schema: given?.schema ?? key.schema, name: name))
    }

    /// A foreign key inside a guarded creation is there only if the guard finds nothing.
    private func reportGuardedConstraints(_ create: CreateTable, key: QualifiedName) {
        for (constraint, column) in create.allConstraints {
            guard [.foreignKey, .check, .unique, .exclusion].contains(constraint.kind) else { continue }
            let what = constraint.words(column: column)
            var severity = Severity.note
            var why =
                "if \(key.shortened) was there before, the statement does nothing and the \(what) is not made, without a word"
            if let reference = constraint.reference, let other = schema.relation(reference.table.name),
                let skipped = other.differsFrom
            {
                severity = .error
                why =
                    "\(reference.table.name) is not what \(words(for: skipped)) declares, but what "
                    + "\(words(for: other.origin)) made; and " + why
            }
            report(
                .ifNotExistsForeignKey,
                "the \(what) stands inside CREATE TABLE IF NOT EXISTS \(key.shortened): " + why,
                at: constraint.location,
                severity,
                next:
                    "add it with ALTER TABLE \(key.shortened) ADD CONSTRAINT, in a block that looks for it by name and table",
                fix: moving(constraint, column, of: create)
            )
        }
    }

    // MARK: Doing nothing

    private func skip(_ create: CreateTable, key: QualifiedName, over existing: Relation, _ parsed: ParsedStatement) {
        for column in create.columns where existing.position(of: column.name) == nil {
            schema.relations[key]?.phantoms[column.name] = origin
        }
        // What nobody has seen made can be anything; now at least somebody says what it should be.
        guard existing.hasColumnList else {
            guard !schema.knowsStart, existing.isAssumed else { return }
            make(create, key: key, existing.kind, isGuarded: true, parsed)
            let proved = existing.columns.filter { $0.certainty == .sure }
            schema.relations[key]?.columns.removeAll { column in proved.contains { $0.name == column.name } }
            schema.relations[key]?.columns += proved
            return
        }
        let differences = self.differences(of: create, from: existing, key: key)
        guard !differences.isEmpty else {
            report(
                .createTableIfNotExistsNoop,
                "\(key.shortened) exists since \(words(for: existing.origin)), with all that is declared here: the statement "
                    + "does nothing",
                at: create.table.location
            )
            reportSkippedPartition(create, key: key, existing)
            return
        }
        schema.relations[key]?.differsFrom = origin
        let isWaiting = schema.opening != nil || !differences.contains(where: \.isSure)
        for difference in differences where difference.rule.name != Rule.ifNotExistsDiffers.name {
            report(
                difference.rule,
                difference.message,
                at: difference.offset,
                isWaiting ? .warning : nil,
                next: difference.next,
                fix: difference.fix
            )
        }
        report(
            .ifNotExistsDiffers,
            "\(key.shortened) exists since \(words(for: existing.origin)), so this does nothing, and what it declares is not so: "
                + differences.map(\.words).listed,
            at: create.table.location,
            isWaiting ? .warning : nil,
            next: "change the table with ALTER TABLE instead"
        )
        reportSkippedPartition(create, key: key, existing)
    }

    private func reportSkippedPartition(_ create: CreateTable, key: QualifiedName, _ existing: Relation) {
        guard let parent = create.partitionOf, let parentKey = schema.relationKey(parent.name) else { return }
        guard !existing.parents.contains(parentKey) else { return }
        report(
            .partitionIfNotExistsDiffers,
            "\(key.shortened) exists since \(words(for: existing.origin)) as a table of its own: IF NOT EXISTS does nothing, and "
                + "it does not become a partition of \(parentKey.shortened)",
            at: create.table.location,
            next: "attach it: ALTER TABLE \(parentKey.shortened) ATTACH PARTITION \(key.shortened) FOR VALUES …"
        )
    }
}

extension SimulatedColumn {
    init(_ column: ColumnDefinition, origin: Origin) {
        self.init(
            name: column.name,
            type: column.type,
            isNotNull: column.isNotNull || BuiltInTypes.isSerial(column.type),
            defaultSQL: column.defaultExpression?.sql,
            isIdentity: column.constraint(.identity) != nil,
            isGenerated: column.constraint(.generated) != nil,
            isSerial: BuiltInTypes.isSerial(column.type),
            origin: origin
        )
    }

    /// The same column of another table.
    func madeAnew(at origin: Origin) -> SimulatedColumn {
        var copy = self
        copy.origin = origin
        copy.isInherited = false
        return copy
    }
}

extension ColumnDefinition {
    /// Whether the server makes a sequence for it.
    var hasSequence: Bool { BuiltInTypes.isSerial(type) || constraint(.identity) != nil }
}

extension CreateTable {
    /// Every constraint with the column that it is written at.
    var allConstraints: [(constraint: ConstraintDefinition, column: String?)] {
        columns.flatMap { column in column.constraints.map { ($0, column.name) } } + constraints.map { ($0, nil) }
    }
}

extension ConstraintDefinition {
    /// What it is, in words.
    func words(column: String?) -> String {
        let columns = self.columns.isEmpty ? [column].compactMap(\.self) : self.columns
        let named = name.map { " \(Identifier.quote($0))" } ?? ""
        let list = columns.map(Identifier.quote).joined(separator: ", ")
        return switch kind {
        case .foreignKey: "foreign key\(named) (\(list)) to \(reference.map { "\($0.table.name)" } ?? "?")"
        case .check: "check\(named)"
        case .unique: "unique constraint\(named) (\(list))"
        case .primaryKey: "primary key\(named)"
        case .exclusion: "exclusion constraint\(named)"
        default: "constraint\(named)"
        }
    }
}
