import Migrator
import SourceText

/// A statement that did nothing, as a JSON object.
struct SkippedStatementRow: Encodable {
    let file: String
    let line: Int?
    let column: Int?
    let object: String
    let result: String
    let differences: [String]
    let notCompared: [String]

    init(_ statement: SkippedStatement) {
        file = statement.location.file
        line = statement.location.position?.line
        column = statement.location.position?.column
        object = statement.object
        result = statement.result.rawValue
        differences = statement.differences
        notCompared = statement.notCompared
    }
}

extension [SkippedStatement] {
    /// What is said of a migration's skipped statements: one line for all that are as declared, one for each other.
    func words(of step: MigrationStep, style: TextStyle) -> String {
        let (odd, plain) = (filter(\.isOdd), filter { !$0.isOdd })
        var lines = odd.map { "\(style.warning("warning"))  \(step.name.printable): \($0.description.printable)" }
        if let first = plain.first {
            let what =
                plain.count == 1
                ? "\(first.object) was there already, and is as declared"
                : "\(plain.count) objects were there already, and are as declared"
            lines.append("\(step.name): \(what)".printable)
        }
        return lines.joined(separator: "\n")
    }
}

extension SkippedStatement {
    /// Whether it is more than a statement that found what it declares.
    fileprivate var isOdd: Bool { result != .asDeclared || !notCompared.isEmpty }
}
