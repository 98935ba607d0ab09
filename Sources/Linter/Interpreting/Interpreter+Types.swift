import SQLSyntax

/// Types, domains and the labels of enums.
extension Interpreter {
    func apply(_ create: CreateType) {
        let definition: SimulatedType.Definition
        switch create.definition {
        case .enumeration(let labels): definition = .enumeration(labels)
        case .composite(let columns):
            for column in columns { needType(column.type, for: "attribute \(Identifier.quote(column.name))") }
            definition = .composite
        case .range, .base: definition = .other
        }
        make(type: create.name, definition)
    }

    func apply(_ create: CreateDomain) {
        needType(create.type, for: "domain \(create.name)")
        let isConstrained = create.constraints.contains { [.check, .notNull].contains($0.kind) }
        make(type: create.name, .domain(isConstrained: isConstrained, base: create.type))
    }

    private func make(type name: QualifiedName, _ definition: SimulatedType.Definition) {
        needSchema(name.schema, at: nil)
        let key = schema.creationKey(name)
        if let existing = schema.types[key] {
            if case .other = existing.definition, existing.origin.file == sourceIndex, !schema.knowsStart {
            } else {
                let severity = severity(since: existing.origin, isFollowed: isFollowed(existing))
                report(
                    .objectMayExist,
                    "type \(key.shortened) \(existing.certainty == .sure ? "exists" : "may exist") since "
                        + "\(words(for: existing.origin)): this fails with `type \"\(key.name)\" already exists`",
                    existing.certainty == .sure ? severity ?? .error : .warning,
                    next: "drop it first, or guard the creation in a DO block that looks it up with its schema"
                )
                if existing.certainty == .sure, severity == nil { return }
            }
        }
        checkRelation(of: key, definition)
        if key.schema == "pg_temp" { temporary.insert(key) }
        schema.types[key] = SimulatedType(
            definition: definition,
            certainty: isConditional ? .maybe : .sure,
            origin: origin
        )
        schema.gone.clear(SimulatedSchema.ObjectKey(kind: .type, name: key))
    }

    /// The name of a type may be that of a table, which has a row type.
    private func checkRelation(of key: QualifiedName, _ definition: SimulatedType.Definition) {
        guard let relation = schema.relations[key], relation.certainty == .sure, !relation.isAssumed, !isConditional
        else { return }
        // An index has no row type, and a sequence has none from version 14 on; a composite type is a relation itself.
        if case .composite = definition {
        } else if [.index, .sequence].contains(relation.kind) {
            return
        }
        report(
            .objectMayExist,
            "\(relation.kind.rawValue) \(key.shortened) exists since \(words(for: relation.origin)), and has a type of that name: this "
                + "fails with `… \"\(key.name)\" already exists`",
            severity(since: relation.origin),
            next: "choose another name"
        )
    }

    func apply(_ alter: AlterEnum) {
        needType(TypeReference(named: alter.type), for: "ALTER TYPE")
        guard let key = schema.typeKey(alter.type), var type = schema.types[key],
            case .enumeration(var labels) = type.definition
        else { return }
        switch alter.change {
        case .add(let value, let ifNotExists, let place):
            if labels.contains(value) {
                if !ifNotExists {
                    report(
                        .objectMayExist,
                        "\(key.shortened) has the label \(StringLiteral.quote(value)) already: this fails with `enum label "
                            + "\"\(value)\" already exists`"
                    )
                } else if place != .last {
                    report(
                        .enumIfNotExistsPosition,
                        "\(key.shortened) has the label \(StringLiteral.quote(value)) already: IF NOT EXISTS leaves it in its place"
                    )
                }
                return
            }
            switch place {
            case .last: labels.append(value)
            case .before(let other), .after(let other):
                guard let index = labels.firstIndex(of: other) else {
                    report(
                        .enumLabelMayNotExist,
                        "\(key.shortened) has no label \(StringLiteral.quote(other)): this fails with `\"\(other)\" is not an "
                            + "existing enum label`"
                    )
                    return
                }
                needLabel(other, &type, key)
                if case .before = place { labels.insert(value, at: index) } else { labels.insert(value, at: index + 1) }
            }
            if transaction.isOpen { schema.freshLabels[key, default: []].insert(value) }
        case .rename(let old, let new):
            guard let index = labels.firstIndex(of: old) else {
                report(
                    .enumLabelMayNotExist,
                    "\(key.shortened) has no label \(StringLiteral.quote(old)): this fails"
                )
                return
            }
            needLabel(old, &type, key)
            labels[index] = new
        }
        type.definition = .enumeration(labels)
        schema.types[key] = type
    }

    /// Looks up a label of a type that may have been there before with others.
    private func needLabel(_ label: String, _ type: inout SimulatedType, _ key: QualifiedName) {
        guard type.guardedLabels.remove(label) != nil else { return }
        report(
            .enumLabelMayNotExist,
            "\(key.shortened) has the label \(StringLiteral.quote(label)) only by the guarded statement at \(words(for: type.origin)): "
                + "where the type was there before, this fails with `\"\(label)\" is not an existing enum label`",
            .warning
        )
    }

    func apply(_ alter: AlterDomain) {
        needType(TypeReference(named: alter.name), for: "ALTER DOMAIN")
        guard let key = schema.typeKey(alter.name), case .domain(_, let base) = schema.types[key]?.definition else {
            return
        }
        if alter.action == "C" || alter.action == "O" {
            schema.types[key]?.definition = .domain(isConstrained: true, base: base)
        }
    }

    /// A label that the same transaction has added cannot be used before it is committed.
    func checkLabel(_ expression: Expression?, for key: QualifiedName, column: String) {
        guard let expression, !schema.freshLabels.isEmpty,
            let type = schema.relations[key]?.column(column)?.type, let typeKey = schema.typeKey(type.name)
        else { return }
        for label in schema.freshLabels[typeKey] ?? [] where expression.sql.contains(StringLiteral.quote(label)) {
            reportFreshLabel(label, typeKey, at: expression.location)
        }
    }

    func reportFreshLabel(_ label: String, _ type: QualifiedName, at offset: Int?) {
        report(
            .enumValueUsedInTransaction,
            "label \(StringLiteral.quote(label)) of \(type.shortened) is added in the same transaction: this fails with `unsafe use of "
                + "new value \"\(label)\" of enum type \(type.name)`",
            at: offset,
            next: "add the label in a migration before"
        )
    }
}
