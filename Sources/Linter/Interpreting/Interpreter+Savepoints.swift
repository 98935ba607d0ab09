import SQLSyntax

/// Going back inside a transaction, and to before it.
extension Interpreter {
    /// Remembers the schema, for a savepoint or for the begin of a transaction.
    func mark(savepoint: String?) {
        savepoints.append(savepoint)
        schema.mark()
    }

    /// Forgets a savepoint, and those behind it.
    func release(savepoint name: String) {
        guard let place = savepoints.lastIndex(of: name) else { return }
        while savepoints.count > place { forgetLast() }
    }

    /// Goes back to a savepoint, which stays.
    func rollBack(toSavepoint name: String) {
        guard let place = savepoints.lastIndex(of: name) else { return }
        while savepoints.count > place { rollBackLast() }
        mark(savepoint: name)
    }

    /// Goes back to before the transaction, if its begin was seen.
    func rollBack() {
        guard savepoints.first == .some(nil) else { return }
        while !savepoints.isEmpty { rollBackLast() }
    }

    /// Keeps what was done since.
    func forgetSavepoints() { while !savepoints.isEmpty { forgetLast() } }

    private func forgetLast() {
        savepoints.removeLast()
        schema.forgetMark()
    }

    private func rollBackLast() {
        savepoints.removeLast()
        schema.rollBack()
    }
}
