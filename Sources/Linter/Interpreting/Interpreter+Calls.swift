import SQLSyntax

/// What calls of functions rely on: the function itself, and the sequence that it is given.
extension Interpreter {
    /// Looks up what the calls in a part of a statement rely on that is no query: a default, a check, an index.
    func needCalls(in syntax: SyntaxNode?, for user: String) {
        syntax?.forEachNode { node in
            if node.kind == "FuncCall" {
                needCall(node, for: user)
            } else if node.kind == "TypeCast" {
                needRegclass(node, for: user)
            }
        }
    }

    /// Looks up what a call relies on.
    func needCall(_ node: SyntaxNode, for user: String) {
        guard let call = node.functionCall else { return }
        if call.name.schema ?? "pg_catalog" == "pg_catalog", schema.routineKey(call.name) == nil {
            needSequence(of: call, node, for: user)
        }
        needFunction(call, for: user)
        needExtension(of: call, for: user)
    }

    /// Looks up a function that is called, where the history shows that there is none.
    ///
    /// A name without a schema may always be one of the server's own.
    private func needFunction(_ call: FunctionCall, for user: String) {
        let name = call.name
        guard name.schema != "pg_catalog", name.schema != "information_schema", name.schema != "pg_temp",
            !schema.knowsStart, schema.opening == nil, schema.extensions.isEmpty, schema.routineKey(name) == nil,
            schema.typeKey(name) == nil, schema.relationKey(name) == nil
        else { return }
        let departures = (name.schema.map { [$0] } ?? schema.searchPath).map {
            schema.gone[SimulatedSchema.ObjectKey(kind: .routine, name: QualifiedName(schema: $0, name: name.name))]
        }
        let departure = departures.compactMap(\.self).first
        if departure == nil, name.schema.map({ schema.schemas[$0] == .sure }) != true { return }
        report(
            .functionMayNotExist,
            "\(user) calls \(name)(), which "
                + (departure.map { gone in
                    gone.renamedTo.map { "\(words(for: gone.origin)) renamed to \($0.shortened)" }
                        ?? "\(words(for: gone.origin)) took away"
                } ?? "no migration before this one makes"),
            at: call.location,
            departure == nil || name.schema == nil ? .warning : departedSeverity
        )
        if !isTentative { schema.routines[schema.creationKey(name)] = [SimulatedRoutine(unknownAt: origin)] }
    }

    // MARK: Extensions

    /// Looks up a function that an extension brings, and nothing else.
    private func needExtension(of call: FunctionCall, for user: String) {
        guard call.name.schema ?? "public" == "public", schema.routineKey(call.name) == nil,
            let name = ExtensionParts.bringing(function: call.name.name)
        else { return }
        needExtension(name, for: "\(user) calls \(call.name)()", .functionMayNotExist, at: call.location)
    }

    /// Looks up an operator class that an extension brings.
    func needOperatorClass(_ name: QualifiedName, at offset: Int?) {
        guard let brought = ExtensionParts.bringing(operatorClass: name.name) else { return }
        needExtension(brought, for: "the index needs operator class \(name)", .objectMayNotExist, at: offset)
    }

    /// Looks up the language of a routine.
    func needLanguage(_ language: String, for user: String) {
        let name = language.lowercased()
        guard !ExtensionParts.languages.contains(name) else { return }
        needExtension(name, for: "\(user) is written in \(name)", .objectMayNotExist, at: nil)
    }

    private func needExtension(_ name: String, for what: String, _ rule: Rule, at offset: Int?) {
        guard !schema.extensions.has(name), schema.opening == nil, !schema.knowsStart, !isLateBound else { return }
        report(
            rule,
            "\(what), which extension \(Identifier.quote(name)) brings, and no migration before this one makes that: on an empty "
                + "database the statement fails",
            at: offset,
            .warning,
            next: "put CREATE EXTENSION IF NOT EXISTS \(Identifier.quote(name)) before it"
        )
        if isProving { schema.extensions[name] = SimulatedExtension(certainty: .maybe, origin: origin) }
    }

    // MARK: Sequences

    private func needSequence(of call: FunctionCall, _ node: SyntaxNode, for user: String) {
        let arguments = node.children("args")
        guard let first = arguments.first.flatMap(Self.constant) else { return }
        switch call.name.name {
        case "nextval", "currval", "setval":
            needSequence(first, at: arguments.first?.location ?? call.location, for: user)
        case "pg_get_serial_sequence":
            guard let table = try? QualifiedName(parsing: first), let column = arguments.dropFirst().first,
                let key = need(table, at: column.location), let name = Self.constant(column)
            else { return }
            needColumn(name, of: key, at: column.location, for: user)
        default: return
        }
    }

    /// Looks up the relation that a constant names, which is cast to `regclass`.
    func needRegclass(_ node: SyntaxNode, for user: String) {
        guard node.child("type_name")?.typeReference?.name.name == "regclass", let constant = node.child("arg"),
            let text = Self.constant(constant), Int(text) == nil, let name = try? QualifiedName(parsing: text),
            !mayBeOfColumn(name), !mayBeOthersIndex(name)
        else { return }
        need(name, at: constant.location, as: "relation")
    }

    private func needSequence(_ text: String, at offset: Int?, for user: String) {
        guard Int(text) == nil, let name = try? QualifiedName(parsing: text) else { return }
        if let key = schema.relationKey(name) {
            if let relation = schema.relations[key], relation.kind != .sequence, !relation.isAssumed {
                report(
                    .wrongKind,
                    "\(key.shortened) is \(relation.kind.withArticle) since \(words(for: relation.origin)): \(user) fails with "
                        + "`\"\(key.name)\" is not a sequence`",
                    at: offset,
                    relation.certainty == .sure ? severity(since: relation.origin) : .warning
                )
                return
            }
            need(name, at: offset, as: "sequence")
            return
        }
        guard !mayBeOfColumn(name) else { return }
        if let key = need(name, at: offset, as: "sequence"), schema.relations[key]?.isAssumed == true {
            schema.relations[key]?.kind = .sequence
        }
    }

    /// Whether a name is the one that the server gives the sequence of a column which may have one.
    private func mayBeOfColumn(_ name: QualifiedName) -> Bool {
        guard name.name.hasSuffix("_seq") else { return false }
        let stem = name.name.dropLast("_seq".count)
        var end = stem.endIndex
        while let place = stem[..<end].lastIndex(of: "_") {
            let table = QualifiedName(schema: name.schema, name: String(stem[..<place]))
            if let relation = schema.relation(table) {
                if !relation.hasColumnList || relation.isAssumed { return true }
                let column = relation.column(String(stem[stem.index(after: place)...]))
                if column?.isSerial == true || column?.isIdentity == true { return true }
            }
            end = place
        }
        return false
    }

    /// The text of a constant, with or without casts.
    private static func constant(_ node: SyntaxNode) -> String? {
        switch node.kind {
        case "A_Const": node.child("sval")?.text("sval")
        case "TypeCast": node.child("arg").flatMap { constant($0) }
        default: nil
        }
    }

    /// Looks up the table and the column that own a sequence.
    func applyOwner(of key: QualifiedName, _ options: [SyntaxNode], at offset: Int?) {
        for option in options where option.text("defname") == "owned_by" {
            let items = option.child("arg")?.children("items") ?? []
            let parts = items.compactMap { $0.text("sval") }
            guard parts.count > 1 else { continue }
            let table = QualifiedName(
                schema: parts.count > 2 ? parts[parts.count - 3] : nil,
                name: parts[parts.count - 2]
            )
            guard let owner = need(table, at: offset) else { continue }
            needColumn(parts[parts.count - 1], of: owner, at: offset, for: "OWNED BY")
            schema.relations[key]?.owner = (owner, parts[parts.count - 1])
        }
    }
}

extension Expression {
    /// Whether there is something in it to look up: a call, or a name as `regclass`.
    fileprivate var mayCall: Bool { !functionCalls.isEmpty || sql.contains("regclass") }
}

extension ConstraintDefinition {
    /// Whether it may call something; of an exclusion the elements are not read.
    var mayCall: Bool { kind == .exclusion || expression?.mayCall == true }
}

extension AlterTableAction {
    /// Whether it may call something.
    var mayCall: Bool {
        expression?.mayCall == true || constraint?.mayCall == true
            || column?.constraints.contains(where: \.mayCall) == true
    }
}
