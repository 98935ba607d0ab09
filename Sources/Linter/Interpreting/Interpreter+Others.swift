import SQLSyntax

/// Publications, statistics objects, collations, operators and their like.
extension Interpreter {
    // MARK: Making

    func make(_ creation: ObjectCreation, on table: (key: QualifiedName, columns: Set<String>)? = nil) {
        if let name = creation.name.schema { needSchema(name, at: nil) }
        let key = schema.creationKey(creation.kind, creation.name)
        if let existing = schema.objects[key], !existing.isGone {
            if creation.ifNotExists {
                if isProving { schema.objects[key]?.certainty = .sure }
                return
            }
            // What a condition looks for is not known here.
            if !isConditional {
                report(
                    .objectMayExist,
                    "\(key.words) \(existing.certainty == .sure ? "exists" : "may exist") since \(words(for: existing.origin)): "
                        + "this fails with `… already exists`",
                    existing.certainty == .sure ? severity(since: existing.origin) : .warning,
                    next: "drop it first"
                )
            }
            if existing.certainty == .sure { return }
        }
        schema.objects[key] = SimulatedObject(
            certainty: isConditional ? .maybe : .sure,
            origin: origin,
            table: table?.key
        )
        if let table { schema.relations[table.key]?.statistics[key.name] = table.columns }
    }

    func applyStatistics(_ parsed: ParsedStatement) {
        guard let syntax = parsed.syntax, let relation = syntax.child("relations")?.relation else { return }
        let given = syntax.name(in: "defnames")
        let isGuarded = syntax.isSet("if_not_exists")
        if isGuarded, let key = schema.objectKey(.statistics, given), let there = schema.objects[key], !there.isGone {
            if isProving { schema.objects[key]?.certainty = .sure }
            return
        }
        guard let table = need(relation.name, at: relation.location) else { return }
        var columns: Set<String> = []
        for expression in syntax.children("exprs") {
            if let name = expression.text("name") {
                needColumn(name, of: table, at: relation.location, for: "the statistics object")
                columns.insert(name)
            }
            expression.forEachNode { node in
                if let name = node.columnReference?.parts.last { columns.insert(name) }
            }
        }
        var creation = ObjectCreation(.statistics, given)
        creation.ifNotExists = isGuarded
        make(creation, on: (table, columns))
    }

    func makeRule(_ name: String, on relation: RelationReference, orReplace: Bool) {
        guard let key = need(relation.name, at: relation.location) else { return }
        let existing = schema.relations[key]?.rules[name]
        if let certainty = existing, !orReplace, !isConditional {
            report(
                .objectMayExist,
                "rule \(Identifier.quote(name)) of \(key.shortened) exists already: this fails with `rule \"\(name)\" for relation "
                    + "\"\(key.name)\" already exists`",
                certainty == .sure ? severity(since: nil) : .warning,
                next: "write CREATE OR REPLACE RULE"
            )
        }
        schema.relations[key]?.rules[name] = isConditional ? existing ?? .maybe : .sure
    }

    func makeAggregate(_ syntax: SyntaxNode) {
        let name = syntax.name(in: "defnames")
        let key = schema.creationKey(name)
        let parameters = syntax.children("args").flatMap { $0.kind == "List" ? $0.children("items") : [] }
        var arguments = parameters.compactMap { $0.child("arg_type")?.typeReference }
        if syntax.isSet("oldstyle") {
            let base = syntax.children("definition").first { $0.text("defname") == "basetype" }?.child("arg")?
                .typeReference
            arguments = [base].compactMap(\.self)
        }
        for argument in arguments { needType(argument, for: "aggregate \(name)") }
        var routine = SimulatedRoutine(unknownAt: origin)
        routine.arguments = arguments.map(\.signature)
        routine.requiredCount = arguments.count
        routine.isVolatile = false
        routine.certainty = isConditional ? .maybe : .sure
        let overloads = schema.routines[key] ?? []
        if let existing = overloads.first(where: { $0.arguments == routine.arguments }), !syntax.isSet("replace"),
            !isConditional
        {
            report(
                .objectMayExist,
                "\(key.shortened)(\(routine.arguments.joined(separator: ", "))) exists since \(words(for: existing.origin)): this fails "
                    + "with `function … already exists with same argument types`",
                existing.certainty == .sure ? severity(since: existing.origin) : .warning,
                next: "write CREATE OR REPLACE AGGREGATE"
            )
        }
        schema.routines[key] = overloads.filter { $0.arguments != routine.arguments } + [routine]
        schema.gone.clear(SimulatedSchema.ObjectKey(kind: .routine, name: key))
    }

    // MARK: Relying on

    /// Looks up an object that the statement fails without.
    ///
    /// - Returns: its key; nil if it is not there.
    @discardableResult
    func needObject(_ kind: ObjectKind, _ name: QualifiedName, for user: String) -> SimulatedObject.Key? {
        let key = schema.objectKey(kind, name) ?? schema.creationKey(kind, name)
        let existing = schema.objects[key]
        if let existing, !existing.isGone {
            if existing.certainty == .maybe {
                report(
                    .objectMayNotExist,
                    "\(user) needs \(key.words), which may not be there: \(words(for: existing.origin)) makes it only under a condition",
                    .warning
                )
                if isProving { schema.objects[key]?.certainty = .sure }
            }
            return key
        }
        if let existing {
            report(
                .objectMayNotExist,
                "\(user) needs \(key.words), which is not there: \(words(for: existing.origin)) took it away",
                departedSeverity
            )
        } else if !schema.knowsStart, schema.opening == nil, name.schema != "pg_catalog", !kind.isBuiltIn(name),
            !kind.mayComeFromExtension || schema.extensions.isEmpty
        {
            report(
                .objectMayNotExist,
                "\(user) needs \(key.words), which no migration before this one makes: on an empty database the statement fails",
                .warning
            )
        }
        if isProving { schema.objects[key] = SimulatedObject(origin: origin) }
        return nil
    }

    /// Looks up a rule that the statement fails without.
    func needRule(_ name: String, of key: QualifiedName, for user: String) {
        guard let relation = schema.relations[key], relation.rules[name] == nil, relation.hasColumnList,
            !relation.isGuarded, schema.opening == nil, name != "_RETURN"
        else { return }
        report(
            .objectMayNotExist,
            "\(user) needs rule \(Identifier.quote(name)) of \(key.shortened), and no migration before this one makes it",
            departedSeverity
        )
    }

    // MARK: Taking away and changing

    func dropObject(_ object: ObjectReference, named name: QualifiedName, _ drop: Drop) {
        let key = schema.objectKey(object.kind, name) ?? schema.creationKey(object.kind, name)
        if !drop.ifExists { needObject(object.kind, name, for: "DROP") }
        schema.remove(key, at: origin)
    }

    /// Gives an object another name, or another schema.
    func move(_ kind: ObjectKind, _ name: QualifiedName, for user: String, to new: (QualifiedName) -> QualifiedName) {
        needObject(kind, name, for: user)
        guard let key = schema.objectKey(kind, name), let object = schema.objects[key], !object.isGone else { return }
        let columns = object.table.flatMap { schema.relations[$0]?.statistics[key.name] }
        schema.remove(key, at: origin)
        let moved = SimulatedObject.Key(kind: kind, name: new(key.name))
        if let existing = schema.objects[moved], !existing.isGone, existing.certainty == .sure, !isConditional {
            report(
                .objectMayExist,
                "\(moved.words) exists since \(words(for: existing.origin)): this fails with `… already exists`",
                severity(since: existing.origin)
            )
        }
        schema.objects[moved] = object
        if let table = object.table { schema.relations[table]?.statistics[moved.name] = columns ?? [] }
    }

    /// Applies a change of an object that names it in a field of its own.
    func applyChange(_ kind: String, _ syntax: SyntaxNode) {
        switch kind {
        case "CreateEventTrigStmt": needRoutine(syntax.name(in: "funcname"), for: "the event trigger")
        case "CreateForeignServerStmt":
            needObject(.foreignDataWrapper, QualifiedName(name: syntax.text("fdwname") ?? ""), for: "CREATE SERVER")
        case "CreateUserMappingStmt":
            needObject(.foreignServer, QualifiedName(name: syntax.text("servername") ?? ""), for: "CREATE USER MAPPING")
        case "CreatePLangStmt":
            let name = syntax.text("plname") ?? ""
            if !schema.extensions.has(name) { schema.extensions[name] = SimulatedExtension(origin: origin) }
        case "AlterPublicationStmt":
            needObject(.publication, QualifiedName(name: syntax.text("pubname") ?? ""), for: "ALTER PUBLICATION")
        case "AlterEventTrigStmt":
            needObject(.eventTrigger, QualifiedName(name: syntax.text("trigname") ?? ""), for: "ALTER EVENT TRIGGER")
        case "AlterStatsStmt":
            let name = syntax.name(in: "defnames")
            if syntax.isSet("missing_ok"), schema.objectKey(.statistics, name) == nil { return }
            needObject(.statistics, name, for: "ALTER STATISTICS")
        case "AlterCollationStmt":
            needObject(.collation, syntax.name(in: "collname"), for: "ALTER COLLATION")
        case "AlterTSConfigurationStmt":
            needObject(.textSearchConfiguration, syntax.name(in: "cfgname"), for: "ALTER TEXT SEARCH CONFIGURATION")
        case "AlterTSDictionaryStmt":
            needObject(.textSearchDictionary, syntax.name(in: "dictname"), for: "ALTER TEXT SEARCH DICTIONARY")
        case "AlterFunctionStmt":
            let kind: ObjectKind =
                switch syntax.option("objtype") {
                case "OBJECT_PROCEDURE": .procedure
                case "OBJECT_ROUTINE": .routine
                default: .function
                }
            if let routine = syntax.child("func")?.routine(kind) {
                needObject(routine, for: "ALTER \(kind.words.uppercased())")
            }
        default: return
        }
    }

    /// Applies DROP of an object with a statement of its own.
    func applySubscription(_ subscription: SubscriptionStatement, _ parsed: ParsedStatement) {
        let name = QualifiedName(name: subscription.name)
        switch subscription.action {
        case .create: return
        case .drop:
            if parsed.syntax?.isSet("missing_ok") != true { needObject(.subscription, name, for: "DROP SUBSCRIPTION") }
            schema.remove(SimulatedObject.Key(kind: .subscription, name: name), at: origin)
        default: needObject(.subscription, name, for: "ALTER SUBSCRIPTION")
        }
    }
}

extension Drop {
    /// The name of an object of which names alone are not enough: an operator or a cast.
    func name(of object: ObjectReference, _ syntax: SyntaxNode?) -> QualifiedName? {
        switch kind {
        case .operator:
            guard let arguments = object.arguments, let right = arguments.last else { return nil }
            return ObjectCreation.operatorName(object.name, arguments.count > 1 ? arguments.first : nil, right)
        case .cast:
            let types = syntax?.children("objects").first?.children("items").compactMap(\.typeReference) ?? []
            return types.count == 2 ? ObjectCreation.castName(types[0], types[1]) : nil
        case .operatorClass, .operatorFamily:
            // The access method comes first.
            let parts = syntax?.children("objects").first?.children("items").compactMap { $0.text("sval") } ?? []
            guard parts.count > 1 else { return nil }
            return QualifiedName(
                schema: parts.count > 2 ? parts[1] : nil,
                name: "\(parts[parts.count - 1]) using \(parts[0])"
            )
        default: return object.name
        }
    }
}

extension ObjectKind {
    /// Whether an object is kept among those that are known by their names alone.
    var isOther: Bool {
        switch self {
        case .publication, .subscription, .statistics, .collation, .conversion, .eventTrigger, .operator,
            .operatorClass,
            .operatorFamily, .cast, .foreignDataWrapper, .foreignServer, .textSearchConfiguration,
            .textSearchDictionary, .textSearchParser, .textSearchTemplate:
            true
        default: false
        }
    }

    /// Whether every server may have an object of that name.
    fileprivate func isBuiltIn(_ name: QualifiedName) -> Bool {
        switch self {
        case .publication, .subscription, .statistics, .eventTrigger, .foreignServer, .foreignDataWrapper: false
        // Which of these there are depends on the server's libraries.
        case .collation: name.schema == nil && name.name.contains { $0.isUppercase || $0 == "-" }
        default: name.schema == nil
        }
    }
}
