import SQLSyntax

/// The statements of a migration's row, which the server keeps ready for many migrations one behind the other.
///
/// To parse, analyse and plan them anew is most of what the row of a small migration costs. They belong to a session, so
/// that there is no such thing through a pooler (PostgreSQL manual, PREPARE).
struct PreparedRows {
    private let insertionName: String
    private let completionName: String
    /// What makes them ready.
    let preparation: String

    /// Names the statements for the rows of a run.
    init(_ store: HistoryStore, runID: String) {
        // The table and the run are a part of them: no other run's may be taken for them.
        let suffix = runID.filter { $0 != "-" }
        insertionName = "lastro_insertion_\(suffix)"
        completionName = "lastro_completion_\(suffix)"
        let applied = HistoryEntry.Outcome.applied.rawValue
        let words = [applied, lastroVersion, runID].map { StringLiteral.quote($0) }
        let insertion = store.insertion(of: ["$1", "$2", "$3", "$4"] + words + ["NULL"])
        let event = store.recording([words[0], "$2", words[2], words[1], "$3"])
        let completion = store.completion(ofRow: "$1", runID: runID, event: event)
        preparation = """
            PREPARE \(insertionName) (text, text, text, text) AS \(insertion); \
            PREPARE \(completionName) (text, text, jsonb) AS \(completion)
            """
    }

    /// Whether they can write a row.
    func canWrite(_ row: NewRow) -> Bool { row.outcome == .applied && row.reason == nil && row.replacing == nil }

    /// The statement that puts a row into the history.
    func insertion(of row: NewRow) -> String {
        "EXECUTE \(insertionName) (\(row.identity.joined(separator: ", ")))"
    }

    /// The statement that ends a row, with its event.
    func completion(of row: NewRow) -> String {
        let values = [row.name, row.migration.name, row.detail.asJSON].map { StringLiteral.quote($0) }
        return "EXECUTE \(completionName) (\(values.joined(separator: ", ")))"
    }
}
