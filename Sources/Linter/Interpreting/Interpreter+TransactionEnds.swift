import SQLSyntax

/// COMMIT and ROLLBACK where the server takes neither.
extension Interpreter {
    /// Whether what runs now runs inside a transaction, or a step that Lastro makes one of.
    private var isInTransaction: Bool { options.runner == .lastro || transaction.isOpen }

    func reportTransactionEnd(_ command: String, _ guards: [BlockGuard], _ parsed: ParsedStatement) {
        guard isInTransaction else { return }
        let isConditional = guards.contains { if case .handler = $0 { false } else { true } }
        report(
            .commitInBlock,
            "\(command) inside of a block that runs in a transaction: this fails with `invalid transaction termination`",
            isConditional ? .warning : nil,
            next: "leave it out; where rows are changed in parts, write `-- lastro: batch`"
        )
    }

    func checkTransactionEnd(ofCall call: FunctionCall) {
        guard isInTransaction, let key = schema.routineKey(call.name),
            schema.routines[key]?.contains(where: \.endsTransactions) == true
        else { return }
        report(
            .commitInBlock,
            "procedure \(key.shortened) ends transactions, and is called inside of one: there this fails with `invalid transaction "
                + "termination`",
            at: call.location,
            .warning,
            next: "call it outside of the migrations; where rows are changed in parts, write `-- lastro: batch`"
        )
    }

    /// Notes that a routine ends transactions.
    func noteTransactionEnd(of create: CreateRoutine) {
        let key = schema.creationKey(create.name)
        guard let place = schema.routines[key]?.indices.last else { return }
        schema.routines[key]?[place].endsTransactions = true
    }

    /// Looks up a savepoint that the statement fails without.
    func needSavepoint(_ name: String) {
        // What an unknown runner has made is not known.
        guard options.runner == .lastro, !savepoints.contains(name) else { return }
        report(
            .savepointMayNotExist,
            "there is no savepoint \(Identifier.quote(name)) here: this fails with `savepoint \"\(name)\" does not exist`"
        )
    }
}

extension [ProceduralBody.Statement] {
    /// Whether one of them ends a transaction.
    var endTransactions: Bool {
        contains { statement in
            switch statement {
            case .transactionEnd: true
            case .branches(let branches, _): branches.contains { $0.body.endTransactions }
            case .loop(let body, _): body.endTransactions
            case .block(let body, let handlers, _):
                body.endTransactions || handlers.contains { $0.body.endTransactions }
            default: false
            }
        }
    }
}
