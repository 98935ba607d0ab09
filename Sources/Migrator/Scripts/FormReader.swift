import SQLSyntax
import SourceText

/// Finds out how a file has to run.
struct FormReader {
    let file: MigrationText
    let script: SQLScript

    /// The form, and what the user should know of it.
    ///
    /// - Throws: ``MigratorError`` for a file that could be left half done whichever way it ran.
    func form() throws(MigratorError) -> (MigrationScript.Form, remarks: [String]) {
        if let batch = file.directives.batch { return (.batches(try Backfill(batch, file: file, script: script)), []) }
        let behaviors = script.statements.map(\.transactionBehavior)
        if file.asksForNoTransaction || script.needsSteps(behaviors) {
            return (.steps(try StepReader(file: file, script: script, behaviors: behaviors).steps()), [])
        }
        return try transaction(behaviors)
    }

    private func transaction(_ behaviors: [TransactionBehavior]) throws(MigratorError) -> (
        MigrationScript.Form, remarks: [String]
    ) {
        var left = script.statements.indices
        var remarks: [String] = []
        if script.isWrapped(behaviors) {
            left = left.dropFirst().dropLast()
            remarks.append(
                "its own BEGIN and COMMIT are left out: the whole file is one transaction with its history row"
            )
        }
        for index in left {
            guard case .controlsTransaction(let control) = behaviors[index], !control.isSavepoint else { continue }
            throw .controlsTransaction(
                script.statements[index].leadingWords.first ?? "",
                at: file.location(ofByte: script.statements[index].range.lowerBound)
            )
        }
        return (.transaction(TransactionText(script, statements: left)), remarks)
    }
}

extension SQLScript {
    /// Whether exactly a plain BEGIN at the beginning and a COMMIT at the end wrap all other statements.
    fileprivate func isWrapped(_ behaviors: [TransactionBehavior]) -> Bool {
        guard statements.count >= 2, let first = statements.first, let last = statements.last,
            behaviors.first == .controlsTransaction(.begin), behaviors.last == .controlsTransaction(.commit)
        else { return false }
        let isPlain = ["BEGIN", "BEGIN TRANSACTION", "BEGIN WORK", "START TRANSACTION"]
            .contains(first.leadingWords.joined(separator: " "))
        return isPlain && !last.contains(anyOf: "CHAIN")
    }
}

extension TransactionControl {
    /// Whether it marks a place inside a transaction and neither begins nor ends one.
    var isSavepoint: Bool { [.savepoint, .release, .rollbackToSavepoint].contains(self) }
}
