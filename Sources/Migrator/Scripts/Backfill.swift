import SQLSyntax
import SourceText

/// One statement that is run over ranges of a key, each range in a transaction of its own.
///
/// The ranges are half-open, `[from, to)`, and follow one another without a gap, so that rows which come in between are in
/// one of them; the first begins before every row, and one that reaches the last row ends with it. The statement says where
/// its range is with `key >= :from` and `key < :to`; no other bound fits keys of any type.
struct Backfill: Sendable {
    let rule: Directives.Batch
    /// A condition that holds once all is done.
    let done: Directives.Located<String>?
    /// The place of the directive.
    let location: SourceLocation
    let table: QualifiedName
    private let script: SQLScript
    private let parameters: [NamedParameter]
    private let statement: SQLStatement

    /// Looks at a file.
    ///
    /// - Throws: ``MigratorError`` if it has not one statement with both bounds, or it is not known whose key it is.
    init(
        _ directive: Directives.Located<Directives.Batch>,
        file: MigrationText,
        script: SQLScript
    ) throws(MigratorError) {
        location = SourceLocation(file: file.source.path, position: directive.position)
        rule = directive.value
        done = file.directives.batchDone
        guard script.statements.count == 1, let statement = script.statements.first else {
            throw .batchNeedsOneStatement(script.statements.count, at: location)
        }
        self.script = script
        self.statement = statement
        parameters = statement.namedParameters
        for (name, comparison) in [("from", ">="), ("to", "<")] {
            let bounds = parameters.filter { $0.name == name }
            guard !bounds.isEmpty, bounds.allSatisfy({ $0.comparison == comparison }) else {
                let place = bounds.first { $0.comparison != comparison }.map {
                    file.location(ofByte: $0.range.lowerBound)
                }
                throw .batchBound(
                    name,
                    comparison,
                    key: rule.key,
                    at: place ?? location
                )
            }
        }
        let named = rule.table.flatMap { try? QualifiedName(parsing: $0) }  // a text that is no name names no table
        guard let table = rule.table == nil ? Self.target(of: script, parameters) : named else {
            throw .batchWithoutTable(at: location)
        }
        self.table = table
    }

    /// A range of keys, as constants.
    struct KeyRange: Hashable {
        /// Where a range begins.
        enum Start: Hashable {
            /// Before every row.
            case first
            /// With this key.
            case with(String)
            /// Behind this key.
            case behind(String)
        }

        /// Where a range ends.
        enum End: Hashable {
            /// Before this key.
            case before(String)
            /// With this key, the last one that there is.
            case with(String)
        }

        let start: Start
        let end: End
    }

    /// The statement over one range, in which lines are those of the file.
    func text(over keys: KeyRange) -> String {
        var text = ""
        var position = 0
        for parameter in parameters {
            let replacement: (range: Range<Int>, text: String)
            switch (parameter.name, keys.start, keys.end) {
            case ("from", .with(let key), _): replacement = (parameter.range, key)
            case ("from", .behind(let key), _): replacement = (parameter.comparisonRange, "> \(key)")
            case ("from", .first, _): replacement = (parameter.comparisonRange, "IS NOT NULL")
            case ("to", _, .before(let key)): replacement = (parameter.range, key)
            case ("to", _, .with(let key)): replacement = (parameter.comparisonRange, "<= \(key)")
            default: continue
            }
            text += script.text(in: position..<replacement.range.lowerBound) + replacement.text
            position = replacement.range.upperBound
        }
        return text + script.text(in: position..<statement.range.upperBound)
    }

    /// The table that an UPDATE or a DELETE writes to.
    private static func target(of script: SQLScript, _ parameters: [NamedParameter]) -> QualifiedName? {
        // The parser knows no named parameters; a null in their place keeps the statement's shape.
        var bytes = script.utf8
        for parameter in parameters.reversed() { bytes.replaceSubrange(parameter.range, with: Array("NULL".utf8)) }
        guard let parsed = try? SQLScript(utf8: bytes), let statement = parsed.statements.first,
            case .change(let change)? = (try? ParsedStatement(statement))?.node,
            change.kind == .update || change.kind == .delete
        else { return nil }
        return change.target.name
    }
}

/// How far a batched migration is.
public struct BackfillProgress: Hashable, Sendable {
    /// How many rows were changed, in this run and in earlier ones.
    public let rows: Int
    /// How many rows the table has, as the server estimates.
    public let estimatedRows: Int?
    /// The ranges of this run.
    public let batches: Int
    /// How many rows were changed in a second of this run.
    public let rowsPerSecond: Int
    /// How long the rest takes at that rate.
    public let remaining: Duration?
}
