extension SQLScript {
    /// Whether one transaction cannot hold all statements: the server refuses one of them there, or one uses an enum
    /// label that an earlier one adds.
    ///
    /// - Parameter behaviors: how each statement gets along with a transaction.
    /// - Returns: whether they have to run one by one.
    public func needsSteps(_ behaviors: [TransactionBehavior]) -> Bool {
        var labels = AddedLabels()
        for (statement, behavior) in zip(statements, behaviors) {
            if case .cannotRunInTransaction = behavior { return true }
            if case .addsEnumValue(_, let value) = behavior {
                // A place before or after a new label is no use of it.
                labels.insert(value)
            } else if labels.areNamed(in: statement) {
                return true
            }
        }
        return false
    }
}

/// The labels that a script has added so far.
private struct AddedLabels {
    /// Their literals that stand between two quotes and have none inside, so that a text is looked through once for all.
    private var plain: Set<Substring> = []
    private var others: [String] = []

    mutating func insert(_ label: String) {
        let literal = StringLiteral.quote(label)
        if literal.utf8.count == label.utf8.count + 2 { plain.insert(Substring(label)) } else { others.append(literal) }
    }

    func areNamed(in statement: SQLStatement) -> Bool {
        guard !plain.isEmpty || !others.isEmpty else { return false }
        let text = statement.text
        if others.contains(where: text.contains) { return true }
        let parts = text.utf8.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
        return parts.dropFirst().dropLast().contains { plain.contains(Substring($0)) }
    }
}
