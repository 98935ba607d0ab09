import SQLSyntax

/// `DO` blocks: what they run is applied.
extension Interpreter {
    func apply(_ block: DoBlock, _ parsed: ParsedStatement) {
        guard block.language.lowercased() == "plpgsql" else {
            open(because: "it is written in \(block.language)")
            shake()
            return
        }
        let body: ProceduralBody
        do {
            body = try self.body(of: parsed)
        } catch {
            report(error, of: "the block")
            if block.body.mayChangeSchema { open(because: nil) }
            if block.body.mayTakeAway { shake() }
            return
        }
        run(body.statements, parsed, guards: [], variables: body.variables)
    }

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
            case .expression(let text, _):
                run(text, parsed, guards: guards, variables: variables, behind: "SELECT ")
            case .transactionEnd(let command, _): reportTransactionEnd(command, guards, parsed)
            case .branches(let branches, _):
                for (place, branch) in branches.enumerated() {
                    if let condition = branch.condition {
                        let before = place == 0 ? guards : guards + [.unknownCondition]
                        run(condition, parsed, guards: before, variables: variables, behind: "SELECT ")
                    }
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

    private func run(
        _ text: String,
        _ parsed: ParsedStatement,
        guards: [BlockGuard],
        variables: Set<String>,
        behind word: String = ""
    ) {
        guard let tree = try? SyntaxTree(word + text), let statement = tree.statements.first else { return }  // no SQL
        let start = place(of: text, in: parsed).map { $0 - word.utf8.count }
        guard let node = statement.node else {
            if word.isEmpty, let refusal = statement.refusal {
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
            var reader = QueryReader(self, for: "the block", others: variables.union(Self.ownVariables))
            // A label may stand before the name of a variable.
            reader.isOpen = source.statements[statementIndex].parsed.statement.text.contains("<<")
            let wasConditional = isConditional
            isConditional = isConditional || !guards.isEmpty
            reader.read(syntax)
            isConditional = wasConditional
            applySettings(of: syntax)
            checkCalls(syntax)
            return
        default: break
        }
        let creation = GuardedCreation(node, statement.syntax, guards: guards, in: schema)
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
}
