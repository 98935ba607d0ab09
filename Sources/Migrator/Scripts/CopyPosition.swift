import Postgres
import SQLSyntax
import SourceText

extension MigrationScript {
    /// A place in the file; where the server gave none, the beginning of the statement.
    func place(_ position: SourcePosition?, ofStatement index: Int) -> SourceLocation {
        position.map { SourceLocation(file: path, position: $0) } ?? location(ofStatement: index)
    }
}

extension PostgresError {
    /// The line of the data that a COPY stumbled over; nil for another statement.
    ///
    /// The server counts the lines of a COPY from 1, in the error's context (`COPY users, line 3, column id: "x"`).
    func copyPosition(ofStatement index: Int, in script: SQLScript) -> SourcePosition? {
        guard script.statements.indices.contains(index), let data = script.statements[index].copyData,
            let words = report?.context, words.hasPrefix("COPY "),
            let line = words.firstRange(of: ", line ").flatMap({
                Int(words[$0.upperBound...].prefix(while: \.isNumber))
            })
        else { return nil }
        return SourcePosition(line: script.position(ofByte: data.lowerBound).line + line - 1, column: 1)
    }
}
