/// How a statement gets on with a transaction around it.
public enum TransactionBehaviour: Hashable, Sendable {
    /// It runs inside a transaction.
    case transactional
    /// The server refuses it inside a transaction; what it is, in words.
    case cannotRunInTransaction(String)
    /// It begins, ends or changes a transaction; what it is, in words.
    case controlsTransaction(String)
}

extension SQLStatement {
    /// How the statement gets on with a transaction around it, judged by its words alone.
    ///
    /// The words of these statements stand at fixed places, so nothing needs to be parsed, and statements of servers newer
    /// than the parser are judged too. CALL and DO count as transactional: what a procedure does to transactions fails on
    /// the server inside another one.
    public var transactionBehaviour: TransactionBehaviour {
        let words = leadingWords()
        guard let first = words.first else { return .transactional }
        let second = words.dropFirst().first
        switch (first, second) {
        case ("BEGIN", _), ("START", "TRANSACTION"), ("COMMIT", _), ("END", _), ("ROLLBACK", _), ("ABORT", _),
            ("SAVEPOINT", _), ("RELEASE", _):
            return .controlsTransaction(first)
        case ("PREPARE", "TRANSACTION"), ("SET", "TRANSACTION"):
            return .controlsTransaction("\(first) TRANSACTION")
        default:
            return refusal(words).map(TransactionBehaviour.cannotRunInTransaction) ?? .transactional
        }
    }

    /// What the server would refuse inside a transaction (`PreventInTransactionBlock` in its sources), in words.
    private func refusal(_ words: [String]) -> String? {
        let second = words.dropFirst().first ?? ""
        switch words[0] {
        case "VACUUM":
            return "VACUUM"
        case "CREATE", "DROP":
            if ["DATABASE", "TABLESPACE"].contains(second) { return "\(words[0]) \(second)" }
            if second == "SUBSCRIPTION", words[0] == "DROP" || makesSlot { return "\(words[0]) SUBSCRIPTION" }
            let isIndex = second == "INDEX" || words.starts(with: ["CREATE", "UNIQUE", "INDEX"])
            return isIndex && contains(word: "CONCURRENTLY") ? "\(words[0]) INDEX CONCURRENTLY" : nil
        case "ALTER":
            if second == "SYSTEM" { return "ALTER SYSTEM" }
            if second == "DATABASE", contains(word: "TABLESPACE") { return "ALTER DATABASE … SET TABLESPACE" }
            if second == "SUBSCRIPTION", contains(word: "PUBLICATION") { return "ALTER SUBSCRIPTION … PUBLICATION" }
            let isDetach = second == "TABLE" && contains(word: "DETACH") && contains(word: "CONCURRENTLY")
            return isDetach ? "ALTER TABLE … DETACH PARTITION CONCURRENTLY" : nil
        case "REINDEX":
            if contains(word: "CONCURRENTLY") { return "REINDEX CONCURRENTLY" }
            let whole = ["SCHEMA", "DATABASE", "SYSTEM"].first { words.contains($0) }
            return whole.map { "REINDEX \($0)" } ?? (words.count == 1 ? "REINDEX with options" : nil)
        case "CLUSTER":
            return words.count == 1 || words == ["CLUSTER", "VERBOSE"] ? "CLUSTER of every table" : nil
        case "DISCARD":
            return second == "ALL" ? "DISCARD ALL" : nil
        default:
            return nil
        }
    }

    /// Whether a CREATE SUBSCRIPTION makes a replication slot, which nothing can roll back.
    private var makesSlot: Bool { !contains(word: "CREATE_SLOT") && !contains(word: "CONNECT") }
}
