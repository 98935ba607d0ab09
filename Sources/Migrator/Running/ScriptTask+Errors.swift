import Postgres
import SourceText

/// The error of a script that did not end well, with its place in the file.
extension ScriptTask {
    func error(for error: any Error) -> MigratorError {
        switch error {
        case let error as MigratorError:
            return error
        case is CancellationError:
            guard case .steps = script.form else { return .interrupted(lastApplied: lastApplied) }
            return .stepsStopped(by: nil, step.name, done: nil, of: script.statementCount)
        case let failure as TransactionFailure:
            return self.error(for: failure)
        case let failure as VerificationFailure:
            return .verificationFailed(
                at: verification?.location(ofStatement: failure.statement) ?? SourceLocation(file: script.path),
                state: state(ofStatement: nil)
            )
        case let error as PostgresError where error.code == .connectionLost && isStepwise:
            return .stepCut(error, of: step.name, at: SourceLocation(file: script.path))
        case let error as PostgresError:
            return .statementFailed(
                error,
                at: SourceLocation(file: script.path),
                statement: nil,
                lastApplied: lastApplied
            )
        default:
            return .failed("\(error)", at: SourceLocation(file: script.path), lastApplied: lastApplied)
        }
    }

    /// The error of a step that was sent by itself, with some lines before the file's text.
    func error(for error: any Error, in step: ScriptStep, linesBefore: Int) -> MigratorError {
        guard let error = error as? PostgresError, error.code == .server else { return self.error(for: error) }
        let position = error.position.map { SourcePosition(line: $0.line - linesBefore, column: $0.column) }
        return .stepFailed(
            error,
            step: step.number,
            at: script.place(
                error.copyPosition(ofStatement: step.firstStatement, in: script.source) ?? position,
                ofStatement: step.firstStatement
            )
        )
    }

    private var isStepwise: Bool {
        if case .steps = script.form { return true }
        return false
    }

    /// What is so after a statement was refused, or a check of the whole file if there is none.
    func state(ofStatement statement: Int?) -> String {
        switch (script.form, statement) {
        case (.transaction, _): "rolled back; " + MigratorError.lastAppliedInWords(lastApplied)
        case (.steps, let statement?): MigratorError.stepsDone(before: statement)
        case (.steps, nil), (.batches, _):
            "what the file does is done and on record; \(step.name) is not in the history yet"
        }
    }

    func error(for failure: TransactionFailure) -> MigratorError {
        switch failure.place {
        case .script(let statement):
            let position =
                failure.error.copyPosition(ofStatement: statement, in: script.source) ?? failure.position
            return .statementFailed(
                failure.error,
                at: script.place(position, ofStatement: statement),
                statement: (number: statement + 1, count: script.statementCount),
                lastApplied: lastApplied,
                state: state(ofStatement: statement)
            )
        case .text(let first):
            return .statementFailed(
                failure.error,
                at: SourceLocation(file: script.path),
                statement: nil,
                lastApplied: lastApplied,
                state: state(ofStatement: first)
            )
        case .beside(let role, let statement):
            let script =
                switch role {
                case .before: before
                case .after: after
                case .verification: verification
                }
            return .statementFailed(
                failure.error,
                at: script?.place(failure.position, ofStatement: statement) ?? SourceLocation(file: self.script.path),
                statement: nil,
                lastApplied: lastApplied,
                state: state(ofStatement: nil)
            )
        case .around(.assertion(let assertion)):
            let location = SourceLocation(file: script.path, position: assertion.position)
            return failure.error.sqlState == "22012"
                ? .assertionFailed(assertion.value, at: location, lastApplied: lastApplied)
                : .statementFailed(failure.error, at: location, statement: nil, lastApplied: lastApplied)
        case .around(.completion), .around(.fence):
            let rowIsGone = failure.error.sqlState == "22012" || failure.error.sqlState == .undefinedTable
            return rowIsGone
                ? .historyRowGone(step.name, at: SourceLocation(file: script.path), lastApplied: lastApplied)
                : .historyRefused(failure.error, name: step.name, lastApplied: lastApplied)
        case .around(.role), .around(.setting), .around(.begin), .around(.probe), .around(.record):
            return .historyRefused(failure.error, name: step.name, lastApplied: lastApplied)
        case .around(.reset), .around(.commit):
            return .statementFailed(
                failure.error,
                at: SourceLocation(file: script.path),
                statement: nil,
                lastApplied: lastApplied
            )
        }
    }
}
