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
                readSQLBody(body, parsed, user: user, names: names, qualifiers: [create.name.name])
            } else if let body = parsed.syntax?.child("sql_body") {
                readStandardBody(body, user: user, names: names, qualifiers: [create.name.name])
            }
        case "plpgsql":
            readProceduralBody(of: create, parsed, user: user, names: names)
        default:
            return
        }
    }

    /// A body in SQL is checked when the function is made.
    private func readSQLBody(
        _ body: String,
        _ parsed: ParsedStatement,
        user: String,
        names: Set<String>,
        qualifiers: Set<String>
    ) {
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
                reader.qualifiers = qualifiers
                reader.read(syntax)
            }
        }
    }

    private func readStandardBody(_ body: SyntaxNode, user: String, names: Set<String>, qualifiers: Set<String>) {
        for statement in body.kind == "List"
            ? body.children("items").flatMap({ $0.kind == "List" ? $0.children("items") : [$0] }) : [body]
        {
            var reader = QueryReader(self, for: user, others: names)
            reader.qualifiers = qualifiers
            if ["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt"].contains(statement.kind) {
                reader.read(statement)
            } else if let value = statement.child("returnval") {
                reader.readExpression(value)
            }
        }
    }

    /// A body in PL/pgSQL is looked at only when it runs.
    private func readProceduralBody(
        of create: CreateRoutine,
        _ parsed: ParsedStatement,
        user: String,
        names: Set<String>
    ) {
        let body: ProceduralBody
        do {
            body = try self.body(of: parsed)
        } catch {
            report(error, of: "the body of \(user)")
            return
        }
        if body.statements.endTransactions { noteTransactionEnd(of: create) }
        let variables = body.variables.union(names)
        schema.mark()
        isLateBound = true
        readLate(body.statements, parsed, user: user, variables: variables)
        isLateBound = false
        schema.rollBack()
    }

    /// The body of a statement, as it was read with its file, or of one that stands in a body itself.
    func body(of parsed: ParsedStatement) throws(ProceduralBody.Failure) -> ProceduralBody {
        // What stands inside the statement at hand is shorter than that.
        if source.statements.indices.contains(statementIndex),
            source.statements[statementIndex].range == parsed.statement.range,
            let body = source.statements[statementIndex].body
        {
            return try body.get()
        }
        return try ProceduralBody(of: parsed)
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
                for branch in branches {
                    if let condition = branch.condition {
                        readLate(condition, parsed, user: user, variables: variables, behind: "SELECT ")
                    }
                    readLate(branch.body, parsed, user: user, variables: variables)
                }
            case .expression(let text, _):
                readLate(text, parsed, user: user, variables: variables, behind: "SELECT ")
            case .loop(let body, _):
                readLate(body, parsed, user: user, variables: variables)
            case .block(let body, let handlers, _):
                readLate(body, parsed, user: user, variables: variables)
                for handler in handlers { readLate(handler.body, parsed, user: user, variables: variables) }
            case .dynamic, .transactionEnd, .other:
                continue
            }
        }
    }

    /// Reads SQL of a body, or an expression with a word before it that makes it SQL.
    private func readLate(
        _ text: String,
        _ parsed: ParsedStatement,
        user: String,
        variables: Set<String>,
        behind word: String = ""
    ) {
        guard let tree = try? SyntaxTree(word + text), let statement = tree.statements.first else { return }  // no SQL
        let start = place(of: text, in: parsed).map { $0 - word.utf8.count }
        if let refusal = statement.refusal {
            if !word.isEmpty { return }
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
    static let ownVariables: Set = [
        "found", "sqlstate", "sqlerrm", "new", "old", "tg_op", "tg_name", "tg_when", "tg_level", "tg_relid",
        "tg_relname",
        "tg_table_name", "tg_table_schema", "tg_nargs", "tg_argv", "tg_event", "tg_tag",
    ]

    /// Reports that a body cannot be read: the server reads some that the parser refuses.
    func report(_ failure: ProceduralBody.Failure, of what: String) {
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
    var grammarSeverity: Severity? { serverMajor > 15 ? .warning : nil }

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
    func place(of text: String, in parsed: ParsedStatement) -> Int? {
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
