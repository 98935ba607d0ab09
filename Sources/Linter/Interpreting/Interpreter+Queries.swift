import SQLSyntax

/// Views, and statements that read and write rows.
extension Interpreter {
    func apply(_ create: CreateView, _ parsed: ParsedStatement) {
        let key = schema.creationKey(create.view.name, persistence: parsed.persistence)
        var reader = QueryReader(self, for: "view \(key.shortened)")
        let query = parsed.syntax?.child("query")
        let outputs = query.flatMap { reader.read($0) }
        let columns = outputs.map { create.columns + $0.dropFirst(create.columns.count) }
        needSchema(create.view.name.schema, at: create.view.location)
        if let existing = schema.relations[key], create.orReplace {
            checkReplacement(of: existing, key: key, create, columns: columns)
        } else if !create.orReplace {
            let making = making(create.view.name, key: key, .view, isGuarded: false, at: create.view.location)
            if case .conflict = making { return }
        }
        if let existing = schema.relations[key], existing.isTable, existing.hasColumnList { return }
        var view = Relation(.view, shape: columns == nil ? .open : .known, origin: origin)
        view.columns = (columns ?? []).map { SimulatedColumn(name: $0, origin: origin) }
        view.reads = reader.reads.keys.sorted()
        view.readColumns = reader.reads
        view.isPlainQuery = query?.callsOrCasts == false && !reader.missesColumns
        view.options = create.options.map(\.name)
        view.isRecursive = view.reads.contains { schema.relations[$0]?.isRecursive == true }
        place(view, at: key)
        if create.orReplace, schema.views(behind: key).contains(key) {
            for reader in schema.views(behind: key) { schema.relations[reader]?.isRecursive = true }
        }
    }

    /// Looks whether a view that is read can be.
    func needFinite(_ key: QualifiedName, at offset: Int?) {
        guard schema.relations[key]?.isRecursive == true else { return }
        report(
            .wrongKind,
            "view \(key.shortened) reads itself: this fails with `infinite recursion detected in rules for relation \"\(key.name)\"`",
            at: offset,
            severity(since: schema.relations[key]?.origin),
            next: "replace the view by one that does not"
        )
    }

    private func checkReplacement(of existing: Relation, key: QualifiedName, _ create: CreateView, columns: [String]?) {
        guard existing.kind == .view else {
            guard existing.hasColumnList || existing.kind != .table else { return }
            report(
                .replaceViewShape,
                "\(key.shortened) is \(existing.kind.withArticle) since \(words(for: existing.origin)): CREATE OR REPLACE VIEW fails with "
                    + "`\"\(key.name)\" is not a view`",
                at: create.view.location
            )
            return
        }
        let lost = Set(existing.options).intersection(["security_invoker", "security_barrier", "check_option"])
            .subtracting(create.options.map(\.name))
        if !lost.isEmpty {
            report(
                .replaceViewLosesOptions,
                "view \(key.shortened) loses \(lost.sorted().joined(separator: " and ")), which \(words(for: existing.origin)) gave it: OR "
                    + "REPLACE takes the new words as the whole",
                at: create.view.location,
                next: "repeat WITH (\(lost.sorted().joined(separator: ", ")))"
            )
        }
        guard existing.hasColumnList, let columns else { return }
        let old = existing.columns.map(\.name)
        if columns.count < old.count {
            let missing = old.first { !columns.contains($0) } ?? old.last ?? ""
            report(
                .replaceViewShape,
                "view \(key.shortened) has column \(Identifier.quote(missing)) since \(words(for: existing.origin)): CREATE OR REPLACE VIEW "
                    + "fails with `cannot drop columns from view`",
                at: create.view.location,
                next: "drop the view first, in the same transaction"
            )
        } else if let (before, after) = zip(old, columns).first(where: { $0 != $1 }) {
            report(
                .replaceViewShape,
                "column \(Identifier.quote(before)) of view \(key.shortened) would become \(Identifier.quote(after)): CREATE OR REPLACE VIEW "
                    + "fails with `cannot change name of view column`; new columns can only come last",
                at: create.view.location,
                next: "put new columns at the end, or drop the view first in the same transaction"
            )
        }
    }

    func apply(_ create: CreateTableAs, _ parsed: ParsedStatement) {
        let kind: RelationKind = create.isMaterializedView ? .materializedView : .table
        let key = schema.creationKey(create.relation.name, persistence: create.persistence)
        var reader = QueryReader(self, for: "\(kind.rawValue) \(key.shortened)")
        reader.isRun = true
        let query = parsed.syntax?.child("query")
        let outputs = query.flatMap { reader.read($0) }
        let aliases = parsed.syntax?.child("into")?.children("col_names").compactMap { $0.text("sval") } ?? []
        let columns = outputs.map { aliases + $0.dropFirst(aliases.count) }
        var isGuarded = false
        switch making(create.relation.name, key: key, kind, isGuarded: create.ifNotExists, at: create.relation.location)
        {
        case .skipped(let existing):
            guard existing.kind == kind else { return }
            let rule: Rule = create.isMaterializedView ? .matviewIfNotExistsDiffers : .partitionIfNotExistsDiffers
            report(
                rule,
                "\(key.shortened) exists since \(words(for: existing.origin)): IF NOT EXISTS keeps it with its old query, and no row is "
                    + "added",
                at: create.relation.location,
                create.isMaterializedView ? .warning : nil,
                next: create.isMaterializedView ? "drop it first, in the same transaction" : "write INSERT … SELECT"
            )
            for column in columns ?? [] where existing.position(of: column) == nil {
                schema.relations[key]?.phantoms[column] = origin
            }
            return
        case .conflict: return
        case .guarded: isGuarded = true
        case .new: break
        }
        var relation = Relation(
            kind,
            shape: columns == nil ? .open : isGuarded ? .guarded(origin) : .known,
            origin: origin
        )
        if isGuarded, columns == nil { relation.blindGuard = origin }
        relation.persistence = create.persistence
        // Their types are not looked for; a default, a key or NOT NULL a query never gives.
        relation.columns = (columns ?? []).map { name in
            SimulatedColumn(
                name: name,
                certainty: isGuarded ? .maybe : .sure,
                origin: origin
            )
        }
        relation.reads = create.isMaterializedView ? reader.reads.keys.sorted() : []
        relation.readColumns = create.isMaterializedView ? reader.reads : [:]
        relation.isPlainQuery = create.isMaterializedView && query?.callsOrCasts == false && !reader.missesColumns
        place(relation, at: key)
    }

    func apply(_ change: DataChange, _ parsed: ParsedStatement) {
        guard let syntax = parsed.syntax else { return }
        var reader = QueryReader(self, for: change.kind.rawValue.uppercased())
        reader.isRun = true
        reader.read(syntax)
        if change.kind == .insert, let key = schema.relationKey(change.target.name) {
            schema.relations[key]?.hasRows = true
        }
        checkFreshLabels(syntax)
    }

    func apply(_ select: Select, _ parsed: ParsedStatement) {
        guard let syntax = parsed.syntax else { return }
        var reader = QueryReader(self, for: "SELECT")
        reader.isRun = true
        let columns = reader.read(syntax)
        checkFreshLabels(syntax)
        applySettings(of: syntax)
        if let into = select.into {
            let key = schema.creationKey(into.name)
            var relation = Relation(.table, shape: columns == nil ? .open : .known, origin: origin)
            relation.columns = (columns ?? []).map {
                SimulatedColumn(name: $0, origin: origin)
            }
            place(relation, at: key)
        }
        checkCalls(syntax)
    }

    /// A function that is called may do anything.
    func checkCalls(_ syntax: SyntaxNode) {
        syntax.forEachNode { node in
            guard let call = node.functionCall, let key = schema.routineKey(call.name),
                schema.routines[key]?.contains(where: \.isVolatile) == true
            else { return }
            guard schema.routines[key]?.contains(where: \.changesSchema) == true else { return }
            if schema.opening == nil { schema.opening = origin }
            shake()
        }
    }

    private func checkFreshLabels(_ syntax: SyntaxNode) {
        guard !schema.freshLabels.isEmpty else { return }
        syntax.forEachNode { node in
            guard node.kind == "A_Const", let value = node.child("sval")?.text("sval") else { return }
            for (type, labels) in schema.freshLabels where labels.contains(value) {
                reportFreshLabel(value, type, at: node.location)
            }
        }
    }
}

extension ParsedStatement {
    /// How long the view that the statement makes lives.
    var persistence: Persistence {
        syntax?.child("view")?.text("relpersistence").flatMap { Persistence(rawValue: $0) } ?? .permanent
    }
}
