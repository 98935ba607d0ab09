import SQLSyntax

/// SQL in the bodies of functions and DO blocks.
extension Interpreter {
    // MARK: Functions

    /// Reads the body of a function: what it relies on is looked up, and nothing of it is applied.
    func readBody(of create: CreateRoutine, _ parsed: ParsedStatement) {
        // What a database holds is in order, and may be told in an order of its own.
        guard !isStarting, bodyCheck.isOn else { return }
        let names = Set(create.parameters.compactMap(\.name))
        let user = "\(create.isProcedure ? "procedure" : "function") \(create.name.shortened)"
        switch create.language.lowercased() {
        case "sql":
            if let body = create.body {
                readSQLBody(body, parsed, user: user, names: names)
            } else if let body = parsed.syntax?.child("sql_body") {
                readStandardBody(body, user: user, names: names)
            }
        case "plpgsql":
            readProceduralBody(parsed, user: user, names: names)
        default:
            return
        }
    }

    /// A body in SQL is checked when the function is made.
    private func readSQLBody(_ body: String, _ parsed: ParsedStatement, user: String, names: Set<String>) {
        guard let tree = try? SyntaxTree(body) else { return }  // the server says what is wrong with it
        let start = place(of: body, in: parsed)
        for statement in tree.statements {
            if let refusal = statement.refusal {
                at(start) {
                    report(
                        .functionBodySyntax,
                        "the body of \(user): \(refusal.message)",
                        at: refusal.offset ?? 0,
                        grammarSeverity
                    )
                }
                continue
            }
            guard let syntax = statement.syntax else { continue }
            at(start) {
                var reader = QueryReader(self, for: user, others: names)
                reader.read(syntax)
            }
        }
    }

    private func readStandardBody(_ body: SyntaxNode, user: String, names: Set<String>) {
        for statement in body.kind == "List"
            ? body.children("items").flatMap({ $0.kind == "List" ? $0.children("items") : [$0] }) : [body]
        {
            var reader = QueryReader(self, for: user, others: names)
            if ["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt"].contains(statement.kind) {
                reader.read(statement)
            } else if let value = statement.child("returnval") {
                reader.readExpression(value)
            }
        }
    }

    /// A body in PL/pgSQL is looked at only when it runs.
    private func readProceduralBody(_ parsed: ParsedStatement, user: String, names: Set<String>) {
        let body: ProceduralBody
        do {
            body = try ProceduralBody(of: parsed)
        } catch {
            report(error, of: "the body of \(user)")
            return
        }
        let variables = body.variables.union(names)
        let saved = schema
        isLateBound = true
        readLate(body.statements, parsed, user: user, variables: variables)
        isLateBound = false
        schema = saved
    }

    private func readLate(
        _ statements: [ProceduralBody.Statement],
        _ parsed: ParsedStatement,
        user: String,
        variables: Set<String>
    ) {
        for statement in statements {
            switch statement {
            case .sql(let text, _), .query(let text, _):
                readLate(text, parsed, user: user, variables: variables)
            case .branches(let branches, _):
                for branch in branches { readLate(branch.body, parsed, user: user, variables: variables) }
            case .loop(let body, _):
                readLate(body, parsed, user: user, variables: variables)
            case .block(let body, let handlers, _):
                readLate(body, parsed, user: user, variables: variables)
                for handler in handlers { readLate(handler.body, parsed, user: user, variables: variables) }
            case .dynamic, .other:
                continue
            }
        }
    }

    private func readLate(_ text: String, _ parsed: ParsedStatement, user: String, variables: Set<String>) {
        guard let tree = try? SyntaxTree(text), let statement = tree.statements.first else { return }  // no SQL
        let start = place(of: text, in: parsed)
        if let refusal = statement.refusal {
            at(start) {
                report(
                    .functionBodySyntax,
                    "the body of \(user): \(refusal.message)",
                    at: refusal.offset ?? 0,
                    grammarSeverity
                )
            }
            return
        }
        guard let syntax = statement.syntax else { return }
        at(start) {
            var reader = QueryReader(self, for: user, others: variables.union(Self.ownVariables))
            reader.read(syntax)
        }
    }

    /// Variables that every body has.
    private static let ownVariables: Set = [
        "found", "sqlstate", "sqlerrm", "new", "old", "tg_op", "tg_name", "tg_when", "tg_level", "tg_relid",
        "tg_relname",
        "tg_table_name", "tg_table_schema", "tg_nargs", "tg_argv", "tg_event", "tg_tag",
    ]

    // MARK: DO

    func apply(_ block: DoBlock, _ parsed: ParsedStatement) {
        guard block.language.lowercased() == "plpgsql" else {
            open(because: "it is written in \(block.language)")
            shake()
            return
        }
        let body: ProceduralBody
        do {
            body = try ProceduralBody(of: parsed)
        } catch {
            report(error, of: "the block")
            if block.body.mayChangeSchema { open(because: nil) }
            if block.body.mayTakeAway { shake() }
            return
        }
        run(body.statements, parsed, guards: [], variables: body.variables)
    }

    /// Reports that a body cannot be read: the server reads some that the parser refuses.
    private func report(_ failure: ProceduralBody.Failure, of what: String) {
        if failure.isCertain {
            report(.functionBodySyntax, "\(what): \(failure.message)", grammarSeverity)
        } else {
            report(
                .unreadableBlock,
                "\(what) is not judged: without a catalog the parser of PL/pgSQL cannot read all of it (\(failure.message))"
            )
        }
    }

    /// How bad it is that the parser refuses a text: a newer server knows more.
    private var grammarSeverity: Severity? { serverMajor > 15 ? .warning : nil }

    private func open(because why: String?) {
        if schema.opening == nil { schema.opening = origin }
        guard let why else { return }
        report(
            .unreadableBlock,
            "this block cannot be judged: \(why). What it makes or takes away is not known, so what the statements behind it rely on "
                + "is not judged either",
            next: "write the statements themselves, or one block for each"
        )
    }

    /// What keeps a statement of a block from running, or its failure from showing.
    enum BlockGuard {
        case condition(CatalogLookup)
        case unknownCondition
        case handler([String])
    }

    private func run(
        _ statements: [ProceduralBody.Statement],
        _ parsed: ParsedStatement,
        guards: [BlockGuard],
        variables: Set<String>
    ) {
        for statement in statements {
            switch statement {
            case .sql(let text, _): run(text, parsed, guards: guards, variables: variables)
            case .query(let text, _): run(text, parsed, guards: guards, variables: variables)
            case .dynamic(let text, _): runDynamic(text, parsed, guards: guards, variables: variables)
            case .branches(let branches, _):
                for branch in branches {
                    let lookup = branch.condition.flatMap { CatalogLookup(condition: $0) }
                    let added: BlockGuard = lookup.map { .condition($0) } ?? .unknownCondition
                    run(branch.body, parsed, guards: guards + [added], variables: variables)
                }
            case .loop(let body, _):
                run(body, parsed, guards: guards + [.unknownCondition], variables: variables)
            case .block(let body, let handlers, _):
                let caught = handlers.flatMap(\.conditions)
                checkHandlers(body, handlers, parsed)
                let raise = caught.isEmpty ? nil : body.raise
                if raise != nil { schema.mark() }
                run(body, parsed, guards: guards + (caught.isEmpty ? [] : [.handler(caught)]), variables: variables)
                switch raise {
                case .sure: schema.rollBack()
                case .some: schema.doubtSinceMark()
                case nil: break
                }
                for handler in handlers {
                    run(handler.body, parsed, guards: guards + [.unknownCondition], variables: variables)
                }
            case .other: continue
            }
        }
    }

    private func run(_ text: String, _ parsed: ParsedStatement, guards: [BlockGuard], variables: Set<String>) {
        guard let tree = try? SyntaxTree(text), let statement = tree.statements.first else { return }  // no SQL
        let start = place(of: text, in: parsed)
        guard let node = statement.node else {
            if let refusal = statement.refusal {
                at(start) {
                    report(
                        .functionBodySyntax,
                        "the block: \(refusal.message)",
                        at: refusal.offset ?? 0,
                        grammarSeverity
                    )
                }
            }
            return
        }
        at(start) {
            if case .cannotRunInTransaction(let command) = node.transactionBehavior {
                report(
                    .concurrentInBlock,
                    "\(command) cannot run in a DO block: this fails with `\(command) cannot be executed from a function`"
                )
                return
            }
            run(node, statement, guards: guards, variables: variables)
        }
    }

    private func run(
        _ node: StatementNode,
        _ statement: ParsedStatement,
        guards: [BlockGuard],
        variables: Set<String>
    ) {
        switch node {
        case .select, .change:
            guard let syntax = statement.syntax else { return }
            var reader = QueryReader(self, for: "the block", others: variables)
            reader.isOpen = true
            let wasConditional = isConditional
            isConditional = isConditional || !guards.isEmpty
            reader.read(syntax)
            isConditional = wasConditional
            applySettings(of: syntax)
            checkCalls(syntax)
            return
        default: break
        }
        let creation = GuardedCreation(node, guards: guards, in: schema)
        // What is there already is not made again: no lock is held for long, and nothing is built.
        isGuardedInBlock = creation != nil
        if case .present = creation?.state(in: schema) {} else { judgeInBlock(node, statement) }
        isGuardedInBlock = false
        if let creation {
            checkGuard(creation, guards)
            applyGuarded(node, statement, creation)
            return
        }
        let wasConditional = isConditional
        isConditional = isConditional || guards.contains { if case .handler = $0 { false } else { true } }
        if isConditional, !node.isSought(by: guards) {
            schema.mark()
            apply(node, statement)
            schema.doubtSinceMark()
        } else {
            apply(node, statement)
        }
        isConditional = wasConditional
    }

    /// Applies a creation that a block guards, as IF NOT EXISTS would: afterwards it is there, by this statement or before it.
    private func applyGuarded(_ node: StatementNode, _ statement: ParsedStatement, _ creation: GuardedCreation) {
        switch creation.state(in: schema) {
        case .present(let difference):
            if let difference {
                report(
                    .guardHidesDifferentType,
                    "\(creation.words) exists with another definition, so the guarded statement does nothing: \(difference)",
                    next: "change what is there instead"
                )
            }
        case .possible(let difference):
            if let difference {
                report(
                    .guardHidesDifferentType,
                    "\(creation.words) is declared with another definition before, so where that made it the guarded statement does "
                        + "nothing: \(difference)",
                    .warning,
                    next: "declare it in one place"
                )
            }
            let isKey = creation.findsKey(in: schema)
            creation.forget(in: &schema)
            make(node, statement, creation)
            creation.doubt(in: &schema, isContradicted: difference != nil, isKey: isKey)
        case .absent:
            make(node, statement, creation)
        }
    }

    /// Applies a guarded creation of something that may not be there.
    private func make(_ node: StatementNode, _ statement: ParsedStatement, _ creation: GuardedCreation) {
        let mark = schema.types.count
        isTentative = !schema.knowsStart
        apply(node, statement)
        isTentative = false
        if case .constraint(let name, _, let table) = creation.target, !schema.knowsStart,
            let relation = schema.relations[table], !relation.isKnown,
            let place = relation.constraints.firstIndex(where: { $0.name == name })
        {
            schema.relations[table]?.constraints[place].definitionCertainty = .maybe
            let index = QualifiedName(schema: table.schema, name: name)
            schema.relations[index]?.index?.certainty = .maybe
        }
        if schema.types.count > mark, !schema.knowsStart, let key = creation.typeKey {
            schema.types[key]?.isGuarded = true
            if case .enumeration(let labels) = schema.types[key]?.definition {
                schema.types[key]?.guardedLabels = Set(labels)
            }
        }
    }

    private func runDynamic(_ text: String, _ parsed: ParsedStatement, guards: [BlockGuard], variables: Set<String>) {
        // A text that is a constant is as good as a statement.
        if let tree = try? SyntaxTree("SELECT " + text), case .select = tree.statements.first?.node,
            let value = tree.statements.first?.syntax?.child("target_list")?.child("val"), value.kind == "A_Const",
            let sql = value.child("sval")?.text("sval"), let script = try? SQLScript(sql)
        {
            for statement in script.statements { run(statement.text, parsed, guards: guards, variables: variables) }
            return
        }
        open(because: "it runs SQL that is put together when it runs")
        if text.mayTakeAway { shake() }
    }

    // MARK: Places

    /// Runs a closure with reports placed in a text that begins at a byte of the file.
    func at(_ start: Int?, _ body: () -> Void) {
        let before = offsetShift
        offsetShift = start ?? before ?? source.statements[statementIndex].range.lowerBound
        if start == nil { isPlaceless = true }
        body()
        isPlaceless = false
        offsetShift = before
    }

    /// The byte of the file where a part of the statement's text begins.
    private func place(of text: String, in parsed: ParsedStatement) -> Int? {
        let range = parsed.statement.range
        let bytes = source.text.bytes
        guard range.upperBound <= bytes.count else { return nil }
        let wanted = Array(text.utf8)
        guard !wanted.isEmpty, wanted.count <= range.count else { return nil }
        var start = range.lowerBound
        while start + wanted.count <= range.upperBound {
            if bytes[start] == wanted[0], bytes[start..<start + wanted.count].elementsEqual(wanted) { return start }
            start += 1
        }
        return nil
    }
}
