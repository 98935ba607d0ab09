import SQLSyntax

/// `ALTER TABLE` and its like.
extension Interpreter {
    func apply(_ alter: AlterTable, _ parsed: ParsedStatement) {
        let what =
            alter.kind == .index
            ? "index" : alter.kind.rawValue.lowercased().replacing("matview", with: "materialized view")
        if alter.kind == .type {
            needType(TypeReference(named: alter.relation.name, at: alter.relation.location), for: "ALTER TYPE")
            return
        }
        if alter.ifExists, schema.relationKey(alter.relation.name) == nil {
            reportSkippedAlter(alter.relation.name, at: alter.relation.location, what: "ALTER \(what.uppercased())")
            return
        }
        guard let key = need(alter.relation.name, at: alter.relation.location, as: what), isNamed(key, as: what) else {
            return
        }
        if alter.actions.contains(where: { $0.kind == .addColumn }), let relation = schema.relations[key],
            relation.kind == .view || relation.kind == .sequence
        {
            report(
                .wrongKind,
                "\(key.shortened) is a \(relation.kind.rawValue) since \(words(for: relation.origin)): ADD COLUMN fails on it",
                at: alter.relation.location
            )
        }
        if let action = alter.actions.first(where: { $0.kind == .addConstraint }), let relation = schema.relations[key],
            [.view, .materializedView, .sequence].contains(relation.kind)
        {
            report(
                .wrongKind,
                "\(key.shortened) is \(relation.kind.withArticle) since \(words(for: relation.origin)): ADD CONSTRAINT fails on it",
                at: action.constraint?.location ?? alter.relation.location
            )
            return
        }
        if alter.actions.contains(where: \.mayCall) {
            needCalls(of: parsed.syntax?.children("cmds") ?? [], to: key)
        }
        // Columns are added before constraints are, whatever the order of the words.
        let ordered =
            alter.actions.filter { $0.pass == 0 } + alter.actions.filter { $0.pass == 1 }
            + alter.actions.filter { $0.pass == 2 }
        for action in ordered { apply(action, to: key, parsed) }
    }

    /// Looks up what the defaults and checks of sub-commands call.
    private func needCalls(of commands: [SyntaxNode], to key: QualifiedName) {
        for command in commands {
            if command.isSet("missing_ok"), let name = command.child("def")?.text("colname"),
                schema.relations[key]?.position(of: name) != nil
            {
                continue
            }
            needCalls(in: command.child("def"), for: "ALTER TABLE \(key.shortened)")
        }
    }

    /// A guarded statement about a relation that is not there.
    func reportSkippedAlter(_ name: QualifiedName, at offset: Int?, what: String) {
        guard schema.opening == nil else { return }
        let key = schema.creationKey(name)
        let departure = schema.gone[SimulatedSchema.ObjectKey(kind: .relation, name: key)]
        let near = nearest(to: key)
        let why =
            departure.map { departure in
                departure.renamedTo.map { "\(words(for: departure.origin)) renamed it to \($0.shortened)" }
                    ?? "\(words(for: departure.origin)) dropped it"
            } ?? near.map { "there is \($0.shortened)" }
        guard let why else {
            report(
                .alterIfExistsSkips,
                "no migration makes \(name): on a database without it \(what) IF EXISTS does nothing, without a word",
                at: offset,
                .note
            )
            return
        }
        report(
            .alterIfExistsSkips,
            "\(name) does not exist (\(why)), so \(what) IF EXISTS does nothing, without a word",
            at: offset,
            next: "take IF EXISTS out, so that a slip of the keyboard is an error"
        )
    }

    private func apply(_ action: AlterTableAction, to key: QualifiedName, _ parsed: ParsedStatement) {
        let name = action.name ?? ""
        let user = "ALTER TABLE \(key.shortened)"
        switch action.kind {
        case .addColumn:
            if let column = action.column { add(column, to: key, isGuarded: action.isTolerant) }
        case .dropColumn:
            dropColumn(name, of: key, action)
        case .setColumnDefault:
            change(name, of: key, user) { $0.defaultSQL = action.expression?.sql }
            checkLabel(action.expression, for: key, column: name)
        case .setNotNull:
            change(name, of: key, user) { $0.isNotNull = true }
        case .dropNotNull:
            change(name, of: key, user) { $0.isNotNull = false }
        case .alterColumnType:
            needType(action.column?.type, for: "column \(Identifier.quote(name))")
            if schema.relations[key]?.partitionColumns.contains(name) == true {
                report(
                    .wrongKind,
                    "\(key.shortened) is partitioned by \(Identifier.quote(name)): this fails with `cannot alter column \"\(name)\" because "
                        + "it is part of the partition key of relation \"\(key.name)\"`",
                    at: action.column?.location,
                    next: "make a table that is partitioned anew, and move the rows"
                )
            }
            checkTypeUsers(of: name, key, at: action.column?.location)
            if let parent = inheritedFrom(name, key) {
                report(
                    .wrongKind,
                    "column \(Identifier.quote(name)) of \(key.shortened) comes from \(parent.shortened): this fails with `cannot alter "
                        + "inherited column \"\(name)\"`",
                    at: action.column?.location,
                    next: "change it in \(parent.shortened)"
                )
            }
            change(name, of: key, user) { column in
                column.type = action.column?.type
                column.isSerial = false
            }
        case .addIdentity:
            if let column = schema.relations[key]?.column(name), column.isIdentity, column.definitionCertainty == .sure
            {
                report(
                    .objectMayExist,
                    "column \(Identifier.quote(name)) of \(key.shortened) is an identity column already: this fails",
                    at: action.constraint?.location
                )
            }
            if schema.relations[key]?.column(name)?.isIdentity == false, isProving {
                makeOwnedSequence(for: name, of: key, named: action.constraint?.sequence)
            }
            change(name, of: key, user) { $0.isIdentity = true }
        case .dropIdentity:
            change(name, of: key, user) { $0.isIdentity = false }
            removeOwnedSequences(of: name, key)
        case .dropExpression:
            change(name, of: key, user) { $0.isGenerated = false }
        case .setStatistics, .setColumnOptions, .resetColumnOptions, .setStorage, .setCompression, .setIdentity,
            .alterColumnForeignOptions:
            if Int(name) == nil, schema.relations[key]?.kind != .index { needColumn(name, of: key, at: nil, for: user) }
        case .addConstraint:
            if let constraint = action.constraint { add(constraint, column: nil, to: key) }
        case .dropConstraint:
            dropConstraint(name, of: key, action)
        case .validateConstraint:
            needConstraint(name, of: key, for: "VALIDATE CONSTRAINT")
            if let there = schema.relations[key]?.constraint(name), !there.isValidatable || there.mayBeKey {
                report(
                    .wrongKind,
                    "constraint \(Identifier.quote(name)) of \(key.shortened) \(there.mayBeKey ? "may be" : "is") a key since "
                        + "\(words(for: there.origin)): VALIDATE fails with `constraint … is not a foreign key or check constraint`",
                    there.mayBeKey ? .warning : nil
                )
            }
            if let place = schema.relations[key]?.constraints.firstIndex(where: { $0.name == name }) {
                schema.relations[key]?.constraints[place].isValidated = true
            }
        case .alterConstraint:
            needConstraint(name, of: key, for: "ALTER CONSTRAINT")
        case .attachPartition, .addInherit:
            attach(action, to: key)
        case .detachPartition, .detachPartitionFinalize, .dropInherit:
            detach(action, from: key)
        case .enableRowSecurity:
            schema.relations[key]?.hasRowSecurity = true
        case .disableRowSecurity:
            schema.relations[key]?.hasRowSecurity = false
        case .setLogged:
            schema.relations[key]?.persistence = .permanent
        case .setUnlogged:
            schema.relations[key]?.persistence = .unlogged
        case .enableTrigger, .disableTrigger, .enableAlwaysTrigger, .enableReplicaTrigger:
            needTrigger(name, of: key, for: user)
        case .clusterOn, .replicaIdentity:
            if action.name != nil, action.name != key.name {
                needIndex(QualifiedName(schema: key.schema, name: name), at: nil, for: user)
            }
        case .setTypeOf:
            break
        default:
            break
        }
    }

    // MARK: Constraints

    private func dropConstraint(_ name: String, of key: QualifiedName, _ action: AlterTableAction) {
        guard let relation = schema.relations[key] else { return }
        guard let constraint = relation.constraint(name) else {
            if action.isTolerant {
                let index = QualifiedName(schema: key.schema, name: name)
                if schema.relations[index]?.index != nil {
                    report(
                        .dropIndexVersusConstraint,
                        "\(Identifier.quote(name)) is an index and no constraint of \(key.shortened): DROP CONSTRAINT IF EXISTS does "
                            + "nothing, without a word",
                        next: "write DROP INDEX \(index.shortened)"
                    )
                    return
                }
                if mayInherit(constraint: name, to: key) { return }
                reportSkippedDrop(
                    of: "constraint",
                    name,
                    in: key,
                    relation.hasColumnList && schema.opening == nil,
                    relation.constraints.map(\.name),
                    nil
                )
            } else {
                needConstraint(name, of: key, for: "DROP CONSTRAINT")
            }
            return
        }
        if !action.isTolerant { needConstraint(name, of: key, for: "DROP CONSTRAINT") }
        let isKey = [.primaryKey, .unique].contains(constraint.kind)
        if isKey {
            let users = schema.foreignKeys(to: key, withOwn: true).filter {
                Set($0.constraint.referencedColumns) == Set(constraint.columns)
            }
            if !action.cascades, let user = users.first {
                report(
                    .dropNeedsCascade,
                    "constraint \(Identifier.quote(name)) is what foreign key \(Identifier.quote(user.constraint.name)) of "
                        + "\(user.table.shortened) refers to: this fails with `cannot drop constraint … because other objects depend "
                        + "on it`",
                    next: "drop the foreign key first"
                )
            }
            // Where several keys have these columns, nobody knows which of them a foreign key stands on.
            let others = relation.constraints.filter {
                [.primaryKey, .unique].contains($0.kind) && Set($0.columns) == Set(constraint.columns)
            }
            for user in users where others.count == 1 {
                schema.relations[user.table]?.removeConstraint(user.constraint.name)
            }
        }
        schema.relations[key]?.removeConstraint(name)
        let index = QualifiedName(schema: key.schema, name: name)
        if schema.relations[index]?.index?.constraint == name { schema.remove(index, at: origin) }
    }

    /// Looks up a constraint that the statement fails without.
    func needConstraint(_ name: String, of key: QualifiedName, at offset: Int? = nil, for user: String) {
        guard let relation = schema.relations[key] else { return }
        if let place = relation.constraints.firstIndex(where: { $0.name == name }) {
            guard relation.constraints[place].certainty == .maybe else { return }
            report(
                .constraintMayNotExist,
                "\(user) needs constraint \(Identifier.quote(name)) of \(key.shortened), which only a guarded statement at "
                    + "\(words(for: relation.constraints[place].origin)) declares",
                at: offset,
                .warning
            )
            if isProving { schema.relations[key]?.constraints[place].certainty = .sure }
            return
        }
        guard relation.hasColumnList, schema.opening == nil, !mayInherit(constraint: name, to: key) else { return }
        report(
            .constraintMayNotExist,
            "\(user) needs constraint \(Identifier.quote(name)) of \(key.shortened), and there is none: this fails with "
                + "`constraint \"\(name)\" of relation \"\(key.name)\" does not exist`",
            at: offset
        )
    }

    func needTrigger(_ name: String, of key: QualifiedName, at offset: Int? = nil, for user: String) {
        guard let relation = schema.relations[key], relation.hasColumnList, schema.opening == nil, !relation.isGuarded
        else { return }
        guard relation.triggers[name] == nil, relation.constraint(name) == nil, !mayInherit(trigger: name, to: key)
        else {
            return
        }
        report(
            .triggerMayNotExist,
            "\(user) needs trigger \(Identifier.quote(name)) of \(key.shortened), and no migration before this one makes it",
            at: offset
        )
    }

    /// Looks up a policy that the statement fails without.
    func needPolicy(_ name: String, of key: QualifiedName, for user: String) {
        guard let relation = schema.relations[key], relation.hasColumnList, schema.opening == nil, !relation.isGuarded,
            relation.policies[name] == nil
        else { return }
        report(
            .triggerMayNotExist,
            "\(user) needs policy \(Identifier.quote(name)) of \(key.shortened), and no migration before this one makes it"
        )
    }

    /// A guarded drop of what nobody has seen made.
    func reportSkippedDrop(
        of what: String,
        _ name: String,
        in key: QualifiedName,
        _ isKnown: Bool,
        _ others: [String],
        _ departure: SimulatedSchema.Departure?
    ) {
        guard isKnown, schema.opening == nil, departure == nil else { return }
        let near = others.first { $0.isSimilar(to: name) }
        report(
            .dropIfExistsUnknown,
            "\(key.shortened) has no \(what) \(Identifier.quote(name))"
                + (near.map { ", but \(Identifier.quote($0))" } ?? "") + ": IF EXISTS does nothing, without a word",
            near == nil ? .note : nil,
            next: near.map { "write \(Identifier.quote($0)), or take IF EXISTS out" }
        )
    }

    // MARK: Partitions

    private func attach(_ action: AlterTableAction, to key: QualifiedName) {
        guard let other = action.relation, let otherKey = need(other.name, at: other.location) else { return }
        let (parent, child) = action.kind == .addInherit ? (otherKey, key) : (key, otherKey)
        if schema.relations[parent]?.children.contains(child) == true {
            report(
                .objectMayExist,
                "\(child.shortened) is a part of \(parent.shortened) already: this fails",
                at: other.location
            )
            return
        }
        if schema.relations[key]?.kind == .index { return }
        if action.kind == .attachPartition {
            needPartitioned(key, at: other.location)
            needRoom(for: action.partitionBound, in: key, at: other.location)
            schema.relations[child]?.partitionBound = action.partitionBound
        } else {
            needHeir(of: parent, at: other.location)
        }
        needColumns(of: parent, in: child, isPartition: action.kind == .attachPartition, at: other.location)
        schema.relations[parent]?.children.append(child)
        schema.relations[child]?.parents.append(parent)
    }

    private func detach(_ action: AlterTableAction, from key: QualifiedName) {
        guard let other = action.relation, let otherKey = need(other.name, at: other.location) else { return }
        let (parent, child) = action.kind == .dropInherit ? (otherKey, key) : (key, otherKey)
        if action.kind != .dropInherit { needPartition(child, of: parent, at: other.location) }
        if schema.relations[child]?.parents.contains(parent) == true { keepParts(of: parent, in: child) }
        schema.relations[parent]?.children.removeAll { $0 == child }
        schema.relations[child]?.parents.removeAll { $0 == parent }
        if action.kind != .dropInherit { schema.relations[child]?.partitionBound = nil }
    }
}

extension AlterTableAction {
    /// The order in which the server takes sub-commands: drops, then types and columns, then what builds on them.
    fileprivate var pass: Int {
        switch kind {
        case .dropColumn, .dropConstraint: 0
        case .addColumn, .alterColumnType: 1
        default: 2
        }
    }
}
