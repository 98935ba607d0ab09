import SQLSyntax

/// `DROP`, `ALTER … RENAME` and `ALTER … SET SCHEMA`.
extension Interpreter {
    func apply(_ drop: Drop, _ parsed: ParsedStatement) {
        // What a function for triggers takes along is followed.
        let isFollowed = drop.objects.allSatisfy {
            isSurelyMissing($0) || drop.kind == .function && isForTriggers($0.name)
        }
        for object in drop.objects {
            switch drop.kind {
            case .table, .foreignTable, .view, .materializedView, .sequence, .index:
                dropRelation(object, drop)
            case .type, .domain:
                dropType(object, drop)
            case .function, .procedure, .routine, .aggregate:
                dropRoutine(object, drop)
            case .schema:
                dropSchema(object.name.name, drop)
            case .trigger, .policy, .rule:
                dropPart(object, drop)
            case .extension:
                dropExtension(object.name.name, drop)
            case _ where drop.kind.isOther:
                // Of several operators or casts the first alone is known by its types.
                if drop.objects.count == 1 || object.arguments != nil || drop.kind != .cast,
                    let name = drop.name(of: object, parsed.syntax)
                {
                    dropObject(object, named: name, drop)
                }
            default:
                continue
            }
        }
        if !isFollowed { noteCascade(drop) }
    }

    /// Whether an object is known not to be there, so that CASCADE takes nothing along with it.
    private func isSurelyMissing(_ object: ObjectReference) -> Bool {
        guard schema.knowsStart, schema.opening == nil else { return false }
        return switch object.kind {
        case .schema: !schema.schemas.has(object.name.name)
        case .extension: !schema.extensions.has(object.name.name)
        case .type, .domain: schema.typeKey(object.name) == nil && schema.relationKey(object.name) == nil
        case .function, .procedure, .routine: schema.routineKey(object.name) == nil
        default: false
        }
    }

    private func dropRelation(_ object: ObjectReference, _ drop: Drop) {
        let what = drop.kind.words
        guard let key = schema.relationKey(object.name) else {
            if drop.kind == .index, mayBeOthersIndex(object.name) { return }
            if drop.ifExists {
                reportUnknown(object.name, what: what)
            } else {
                needForDrop(object.name, what: what)
            }
            return
        }
        guard let relation = schema.relations[key] else { return }
        if relation.certainty == .maybe, !drop.ifExists { need(object.name, at: nil, as: what) }
        if relation.kind.words != what, relation.kind != .table || relation.hasColumnList {
            report(
                .dropIfExistsWrongKind,
                "\(key.shortened) is \(relation.kind.withArticle) since \(words(for: relation.origin)): this fails with `\"\(key.name)\" "
                    + "is not \(drop.kind == .index ? "an index" : "a \(what)")`"
                    + (drop.ifExists ? ", IF EXISTS or not" : ""),
                next: "write DROP \(relation.kind.rawValue.uppercased())"
            )
            return
        }
        if drop.isConcurrent, let table = relation.index?.table, refusesConcurrently(table, at: nil, drops: true) {
            return
        }
        if let constraint = relation.index?.constraint, let table = relation.index?.table {
            report(
                .dropIndexVersusConstraint,
                "index \(key.shortened) belongs to constraint \(Identifier.quote(constraint)): this fails with `cannot drop index … "
                    + "because constraint … requires it`",
                next: "write ALTER TABLE \(table.shortened) DROP CONSTRAINT \(Identifier.quote(constraint))"
            )
            return
        }
        checkDependents(of: key, relation, drop)
        schema.remove(key, at: origin)
    }

    /// What stands in the way of a drop, and what CASCADE takes along.
    private func checkDependents(of key: QualifiedName, _ relation: Relation, _ drop: Drop) {
        let dropped = Set(drop.objects.compactMap { schema.relationKey($0.name) })
        let isPartitioned = relation.partitionStrategy != nil
        let partitions = isPartitioned ? relation.children : []
        let views = ([key] + partitions).flatMap { schema.views(reading: $0) }.filter { !dropped.contains($0) }
        let foreignKeys = (relation.index == nil ? schema.foreignKeys(to: key) : schema.foreignKeys(servedBy: key))
            .filter { !dropped.contains($0.table) }
        let children = isPartitioned ? [] : relation.children.filter { !dropped.contains($0) }
        if !drop.cascades, let words = blocker(views, foreignKeys, children) {
            report(
                .dropNeedsCascade,
                "\(relation.kind.rawValue) \(key.shortened) cannot be dropped: \(words) depends on it, and this fails with `cannot "
                    + "drop … because other objects depend on it`",
                next: "drop what depends on it first"
            )
        }
        for view in views { schema.removeView(view, at: origin) }
        for foreignKey in foreignKeys {
            schema.relations[foreignKey.table]?.removeConstraint(foreignKey.constraint.name)
        }
        guard drop.cascades else { return }
        for child in children + partitions { schema.removeChild(child, at: origin) }
        // A table is a type, too.
        if relation.index == nil { removeColumns(ofType: key) }
    }

    private func blocker(
        _ views: [QualifiedName],
        _ foreignKeys: [(table: QualifiedName, constraint: SimulatedConstraint)],
        _ children: [QualifiedName]
    ) -> String? {
        if let view = views.first { return "view \(view.shortened)" }
        if let key = foreignKeys.first {
            return "foreign key \(Identifier.quote(key.constraint.name)) of \(key.table.shortened)"
        }
        return children.first.map { "child table \($0.shortened)" }
    }

    private func needForDrop(_ name: QualifiedName, what: String) {
        if drop(isForConstraintIndex: name) { return }
        need(name, at: nil, as: what)
        if let key = schema.relationKey(name) { schema.remove(key, at: origin) }
    }

    private func drop(isForConstraintIndex name: QualifiedName) -> Bool { SimulatedSchema.isSystem(name) }

    /// A guarded drop of what the history does not know: perhaps a slip of the keyboard.
    private func reportUnknown(_ name: QualifiedName, what: String) {
        guard schema.opening == nil else { return }
        let key = schema.creationKey(name)
        // Dropped twice is no mistake.
        if schema.gone.has(SimulatedSchema.ObjectKey(kind: .relation, name: key)) { return }
        let near = nearest(to: key)
        report(
            .dropIfExistsUnknown,
            "no migration before this one makes \(what) \(name)" + (near.map { ", but there is \($0.shortened)" } ?? "")
                + ": IF EXISTS does nothing then, without a word",
            near == nil ? .note : nil,
            next: near.map { "write \($0.shortened), or take IF EXISTS out" }
        )
        // Whatever was there is gone now.
        schema.gone[SimulatedSchema.ObjectKey(kind: .relation, name: key)] = SimulatedSchema.Departure(origin: origin)
    }

    private func dropType(_ object: ObjectReference, _ drop: Drop) {
        guard let key = schema.typeKey(object.name) else {
            let key = schema.creationKey(object.name)
            if !drop.ifExists {
                needType(TypeReference(named: object.name), for: "DROP \(drop.kind.words.uppercased())")
            }
            schema.types[key] = nil
            schema.gone[SimulatedSchema.ObjectKey(kind: .type, name: key)] = SimulatedSchema.Departure(origin: origin)
            return
        }
        let users = schema.users(ofType: key.name).filter { name in
            schema.relations[name]?.columns.contains { column in
                guard let type = column.type?.name, type.name == key.name else { return false }
                return schema.typeKey(type) == key
            } ?? false
        }
        if !drop.cascades, let user = users.first {
            report(
                .dropNeedsCascade,
                "type \(key.shortened) is that of a column of \(user.shortened): this fails with `cannot drop type … because other "
                    + "objects depend on it`",
                next: "drop or change the column first"
            )
        }
        if drop.cascades {
            removeColumns(ofType: key)
        }
        schema.types[key] = nil
        schema.gone[SimulatedSchema.ObjectKey(kind: .type, name: key)] = SimulatedSchema.Departure(origin: origin)
    }

    private func dropRoutine(_ object: ObjectReference, _ drop: Drop) {
        let what = drop.kind.words
        guard let key = schema.routineKey(object.name), let overloads = schema.routines[key], !overloads.isEmpty else {
            guard schema.opening == nil, schema.extensions.isEmpty, object.name.schema != "pg_catalog" else { return }
            let key = schema.creationKey(object.name)
            if schema.gone.has(SimulatedSchema.ObjectKey(kind: .routine, name: key)), drop.ifExists { return }
            report(
                drop.ifExists ? .dropIfExistsUnknown : .functionMayNotExist,
                "no migration before this one makes \(what) \(object.name)"
                    + (drop.ifExists ? ": IF EXISTS does nothing" : ""),
                drop.ifExists ? .note : .warning
            )
            return
        }
        guard let arguments = object.arguments?.map(\.signature) else {
            if overloads.count > 1 {
                report(
                    .functionMayNotExist,
                    "there are \(overloads.count) \(what)s called \(key.shortened): this fails with `\(what) name \"\(key.name)\" is not "
                        + "unique`" + (drop.ifExists ? ", IF EXISTS or not" : ""),
                    next: "write the types of the arguments"
                )
                return
            }
            checkTriggers(of: key, drop)
            removeRoutine(key) { _ in true }
            return
        }
        guard overloads.contains(where: { $0.arguments == arguments }) else {
            let known = overloads[0].arguments.joined(separator: ", ")
            if drop.ifExists {
                report(
                    .dropIfExistsUnknown,
                    "there is no \(what) \(key.shortened)(\(arguments.joined(separator: ", "))), but \(key.shortened)(\(known)): IF "
                        + "EXISTS does nothing, without a word",
                    next: "write \(key.shortened)(\(known))"
                )
            } else {
                report(
                    .functionMayNotExist,
                    "there is no \(what) \(key.shortened)(\(arguments.joined(separator: ", "))), but \(key.shortened)(\(known)): this "
                        + "fails"
                )
            }
            return
        }
        if arguments.isEmpty { checkTriggers(of: key, drop) }
        removeRoutine(key) { $0.arguments == arguments }
    }

    /// The triggers that call a function: they stand in the way of its drop, or go along.
    private func checkTriggers(of function: QualifiedName, _ drop: Drop) {
        guard let users = schema.triggerUsers[function], !users.isEmpty else { return }
        for table in users.sorted() {
            for (trigger, called) in schema.relations[table]?.triggerFunctions ?? [:] where called == function {
                if !drop.cascades {
                    report(
                        .dropNeedsCascade,
                        "trigger \(Identifier.quote(trigger)) of \(table.shortened) calls \(function.shortened): this fails with `cannot "
                            + "drop function … because other objects depend on it`",
                        next: "drop the trigger first, or write CASCADE"
                    )
                }
                schema.relations[table]?.triggers[trigger] = nil
                schema.relations[table]?.triggerFunctions[trigger] = nil
                schema.relations[table]?.triggerColumns[trigger] = nil
            }
        }
        schema.triggerUsers[function] = nil
    }

    private func removeRoutine(_ key: QualifiedName, where matches: (SimulatedRoutine) -> Bool) {
        schema.routines[key]?.removeAll(where: matches)
        if schema.routines[key]?.isEmpty == true {
            schema.routines[key] = nil
            schema.gone[SimulatedSchema.ObjectKey(kind: .routine, name: key)] = SimulatedSchema.Departure(
                origin: origin
            )
        }
    }

    private func dropSchema(_ name: String, _ drop: Drop) {
        guard schema.schemas.has(name) else {
            if !drop.ifExists { needSchema(name, at: nil) }
            return
        }
        let inside = schema.relations.keys.filter { $0.schema == name }.sorted()
        let first =
            inside.first ?? schema.types.keys.filter { $0.schema == name }.min()
            ?? schema.routines.keys.filter { $0.schema == name }.min()
            ?? schema.objects.keys.filter { $0.name.schema == name && schema.objects[$0]?.isGone == false }.map(\.name)
            .min()
        if !drop.cascades, let first {
            report(
                .dropNeedsCascade,
                "schema \(Identifier.quote(name)) is not empty (\(first)): this fails with `cannot drop schema … because other "
                    + "objects depend on it`",
                next: "drop what is in it first"
            )
        }
        for key in inside {
            if drop.cascades {
                removeColumns(ofType: key)
                schema.removeTree(key, at: origin)
            } else {
                schema.remove(key, at: origin)
            }
        }
        for key in schema.types.keys where key.schema == name {
            if drop.cascades { removeColumns(ofType: key) }
            schema.types[key] = nil
        }
        for key in schema.routines.keys where key.schema == name { schema.routines[key] = nil }
        for key in schema.objects.keys where key.name.schema == name { schema.remove(key, at: origin) }
        schema.schemas[name] = nil
    }

    private func dropPart(_ object: ObjectReference, _ drop: Drop) {
        guard let table = object.relation else { return }
        if drop.ifExists, schema.relationKey(table) == nil {
            reportUnknown(table, what: "table")
            return
        }
        guard let key = need(table, at: nil) else { return }
        let name = object.name.name
        let known = drop.kind == .policy ? schema.relations[key]?.policies : schema.relations[key]?.triggers
        if drop.kind == .rule, !drop.ifExists { needRule(name, of: key, for: "DROP RULE") }
        if drop.kind == .rule { schema.relations[key]?.rules[name] = nil }
        if drop.kind != .rule, known?[name] == nil, schema.relations[key]?.isGuarded == false {
            if drop.ifExists {
                let isKnown = schema.relations[key]?.hasColumnList ?? false
                // Before a creation of the same name it is the usual guard.
                if !isFollowedByCreation(of: name) {
                    reportSkippedDrop(of: drop.kind.words, name, in: key, isKnown, known?.keys.sorted() ?? [], nil)
                }
            } else if drop.kind == .trigger {
                needTrigger(name, of: key, for: "DROP TRIGGER")
            } else {
                needPolicy(name, of: key, for: "DROP POLICY")
            }
        }
        if drop.kind == .policy {
            schema.relations[key]?.policies[name] = nil
            schema.relations[key]?.policyColumns[name] = nil
        }
        if drop.kind == .trigger {
            schema.relations[key]?.triggers[name] = nil
            schema.relations[key]?.triggerFunctions[name] = nil
            schema.relations[key]?.triggerColumns[name] = nil
        }
    }

    private func dropExtension(_ name: String, _ drop: Drop) {
        if !schema.extensions.has(name), !drop.ifExists, !schema.knowsStart, schema.opening == nil, name != "plpgsql" {
            report(
                .objectMayNotExist,
                "DROP EXTENSION needs extension \(Identifier.quote(name)), which no migration before this one makes: on an empty "
                    + "database the statement fails",
                .warning,
                next: "write DROP EXTENSION IF EXISTS"
            )
        }
        schema.extensions[name] = nil
    }

    private func isFollowedByCreation(of name: String) -> Bool {
        source.statements.dropFirst(statementIndex + 1).prefix(3).contains { statement in
            switch statement.node {
            case .createTrigger(let trigger): trigger.name == name
            case .createPolicy(let policy): policy.name == name
            default: false
            }
        }
    }
}

extension ObjectKind {
    /// The kind in words, as SQL has them.
    var words: String {
        self == .materializedView ? "materialized view" : rawValue.lowercased().replacing("_", with: " ")
    }
}

extension RelationKind {
    /// The kind in the words of DROP.
    var words: String { rawValue }
}
