import SQLSyntax

/// A creation inside a block that a condition or a handler guards.
struct GuardedCreation {
    /// What a creation makes.
    enum Target {
        case type(QualifiedName, labels: [String]?)
        case constraint(String, ConstraintDefinition, table: QualifiedName)
        case column(String, table: QualifiedName)
        case relation(QualifiedName)
        case trigger(String, table: QualifiedName)
        case policy(String, table: QualifiedName)
        case schema(String)
        case routine(QualifiedName)
        case rule(String, table: QualifiedName)
        case object(SimulatedObject.Key)
    }

    /// Whether it is there before the block.
    enum State {
        case present(difference: String?)
        /// Only a guarded statement before it declares it.
        case possible(difference: String?)
        case absent
    }

    let target: Target
    /// What makes the statement fail where the object is there, by the name that a handler has for it.
    let condition: String
    let lookup: CatalogLookup?

    /// Recognises a statement as a guarded creation; nil for any other.
    init?(
        _ node: StatementNode,
        _ syntax: SyntaxNode?,
        guards: [Interpreter.BlockGuard],
        in schema: borrowing SimulatedSchema
    ) {
        guard !guards.isEmpty, let (target, condition) = Self.target(of: node, syntax, in: schema) else { return nil }
        var lookup: CatalogLookup?
        var isGuarded = false
        for each in guards {
            switch each {
            case .unknownCondition: return nil
            case .condition(let look):
                guard look.isNegated, look.name == nil || look.name == Self.name(of: target) else { return nil }
                lookup = look
                isGuarded = true
            case .handler(let conditions):
                isGuarded = isGuarded || conditions.contains { Self.catches($0, condition) }
            }
        }
        guard isGuarded else { return nil }
        self.target = target
        self.condition = condition
        self.lookup = lookup
    }

    /// What a statement makes, and the error that it fails with where that is there.
    static func target(
        of node: StatementNode,
        _ syntax: SyntaxNode?,
        in schema: borrowing SimulatedSchema
    ) -> (Target, condition: String)? {
        switch node {
        case .createRule(let name, let relation) where syntax?.isSet("replace") != true:
            return (.rule(name, table: schema.key(of: relation.name)), "duplicate_object")
        case .other("CreateStatsStmt"):
            let name = syntax?.name(in: "defnames") ?? QualifiedName(name: "")
            if name.name.isEmpty { return nil }
            return (.object(schema.creationKey(.statistics, name)), "duplicate_object")
        case .other, .subscription:
            guard let creation = ObjectCreation(node, syntax), !creation.ifNotExists else { return nil }
            return (.object(schema.creationKey(creation.kind, creation.name)), creation.condition)
        case .createType(let create):
            var labels: [String]?
            if case .enumeration(let list) = create.definition { labels = list }
            return (.type(schema.creationKey(create.name), labels: labels), "duplicate_object")
        case .createDomain(let create):
            return (.type(schema.creationKey(create.name), labels: nil), "duplicate_object")
        case .createTable(let create) where !create.ifNotExists:
            return (.relation(schema.creationKey(create.table.name)), "duplicate_table")
        case .createIndex(let create) where !create.ifNotExists:
            guard let name = create.name else { return nil }
            return (
                .relation(schema.creationKey(QualifiedName(schema: create.table.name.schema, name: name))),
                "duplicate_table"
            )
        case .createSequence(let relation, ifNotExists: false, _):
            return (.relation(schema.creationKey(relation.name)), "duplicate_table")
        case .createView(let create) where !create.orReplace:
            return (.relation(schema.creationKey(create.view.name)), "duplicate_table")
        case .createTrigger(let create) where !create.orReplace:
            return (.trigger(create.name, table: schema.key(of: create.table.name)), "duplicate_object")
        case .createPolicy(let policy):
            return (.policy(policy.name, table: schema.key(of: policy.table.name)), "duplicate_object")
        case .createSchema(let name?, ifNotExists: false, _):
            return (.schema(name), "duplicate_schema")
        case .createRoutine(let create) where !create.orReplace:
            return (.routine(schema.creationKey(create.name)), "duplicate_function")
        case .alterTable(let alter) where alter.actions.count == 1:
            let action = alter.actions[0]
            let table = schema.key(of: alter.relation.name)
            if action.kind == .addConstraint, let constraint = action.constraint, let name = constraint.name {
                // A check or a foreign key has no index, whose name would be in the way first.
                let there = schema.relations[table]?.constraint(name)
                let code: String
                switch constraint.kind {
                case _ where there?.isValidatable == true: code = "duplicate_object"
                case .unique, .exclusion: code = "duplicate_table"
                case .primaryKey: code = "invalid_table_definition"
                default: code = "duplicate_object"
                }
                return (.constraint(name, constraint, table: table), code)
            }
            if action.kind == .addColumn, !action.isTolerant, let column = action.column {
                return (.column(column.name, table: table), "duplicate_column")
            }
            return nil
        default:
            return nil
        }
    }

    static func catches(_ caught: String, _ condition: String) -> Bool {
        let codes = [
            "42710": "duplicate_object", "42p07": "duplicate_table", "42701": "duplicate_column",
            "42p16": "invalid_table_definition",
            "42723": "duplicate_function", "42p06": "duplicate_schema", "23505": "unique_violation",
        ]
        let caught = caught.lowercased()
        return caught == "others" || (codes[caught] ?? caught) == condition
            || caught == "syntax_error_or_access_rule_violation"
    }

    private static func name(of target: Target) -> String {
        switch target {
        case .type(let key, _), .relation(let key), .routine(let key): key.name
        case .object(let key): key.name.name
        case .constraint(let name, _, _), .column(let name, _), .trigger(let name, _), .policy(let name, _),
            .rule(let name, _), .schema(let name):
            name
        }
    }

    var typeKey: QualifiedName? { if case .type(let key, _) = target { key } else { nil } }

    /// What it makes, in words.
    var words: String {
        switch target {
        case .type(let key, _): "type \(key.shortened)"
        case .relation(let key): "\(key.shortened)"
        case .routine(let key): "function \(key.shortened)"
        case .constraint(let name, _, let table): "constraint \(Identifier.quote(name)) of \(table.shortened)"
        case .column(let name, let table): "column \(Identifier.quote(name)) of \(table.shortened)"
        case .trigger(let name, let table): "trigger \(Identifier.quote(name)) of \(table.shortened)"
        case .policy(let name, let table): "policy \(Identifier.quote(name)) of \(table.shortened)"
        case .rule(let name, let table): "rule \(Identifier.quote(name)) of \(table.shortened)"
        case .object(let key): key.words
        case .schema(let name): "schema \(Identifier.quote(name))"
        }
    }

    /// Takes out what only a guarded statement declares, so that it can be declared again.
    func forget(in schema: inout SimulatedSchema) {
        switch target {
        case .constraint(let name, _, let table): schema.relations[table]?.removeConstraint(name)
        case .column(let name, let table): schema.relations[table]?.columns.removeAll { $0.name == name }
        case .rule(let name, let table): schema.relations[table]?.rules[name] = nil
        case .object(let key): schema.objects.clear(key)
        default: return
        }
    }

    /// Whether what has the name of a constraint is a key.
    func findsKey(in schema: borrowing SimulatedSchema) -> Bool {
        guard case .constraint(let name, _, let table) = target else { return false }
        return schema.relations[table]?.constraint(name)?.mayBeKey == true
            || schema.relations[table]?.constraint(name)?.isValidatable == false
    }

    /// Notes that it may be what another statement declares, which may be known to be something else, or a key.
    func doubt(in schema: inout SimulatedSchema, isContradicted: Bool, isKey: Bool) {
        switch target {
        case .constraint(let name, _, let table):
            guard let place = schema.relations[table]?.constraints.firstIndex(where: { $0.name == name }) else {
                return
            }
            schema.relations[table]?.constraints[place].definitionCertainty = isContradicted ? .unknown : .maybe
            schema.relations[table]?.constraints[place].mayBeKey = isKey
        case .column(let name, let table):
            guard let place = schema.relations[table]?.position(of: name) else { return }
            schema.relations[table]?.columns[place].definitionCertainty = .maybe
        default: return
        }
    }

    /// Whether it is there, and in which way it is another one.
    func state(in schema: borrowing SimulatedSchema) -> State {
        switch target {
        case .type(let key, let labels):
            guard let type = schema.types[key], type.certainty == .sure else { return .absent }
            guard let labels, case .enumeration(let there) = type.definition, !type.isGuarded || there != labels else {
                return .present(difference: nil)
            }
            let missing = labels.filter { !there.contains($0) }
            guard !missing.isEmpty else { return .present(difference: nil) }
            return .present(difference: "it lacks \(missing.map(StringLiteral.quote).joined(separator: ", "))")
        case .relation(let key):
            return schema.relations[key]?.certainty == .sure ? .present(difference: nil) : .absent
        case .routine(let key):
            return schema.routines.has(key) ? .present(difference: nil) : .absent
        case .constraint(let name, let definition, let table):
            guard let there = schema.relations[table]?.constraint(name), there.certainty > .unknown else {
                return .absent
            }
            func present(difference: String?) -> State {
                there.certainty == .sure ? .present(difference: difference) : .possible(difference: difference)
            }
            if there.kind != definition.kind { return present(difference: "it is of another kind") }
            if definition.kind == .check, let old = there.expression, let new = definition.expression?.sql,
                old.withoutCasts != new.withoutCasts
            {
                return present(difference: "it checks \(old), not \(new)")
            }
            if definition.kind != .check, !definition.columns.isEmpty, there.columns != definition.columns {
                return present(difference: "it is on (\(there.columns.joined(separator: ", ")))")
            }
            if let reference = definition.reference {
                let other = schema.key(of: reference.table.name)
                if let referenced = there.referenced, referenced != other {
                    return present(difference: "it refers to \(referenced.shortened), not to \(other.shortened)")
                }
                if !there.actions.isEmpty, there.actions != reference.actions {
                    return present(
                        difference: "it does something else when the row that is referred to goes or changes"
                    )
                }
            }
            if !there.isValidated, !definition.isNotValid { return present(difference: "it is not validated") }
            return present(difference: nil)
        case .column(let name, let table):
            guard let there = schema.relations[table]?.column(name), there.certainty > .unknown else { return .absent }
            return there.certainty == .sure ? .present(difference: nil) : .possible(difference: nil)
        case .trigger(let name, let table):
            return schema.relations[table]?.triggers[name] == .sure ? .present(difference: nil) : .absent
        case .policy(let name, let table):
            return schema.relations[table]?.policies[name] == .sure ? .present(difference: nil) : .absent
        case .rule(let name, let table):
            guard let certainty = schema.relations[table]?.rules[name] else { return .absent }
            return certainty == .sure ? .present(difference: nil) : .possible(difference: nil)
        case .object(let key):
            guard let there = schema.objects[key], !there.isGone else { return .absent }
            return there.certainty == .sure ? .present(difference: nil) : .possible(difference: nil)
        case .schema(let name):
            return schema.schemas[name] == .sure ? .present(difference: nil) : .absent
        }
    }
}

extension Interpreter {
    /// Judges what keeps a creation from running twice.
    func checkGuard(_ creation: GuardedCreation, _ guards: [BlockGuard]) {
        guard let lookup = creation.lookup, let missing = lookup.missingScope else { return }
        report(
            .guardUnscopedLookup,
            "the condition finds \(missing.why): where there is another one, \(creation.words) is not made, without a word",
            next: "compare \(missing.column), too"
        )
    }

    /// Judges the handlers of a block.
    func checkHandlers(
        _ body: [ProceduralBody.Statement],
        _ handlers: [ProceduralBody.Handler],
        _ parsed: ParsedStatement
    ) {
        guard !handlers.isEmpty else { return }
        let nodes = body.compactMap { statement -> (node: StatementNode, syntax: SyntaxNode?)? in
            guard case .sql(let text, _) = statement else { return nil }
            let first = (try? SyntaxTree(text))?.statements.first  // what is no SQL is no creation either
            return first?.node.map { ($0, first?.syntax) }
        }
        let definitions = nodes.filter { definition in
            switch definition.node {
            case .select, .change: false
            default: true
            }
        }
        guard !definitions.isEmpty else { return }
        let caught = handlers.flatMap(\.conditions)
        let swallowing = handlers.first { handler in
            handler.conditions.contains("others")
                && !handler.body.contains { statement in
                    switch statement {
                    case .expression, .transactionEnd, .other: true
                    default: false
                    }
                }
        }
        if swallowing != nil {
            report(
                .guardCatchesOthers,
                "WHEN OTHERS hides every failure of this block, also the one that matters: what it should make may not be there, "
                    + "without a word",
                next: "catch the one error that says that it is there already"
            )
        }
        for (node, syntax) in definitions where !caught.contains("others") {
            guard let (_, condition) = GuardedCreation.target(of: node, syntax, in: schema),
                caught.contains(where: { $0.hasPrefix("duplicate") || $0 == "invalid_table_definition" }),
                !caught.contains(where: { GuardedCreation.catches($0, condition) })
            else { continue }
            report(
                .guardWrongCondition,
                "the handler catches \(caught.joined(separator: ", ")), but what this statement fails with a second time is "
                    + "\(condition)",
                next: "write WHEN \(condition) THEN"
            )
        }
        if definitions.count > 1 {
            report(
                .guardRollsBackBlock,
                "the block makes \(definitions.count) things and has one handler: when one is there already, the others are taken back, "
                    + "too",
                next: "give each statement a block of its own"
            )
        }
    }

    /// Asks the rules about a statement inside a block.
    func judgeInBlock(_ node: StatementNode, _ parsed: ParsedStatement) {
        guard isJudging else { return }
        judge(node, LintSource.Statement(parsed: parsed, node: node, kind: StatementKind(node)))
    }
}
