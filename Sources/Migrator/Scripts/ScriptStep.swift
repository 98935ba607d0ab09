import SQLSyntax
import SourceText

/// One step of a script that does not run in one transaction.
struct ScriptStep: Sendable {
    /// What a step is.
    enum Kind: Hashable, Sendable {
        /// A setting of the session, made again whenever the script goes on.
        case session
        /// A statement, or a block between BEGIN and COMMIT: one transaction with the step's record.
        case transaction
        /// A statement that the server refuses in a transaction; `command` is the server's name for it.
        case outside(command: String)
    }

    /// Its place in the file, counted from 1.
    let number: Int
    let kind: Kind
    /// The first statement of the step, counted from 0.
    let firstStatement: Int
    let text: TransactionText
    /// The statement itself, for looking at what it made; the first one of a block.
    let statement: SQLStatement
    /// The fingerprint of its text: a step that ran is not run again, and must not have changed.
    let digest: Checksum
}

/// Cuts a script into steps.
struct StepReader {
    let file: ScriptFile
    let script: SQLScript
    let behaviors: [TransactionBehavior]

    func steps() throws(MigratorError) -> [ScriptStep] {
        var steps: [ScriptStep] = []
        var index = 0
        while index < script.statements.count {
            let (kind, statements, next) = try step(at: index)
            index = next
            guard !statements.isEmpty else { continue }
            steps.append(
                ScriptStep(
                    number: steps.count + 1,
                    kind: kind,
                    firstStatement: statements.lowerBound,
                    text: TransactionText(script, statements: statements),
                    statement: script.statements[statements.lowerBound],
                    digest: digest(of: statements)
                )
            )
        }
        return steps
    }

    private func step(
        at index: Int
    ) throws(MigratorError) -> (ScriptStep.Kind, statements: Range<Int>, next: Int) {
        let alone = index..<index + 1
        switch behaviors[index] {
        case .cannotRunInTransaction(let command):
            return (.outside(command: command), alone, index + 1)
        case .controlsTransaction(.begin):
            return try block(at: index)
        case .controlsTransaction:
            throw .looseTransactionControl(words(index), at: location(index))
        case .transactional, .addsEnumValue:
            let words = script.statements[index].leadingWords
            if words.first == "RESET" || words.first == "SET", words.dropFirst().first != "CONSTRAINTS" {
                guard words.dropFirst().first != "LOCAL" else {
                    throw .needsTransaction("SET LOCAL", at: location(index))
                }
                return (.session, alone, index + 1)
            }
            if let kind = words.needOfOneSession { throw .needsTransaction(kind, at: location(index)) }
            return (.transaction, alone, index + 1)
        }
    }

    /// A block from BEGIN to COMMIT.
    private func block(
        at begin: Int
    ) throws(MigratorError) -> (ScriptStep.Kind, statements: Range<Int>, next: Int) {
        for index in behaviors.indices[(begin + 1)...] {
            switch behaviors[index] {
            case .controlsTransaction(.commit):
                return (.transaction, begin + 1..<index, index + 1)
            case .controlsTransaction(let control) where !control.isSavepoint:
                throw .looseTransactionControl(words(index), at: location(index))
            case .cannotRunInTransaction(let command):
                throw .cannotRunInTransaction(command, at: location(index))
            default: continue
            }
        }
        throw .blockWithoutEnd(at: location(begin))
    }

    private func digest(of statements: Range<Int>) -> Checksum {
        let first = script.statements[statements.lowerBound].range.lowerBound
        let last = script.statements[statements.upperBound - 1]
        return Checksum(of: Array(script.utf8[first..<(last.copyData?.upperBound ?? last.range.upperBound)]))
    }

    private func words(_ index: Int) -> String { script.statements[index].leadingWords.first ?? "" }

    private func location(_ index: Int) -> SourceLocation {
        SourceLocation(file: file.path, position: script.position(ofByte: script.statements[index].range.lowerBound))
    }
}

extension [String] {
    /// The statement whose effect would be gone when the script went on in another session; nil for others.
    fileprivate var needOfOneSession: String? {
        switch first {
        case "LOCK": "LOCK TABLE"
        case "DECLARE": "DECLARE"
        case "PREPARE": "PREPARE"
        case "CREATE" where dropFirst().prefix(2).contains { $0 == "TEMP" || $0 == "TEMPORARY" }: "CREATE TEMP"
        default: nil
        }
    }
}
