import SQLSyntax

/// What each statement does to the schema.
extension Interpreter {
    /// Applies a statement.
    func apply(_ node: StatementNode, _ parsed: ParsedStatement) {
        defer { schema.settle() }
        switch node {
        case .createTable(let create): apply(create, parsed)
        case .createTableAs(let create): apply(create, parsed)
        case .createView(let create): apply(create, parsed)
        case .createIndex(let create):
            apply(create)
            for element in create.elements {
                if let name = element.operatorClass { needOperatorClass(name, at: create.table.location) }
            }
            if !create.ifNotExists { needCalls(in: parsed.syntax, for: "the index") }
        case .alterTable(let alter): apply(alter, parsed)
        case .drop(let drop): apply(drop, parsed)
        case .rename(let rename): apply(rename)
        case .changeSchema(let change): applySchemaChange(change)
        case .changeOwner(let change): applyOwnerChange(change)
        case .createType(let create): apply(create)
        case .alterEnum(let alter): apply(alter)
        case .createDomain(let create): apply(create)
        case .alterDomain(let alter): apply(alter)
        case .createRoutine(let create): apply(create, parsed)
        case .createTrigger(let create): apply(create, parsed)
        case .createRule(let name, let relation):
            makeRule(name, on: relation, orReplace: parsed.syntax?.isSet("replace") == true)
        case .createPolicy(let policy): apply(policy, isNew: true, parsed)
        case .alterPolicy(let policy): apply(policy, isNew: false, parsed)
        case .createSequence(let relation, let ifNotExists, let options):
            applySequence(relation, ifNotExists: ifNotExists, options: options, parsed)
        case .alterSequence(let relation, _): applyAlterSequence(relation, parsed)
        case .createSchema(let name, let ifNotExists, let owner):
            applySchema(name: name, ifNotExists: ifNotExists, owner: owner)
            applyElements(of: parsed, schema: name ?? owner)
        case .createExtension(let name, let ifNotExists, let options):
            applyExtension(name: name, ifNotExists: ifNotExists, options: options)
        case .comment(let comment): needObject(comment.object, for: "COMMENT")
        case .grant(let grant): apply(grant, parsed)
        case .alterDefaultPrivileges:
            let options = parsed.syntax?.children("options").filter { $0.text("defname") == "schemas" } ?? []
            for name in options.flatMap({ $0.child("arg")?.children("items") ?? [] }) {
                needSchema(name.text("sval"), at: nil)
            }
        case .set(let set): apply(set)
        case .transaction(let statement): apply(statement)
        case .change(let change): apply(change, parsed)
        case .select(let select): apply(select, parsed)
        case .copy(let copy): apply(copy)
        case .truncate(let truncate): for table in truncate.tables { need(table.name, at: table.location) }
        case .lock(let lock): for table in lock.relations { need(table.name, at: table.location) }
        case .doBlock(let block): apply(block, parsed)
        case .refreshMaterializedView(let refresh):
            if let key = need(refresh.view.name, at: refresh.view.location, as: "materialized view"),
                refresh.isConcurrent
            {
                needUniqueIndex(of: key, at: refresh.view.location)
            }
        case .reindex(let reindex): apply(reindex)
        case .cluster(let cluster):
            guard let table = cluster.table, let key = need(table.name, at: table.location) else { return }
            if let index = cluster.index {
                needIndex(QualifiedName(schema: key.schema, name: index), at: table.location, for: "CLUSTER")
            }
        case .vacuum(let vacuum): apply(vacuum, parsed)
        case .subscription(let subscription):
            if let creation = ObjectCreation(node, parsed.syntax) { make(creation) }
            applySubscription(subscription, parsed)
        case .call(let call): needCallee(call)
        case .other(let kind): applyOther(kind, parsed)
        default: return
        }
    }

    /// Takes what cannot be read for something that may have done anything.
    func applyUnread(_ parsed: ParsedStatement) {
        let words = parsed.statement.leadingWords
        if let guardless = MissingGuard(parsed.statement) {
            report(.noSuchGuard, guardless.message, at: parsed.refusal?.offset, next: guardless.next)
            return
        }
        if parsed.statement.addsNotNullToDomain {
            report(
                .domainNotNull,
                "every table with a column of the domain is read; before version 17 this is a syntax error",
                next: "make the columns NOT NULL"
            )
            return
        }
        let refusal = parsed.refusal
        report(
            .notAnalysed,
            "PostgreSQL 15's grammar does not know this statement (\(refusal?.message ?? "no statement")), so it was not judged: the "
                + "server decides",
            at: refusal?.offset
        )
        // Only what can make or take away objects opens the schema.
        if ["CREATE", "ALTER", "DROP", "SELECT", "DO", "CALL", "EXECUTE"].contains(words.first), schema.opening == nil {
            schema.opening = origin
        }
    }

    private func applyOwnerChange(_ change: MoveObject) {
        switch change.object.kind {
        case .table, .view, .materializedView, .sequence, .foreignTable, .schema, .type, .domain, .function, .procedure,
            .routine, .aggregate, .publication, .subscription, .statistics, .collation, .eventTrigger:
            needObject(change.object, for: "OWNER TO")
        default: return
        }
    }

    private func applyAlterSequence(_ relation: RelationReference, _ parsed: ParsedStatement) {
        let isGuarded = parsed.syntax?.isSet("missing_ok") ?? false
        if isGuarded, schema.relationKey(relation.name) == nil { return }
        guard let key = need(relation.name, at: relation.location, as: "sequence") else { return }
        applyOwner(of: key, parsed.syntax?.children("options") ?? [], at: relation.location)
    }

    /// The statements inside `CREATE SCHEMA`.
    private func applyElements(of parsed: ParsedStatement, schema name: String?) {
        guard let name, let elements = parsed.syntax?.children("schema_elts"), !elements.isEmpty else { return }
        if parsed.syntax?.isSet("if_not_exists") == true {
            report(
                .schemaIfNotExistsIgnored,
                "CREATE SCHEMA IF NOT EXISTS cannot include schema elements: this fails",
                .error,
                next: "make what is in it with statements of their own"
            )
        }
        let path = schema.searchPath
        schema.searchPath = [name] + path.filter { $0 != name }
        for element in elements {
            for relation in [element.child("relation"), element.child("view")].compactMap({ $0?.relation }) {
                let key = schema.creationKey(relation.name)
                if !schema.relations.has(key) { place(Relation(.table, shape: .open, origin: origin), at: key) }
            }
        }
        schema.searchPath = path
    }

    private func apply(_ statement: TransactionStatement) {
        switch statement.control {
        case .begin: openTransaction()
        case .commit, .prepare: endTransaction()
        case .rollback:
            rollBack()
            endTransaction()
        case .savepoint: mark(savepoint: statement.name ?? "")
        case .release:
            needSavepoint(statement.name ?? "")
            release(savepoint: statement.name ?? "")
        case .rollbackToSavepoint:
            needSavepoint(statement.name ?? "")
            rollBack(toSavepoint: statement.name ?? "")
        default: return
        }
        if statement.chains { openTransaction() }
    }

    private func apply(_ reindex: Reindex) {
        switch reindex.target {
        case .index(let relation): needIndex(relation.name, at: relation.location, for: "REINDEX")
        case .table(let relation): need(relation.name, at: relation.location)
        default: return
        }
    }

    private func needCallee(_ call: FunctionCall) {
        checkTransactionEnd(ofCall: call)
        if let key = schema.routineKey(call.name), schema.routines[key]?.contains(where: \.changesSchema) == true {
            if schema.opening == nil { schema.opening = origin }
            shake()
        }
        guard call.name.schema != "pg_catalog", schema.routineKey(call.name) == nil, schema.opening == nil,
            schema.extensions.isEmpty
        else { return }
        report(
            .functionMayNotExist,
            "CALL needs procedure \(call.name), which no migration before this one makes",
            at: call.location,
            .warning
        )
        schema.opening = origin
    }

    private func applyOther(_ kind: String, _ parsed: ParsedStatement) {
        if let syntax = parsed.syntax { applyChange(kind, syntax) }
        switch kind {
        case "CreateStatsStmt": applyStatistics(parsed)
        case "DefineStmt" where parsed.syntax?.option("kind") == "OBJECT_AGGREGATE":
            if let syntax = parsed.syntax { makeAggregate(syntax) }
        case "DropOwnedStmt": shake()
        case "ImportForeignSchemaStmt": if schema.opening == nil { schema.opening = origin }
        case "CreatePublicationStmt", "AlterPublicationStmt":
            for object in parsed.syntax?.children("pubobjects") ?? [] {
                guard let table = object.child("pubtable"), let relation = table.child("relation")?.relation,
                    let key = need(relation.name, at: relation.location)
                else { continue }
                for column in table.children("columns").compactMap({ $0.text("sval") }) {
                    needColumn(column, of: key, at: relation.location, for: "the publication")
                }
            }
        default: break
        }
        if let node = parsed.node, let creation = ObjectCreation(node, parsed.syntax) { make(creation) }
    }

    private func apply(_ vacuum: Vacuum, _ parsed: ParsedStatement) {
        let user = vacuum.isAnalyzeOnly ? "ANALYZE" : "VACUUM"
        for target in parsed.syntax?.children("rels") ?? [] {
            guard let relation = target.child("relation")?.relation,
                let key = need(relation.name, at: relation.location)
            else { continue }
            for column in target.children("va_cols").compactMap({ $0.text("sval") }) {
                needColumn(column, of: key, at: relation.location, for: user)
            }
        }
    }

    /// Looks up what a COMMENT or its like is about.
    func needObject(_ object: ObjectReference, for user: String) {
        let name = object.name
        switch object.kind {
        case .table, .view, .materializedView, .foreignTable, .sequence:
            need(name, at: nil, as: object.kind.words)
        case .index:
            needIndex(name, at: nil, for: user)
        case .column:
            guard let table = object.relation, let key = need(table, at: nil) else { return }
            needColumn(name.name, of: key, at: nil, for: user)
        case .tableConstraint:
            guard let table = object.relation, let key = need(table, at: nil) else { return }
            needConstraint(name.name, of: key, for: user)
        case .trigger:
            guard let table = object.relation, let key = need(table, at: nil) else { return }
            needTrigger(name.name, of: key, for: user)
        case .policy, .rule:
            guard let table = object.relation, let key = need(table, at: nil) else { return }
            if object.kind == .policy {
                needPolicy(name.name, of: key, for: user)
            } else {
                needRule(name.name, of: key, for: user)
            }
        case .type, .domain:
            needType(TypeReference(named: name), for: user)
        case .function, .procedure, .routine, .aggregate:
            guard name.schema != "pg_catalog", schema.opening == nil, schema.extensions.isEmpty else { return }
            guard let key = schema.routineKey(name), let overloads = schema.routines[key] else {
                let key = schema.creationKey(name)
                let departure = schema.gone[SimulatedSchema.ObjectKey(kind: .routine, name: key)]
                report(
                    .functionMayNotExist,
                    "\(user) needs \(object.kind.words) \(name), which "
                        + (departure.map { "\(words(for: $0.origin)) took away" }
                            ?? "no migration before this one makes"),
                    departure == nil && !schema.knowsStart ? .warning : departedSeverity
                )
                schema.routines[key] = [SimulatedRoutine(unknownAt: origin)]
                return
            }
            guard let arguments = object.arguments?.map(\.signature),
                !overloads.contains(where: { $0.arguments == ["?"] }),
                !overloads.contains(where: { $0.arguments == arguments })
            else { return }
            report(
                .functionMayNotExist,
                "\(user) needs \(object.kind.words) \(key.shortened)(\(arguments.joined(separator: ", "))); there is "
                    + "\(key.shortened)(\(overloads[0].arguments.joined(separator: ", ")))"
            )
        case .schema:
            needSchema(name.name, at: nil)
        case .publication, .subscription, .statistics, .collation, .eventTrigger:
            needObject(object.kind, name, for: user)
        default: return
        }
    }

    private func apply(_ grant: Grant, _ parsed: ParsedStatement) {
        if grant.isForAllInSchema {
            for object in grant.objects { needSchema(object.name.name, at: nil) }
            return
        }
        guard [.table, .sequence, .schema, .function, .procedure, .routine, .type, .domain].contains(grant.kind) else {
            return
        }
        for object in grant.objects {
            needObject(object, for: grant.isGrant ? "GRANT" : "REVOKE")
            guard grant.kind == .table, let key = schema.relationKey(object.name) else { continue }
            for privilege in parsed.syntax?.children("privileges") ?? [] {
                for column in privilege.children("cols").compactMap({ $0.text("sval") }) {
                    needColumn(column, of: key, at: nil, for: grant.isGrant ? "GRANT" : "REVOKE")
                }
            }
        }
    }

    private func apply(_ copy: Copy) {
        guard let relation = copy.relation, let key = need(relation.name, at: relation.location) else { return }
        for column in copy.columns { needColumn(column, of: key, at: relation.location, for: "COPY") }
    }
}

extension StringProtocol {
    /// The text without blanks around it.
    var trimmingSpaces: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}

/// A guard that people write and PostgreSQL does not have.
struct MissingGuard {
    let message: String
    let next: String

    init?(_ statement: SQLStatement) {
        let words = statement.wordsOutsideQuotes
        func has(_ sequence: String...) -> Bool { words.contains(sequence) }
        guard has("IF", "NOT", "EXISTS") || has("IF", "EXISTS") || has("OR", "REPLACE") else { return nil }
        let form: String
        let next: String
        if has("ADD", "CONSTRAINT", "IF", "NOT", "EXISTS") {
            form = "ADD CONSTRAINT IF NOT EXISTS"
            next =
                "look for the constraint by its name and its table in a DO block, or drop it first with DROP CONSTRAINT IF EXISTS"
        } else if let kind = [
            "TYPE", "DOMAIN", "TRIGGER", "POLICY", "VIEW", "FUNCTION", "PROCEDURE", "ROLE", "USER", "AGGREGATE",
        ]
        .first(where: { has("CREATE", $0, "IF", "NOT", "EXISTS") }) {
            form = "CREATE \(kind) IF NOT EXISTS"
            next =
                ["VIEW", "FUNCTION", "PROCEDURE", "TRIGGER", "AGGREGATE"].contains(kind)
                ? "write CREATE OR REPLACE \(kind)" : "put DROP \(kind) IF EXISTS before it, or guard it in a DO block"
        } else if let kind = ["POLICY", "TABLE", "INDEX", "TYPE", "DOMAIN", "SEQUENCE", "SCHEMA"]
            .first(where: { has("CREATE", "OR", "REPLACE", $0) })
        {
            form = "CREATE OR REPLACE \(kind)"
            next = "put DROP \(kind) IF EXISTS before it"
        } else if has("OR", "REPLACE", "MATERIALIZED", "VIEW") {
            form = "CREATE OR REPLACE MATERIALIZED VIEW"
            next = "drop it first"
        } else if has("RENAME", "COLUMN", "IF", "EXISTS") || has("RENAME", "CONSTRAINT", "IF", "EXISTS") {
            form = "RENAME … IF EXISTS"
            next = "look for the name in a DO block"
        } else if has("COMMENT", "ON") {
            form = "COMMENT … IF EXISTS"
            next = "leave the guard out"
        } else if has("INDEX", "IF", "NOT", "EXISTS", "ON") || has("INDEX", "CONCURRENTLY", "IF", "NOT", "EXISTS", "ON")
        {
            form = "CREATE INDEX IF NOT EXISTS without a name"
            next = "give the index a name: the guard looks for nothing else"
        } else {
            return nil
        }
        message = "no version of PostgreSQL has \(form): this is a syntax error"
        self.next = next
    }
}

extension SQLStatement {
    /// Whether it is `ALTER DOMAIN … ADD [CONSTRAINT …] NOT NULL`, which is newer than the parser.
    fileprivate var addsNotNullToDomain: Bool {
        let words = wordsOutsideQuotes
        guard words.prefix(2) == ["ALTER", "DOMAIN"], words.suffix(2) == ["NOT", "NULL"] else { return false }
        return words.dropLast(2).last == "ADD" || words.dropLast(3).suffix(2) == ["ADD", "CONSTRAINT"]
    }

    /// The words of the statement in upper case, up to a few dozen.
    fileprivate var wordsOutsideQuotes: [String] {
        text.prefix(2000).split { !($0.isLetter || $0.isNumber || $0 == "_") }.prefix(40).map { $0.uppercased() }
    }
}

extension [String] {
    fileprivate func contains(_ sequence: [String]) -> Bool {
        guard count >= sequence.count else { return false }
        return (0...(count - sequence.count)).contains { Array(self[$0..<$0 + sequence.count]) == sequence }
    }
}
