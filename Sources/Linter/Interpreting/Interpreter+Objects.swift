import SQLSyntax

/// Routines, triggers, policies, sequences, schemas and extensions.
extension Interpreter {
    // MARK: Routines

    func apply(_ create: CreateRoutine, _ parsed: ParsedStatement) {
        needSchema(create.name.schema, at: nil)
        let what = create.isProcedure ? "procedure" : "function"
        for parameter in create.parameters { needType(parameter.type, for: "\(what) \(create.name)") }
        needType(create.returns, for: "\(what) \(create.name)")
        needLanguage(create.language, for: "\(what) \(create.name)")
        let key = schema.creationKey(create.name)
        let routine = SimulatedRoutine(
            create,
            hasSearchPath: parsed.setsSearchPath,
            origin: origin,
            certainty: isConditional ? .maybe : .sure
        )
        let overloads = schema.routines[key] ?? []
        if let existing = overloads.first(where: { $0.arguments == routine.arguments }) {
            if create.orReplace {
                checkReplacement(of: existing, by: routine, key: key, what: what)
            } else if existing.certainty == .sure {
                let severity: Severity? =
                    mayHaveGone(withTypes: existing.arguments + [existing.returns], since: existing.origin)
                    ? .warning : severity(since: existing.origin)
                report(
                    .objectMayExist,
                    "\(what) \(key.shortened)(\(routine.arguments.joined(separator: ", "))) exists since "
                        + "\(words(for: existing.origin)): this fails with `function … already exists with same argument types`",
                    severity,
                    next: "write CREATE OR REPLACE"
                )
                if severity == nil { return }
            }
        } else if create.orReplace, let other = overloads.first(where: { $0.overlaps(routine) }) {
            report(
                .replaceFunctionSignature,
                "\(key.shortened) takes (\(other.arguments.joined(separator: ", "))) since \(words(for: other.origin)): with other "
                    + "arguments this makes a second \(what) beside it, and a call that fits both fails with `function … is not unique`",
                .warning,
                next: "drop the old one in the same migration"
            )
        }
        schema.routines[key] = overloads.filter { $0.arguments != routine.arguments } + [routine]
        if key.schema == "pg_temp" { temporary.insert(key) }
        schema.gone.clear(SimulatedSchema.ObjectKey(kind: .routine, name: key))
        readBody(of: create, parsed)
    }

    private func checkReplacement(
        of existing: SimulatedRoutine,
        by routine: SimulatedRoutine,
        key: QualifiedName,
        what: String
    ) {
        if existing.isProcedure != routine.isProcedure {
            report(
                .replaceFunctionSignature,
                "\(key.shortened) is a \(existing.isProcedure ? "procedure" : "function") since \(words(for: existing.origin)): OR "
                    + "REPLACE fails with `cannot change routine kind`",
                next: "drop it first"
            )
            return
        }
        if existing.returns != routine.returns {
            report(
                .replaceFunctionSignature,
                "\(key.shortened) returns \(existing.returns) since \(words(for: existing.origin)), not \(routine.returns): OR REPLACE "
                    + "fails with `cannot change return type of existing function`",
                next: "drop it first: DROP FUNCTION \(key.shortened)(\(existing.arguments.joined(separator: ", ")))"
            )
        }
        for (old, new) in zip(existing.argumentNames, routine.argumentNames) where old != nil && old != new {
            report(
                .replaceFunctionSignature,
                "the parameter \(Identifier.quote(old ?? "")) of \(key.shortened) gets another name: OR REPLACE fails with `cannot "
                    + "change name of input parameter`",
                next: "drop it first, or keep the name"
            )
        }
        if existing.requiredCount < routine.requiredCount {
            report(
                .replaceFunctionSignature,
                "a parameter of \(key.shortened) loses its default: OR REPLACE fails with `cannot remove parameter defaults from "
                    + "existing function`",
                next: "drop it first, or keep the default"
            )
        }
        var lost: [String] = []
        if existing.isSecurityDefiner, !routine.isSecurityDefiner { lost.append("SECURITY DEFINER") }
        if existing.hasSearchPath, !routine.hasSearchPath { lost.append("SET search_path") }
        guard !lost.isEmpty else { return }
        report(
            .replaceFunctionLosesAttributes,
            "\(key.shortened) loses \(lost.joined(separator: " and ")), which \(words(for: existing.origin)) gave it: OR REPLACE takes "
                + "the new words as the whole",
            next: "repeat \(lost.joined(separator: " and "))"
        )
    }

    // MARK: Triggers, rules, policies

    func apply(_ create: CreateTrigger, _ parsed: ParsedStatement) {
        guard let key = need(create.table.name, at: create.table.location) else { return }
        let user = "trigger \(Identifier.quote(create.name))"
        needRoutine(create.function, for: user)
        let columns = parsed.syntax?.children("columns").compactMap { $0.text("sval") } ?? []
        for column in columns { needColumn(column, of: key, at: nil, for: user) }
        var named = Set(columns)
        if let condition = parsed.syntax?.child("when_clause") {
            condition.forEachNode { node in
                guard let column = node.columnReference, column.parts.count == 2,
                    ["new", "old"].contains(column.parts[0]),
                    column.parts[1] != "*"
                else { return }
                needColumn(column.parts[1], of: key, at: column.location, for: user)
                named.insert(column.parts[1])
            }
        }
        if let certainty = schema.relations[key]?.triggers[create.name], !create.orReplace {
            report(
                .objectMayExist,
                "\(user) of \(key.shortened) exists already: this fails with `trigger \"\(create.name)\" for relation \"\(key.name)\" "
                    + "already exists`",
                certainty == .sure ? severity(since: nil) ?? .error : .warning,
                next: serverMajor >= 14 ? "write CREATE OR REPLACE TRIGGER" : "put DROP TRIGGER IF EXISTS before it"
            )
        }
        schema.relations[key]?.triggers[create.name] = isConditional ? .maybe : .sure
        if !isConditional || !named.isEmpty { schema.relations[key]?.triggerColumns[create.name] = named }
        if let function = schema.routineKey(create.function) {
            schema.relations[key]?.triggerFunctions[create.name] = function
            schema.triggerUsers[function, default: []].insert(key)
        }
    }

    /// Looks up a function that the statement fails without.
    func needRoutine(_ name: QualifiedName, at offset: Int? = nil, for user: String) {
        guard name.schema != "pg_catalog", schema.routineKey(name) == nil, schema.opening == nil else { return }
        let builtIn: Set = [
            "tsvector_update_trigger", "tsvector_update_trigger_column", "suppress_redundant_updates_trigger",
            "lo_manage",
        ]
        guard !builtIn.contains(name.name), schema.extensions.isEmpty else { return }
        let key = schema.creationKey(name)
        let departure = schema.gone[SimulatedSchema.ObjectKey(kind: .routine, name: key)]
        report(
            .functionMayNotExist,
            "\(user) needs function \(name)(), which "
                + (departure.map { "\(words(for: $0.origin)) took away" } ?? "no migration before this one makes"),
            at: offset,
            departure == nil && !schema.knowsStart ? .warning : departedSeverity
        )
        schema.routines[key] = [SimulatedRoutine(unknownAt: origin)]
    }

    func apply(_ policy: Policy, isNew: Bool, _ parsed: ParsedStatement) {
        guard let key = need(policy.table.name, at: policy.table.location) else { return }
        let user = "policy \(Identifier.quote(policy.name))"
        for field in ["qual", "with_check"] {
            if let condition = parsed.syntax?.child(field) { readCondition(condition, of: key, for: user) }
        }
        if isNew, schema.relations[key]?.policies[policy.name] != nil {
            report(
                .objectMayExist,
                "\(user) of \(key.shortened) exists already: this fails with `policy \"\(policy.name)\" for table \"\(key.name)\" already "
                    + "exists`",
                severity(since: nil),
                next: "put DROP POLICY IF EXISTS before it"
            )
        } else if !isNew, schema.relations[key]?.policies[policy.name] == nil,
            schema.relations[key]?.hasColumnList == true, schema.relations[key]?.isGuarded == false,
            schema.opening == nil
        {
            report(
                .triggerMayNotExist,
                "\(user) of \(key.shortened) is made by no migration before this one: ALTER POLICY fails"
            )
        }
        schema.relations[key]?.policies[policy.name] = .sure
        var columns: Set<String> = []
        for field in ["qual", "with_check"] {
            parsed.syntax?.child(field)?.forEachNode { node in
                if let name = node.columnReference?.parts.last { columns.insert(name) }
            }
        }
        schema.relations[key]?.policyColumns[policy.name] = columns
    }

    // MARK: Sequences, schemas, extensions

    func applySequence(
        _ reference: RelationReference,
        ifNotExists: Bool,
        options: [StatementOption],
        _ parsed: ParsedStatement
    ) {
        let persistence = parsed.syntax?.child("sequence")?.text("relpersistence").flatMap { Persistence(rawValue: $0) }
        let key = schema.creationKey(reference.name, persistence: persistence ?? .permanent)
        switch making(reference.name, key: key, .sequence, isGuarded: ifNotExists, at: reference.location) {
        case .skipped(let existing):
            let declared = options.filter { $0.name != "owned_by" }.map { "\($0.name) \($0.value ?? "")" }
            let missing = declared.filter { !existing.options.contains($0) }
            guard existing.kind == .sequence, !missing.isEmpty, existing.owner == nil else { return }
            report(
                .sequenceIfNotExistsIgnored,
                "sequence \(key.shortened) exists since \(words(for: existing.origin)), so this does nothing, and it is not so: "
                    + missing.joined(separator: ", "),
                at: reference.location,
                next: "change it with ALTER SEQUENCE"
            )
        case .conflict:
            return
        case .new, .guarded:
            var sequence = Relation(.sequence, origin: origin)
            sequence.options = options.map { "\($0.name) \($0.value ?? "")" }
            place(sequence, at: key)
            applyOwner(of: key, parsed.syntax?.children("options") ?? [], at: reference.location)
        }
    }

    func applySchema(name: String?, ifNotExists: Bool, owner: String?) {
        guard let name = name ?? owner else { return }
        if let certainty = schema.schemas[name], name != "public" || !ifNotExists {
            if ifNotExists {
                guard let owner, certainty == .sure else { return }
                report(
                    .schemaIfNotExistsIgnored,
                    "schema \(Identifier.quote(name)) exists: IF NOT EXISTS does nothing, and \(owner) does not become its owner",
                    next: "ALTER SCHEMA \(Identifier.quote(name)) OWNER TO \(owner)"
                )
            } else if certainty == .sure {
                report(
                    .objectMayExist,
                    "schema \(Identifier.quote(name)) exists: this fails with `schema \"\(name)\" already exists`",
                    next: "write CREATE SCHEMA IF NOT EXISTS"
                )
            }
            return
        }
        schema.schemas[name] = isConditional ? .maybe : .sure
    }

    func applyExtension(name: String, ifNotExists: Bool, options: [StatementOption]) {
        let wanted = options.filter { ["schema", "new_version"].contains($0.name) }
        if let existing = schema.extensions[name] {
            if !ifNotExists {
                report(
                    .objectMayExist,
                    "extension \(Identifier.quote(name)) \(existing.certainty == .sure ? "exists" : "may be there") since "
                        + "\(words(for: existing.origin)): this fails with `extension … already exists`",
                    existing.certainty == .sure ? nil : .warning,
                    next: "write CREATE EXTENSION IF NOT EXISTS"
                )
            } else if wanted.contains(where: { $0.value != ($0.name == "schema" ? existing.schema : existing.version) })
            {
                report(
                    .extensionIfNotExistsIgnored,
                    "extension \(Identifier.quote(name)) exists since \(words(for: existing.origin)): its schema and version stay what "
                        + "they are",
                    next: "ALTER EXTENSION \(Identifier.quote(name)) SET SCHEMA …, or UPDATE"
                )
            }
            schema.extensions[name]?.certainty = .sure
            return
        }
        if name == "plpgsql", !ifNotExists, !schema.knowsStart {
            report(.objectMayExist, "extension plpgsql is in every database: this fails", next: "write IF NOT EXISTS")
        }
        schema.extensions[name] = SimulatedExtension(
            schema: wanted.first { $0.name == "schema" }?.value,
            version: wanted.first { $0.name == "new_version" }?.value,
            origin: origin
        )
    }
}

extension SimulatedRoutine {
    init(_ create: CreateRoutine, hasSearchPath: Bool, origin: Origin, certainty: Certainty) {
        let inputs = create.parameters.filter { $0.mode != .out && $0.mode != .table }
        let outputs = create.parameters.filter { [.out, .inOut, .table].contains($0.mode) }
        let outs = outputs.map { $0.type?.signature ?? "" }.joined(separator: ", ")
        self.init(
            isProcedure: create.isProcedure,
            arguments: inputs.map { $0.type?.signature ?? "" },
            argumentNames: inputs.map(\.name),
            requiredCount: inputs.count { $0.defaultExpression == nil },
            returns: outputs.isEmpty
                ? ((create.returns?.isSet == true ? "SETOF " : "") + (create.returns?.signature ?? "void"))
                : "(\(outs))",
            isSecurityDefiner: create.options.contains { $0.name == "security" && $0.isOn },
            hasSearchPath: hasSearchPath,
            isVolatile: !create.options.contains {
                $0.name == "volatility" && ["immutable", "stable"].contains($0.value ?? "")
            },
            certainty: certainty,
            changesSchema: create.body.map(\.mayChangeSchema) ?? false,
            origin: origin
        )
    }

    init(unknownAt origin: Origin) {
        self.init(
            isProcedure: false,
            arguments: ["?"],
            argumentNames: [],
            requiredCount: 0,
            returns: "",
            isSecurityDefiner: false,
            hasSearchPath: false,
            isVolatile: true,
            origin: origin
        )
    }

    /// Whether a call can fit both.
    func overlaps(_ other: SimulatedRoutine) -> Bool {
        let left = requiredCount...max(requiredCount, arguments.count)
        let right = other.requiredCount...max(other.requiredCount, other.arguments.count)
        let shared = min(arguments.count, other.arguments.count)
        return left.overlaps(right) && arguments.prefix(shared) == other.arguments.prefix(shared)
    }
}

extension String {
    /// Whether a body has words with which objects are made or taken away.
    var mayChangeSchema: Bool {
        let words = Set(split { !($0.isLetter || $0 == "_") }.map { $0.uppercased() })
        return !words.isDisjoint(with: ["EXECUTE", "CREATE", "ALTER", "DROP"])
    }
}

extension ParsedStatement {
    /// Whether a routine that the statement makes brings its own search path.
    var setsSearchPath: Bool {
        syntax?.children("options").contains { option in
            option.text("defname") == "set" && option.child("arg")?.text("name") == "search_path"
        } ?? false
    }
}
