/// What mends a finding without anybody's judgement.
enum LintFix: Hashable, Sendable {
    /// The index is built, dropped or built anew CONCURRENTLY, in a file that runs in steps.
    case concurrently
    /// The constraint is added with NOT VALID, and validated in a step of its own; nil where its name is not known.
    case notValid(name: String?)
    /// A foreign key moves from `CREATE TABLE IF NOT EXISTS` into a guarded `ALTER TABLE`.
    case moveForeignKey(location: Int?, columns: [String], name: String?)
    /// The statement does nothing where its work is done.
    case guarded(Guard)
    /// A limit is set: by a directive where Lastro runs the file, by SQL where another runner does.
    case limit(setting: String, isLocal: Bool)

    /// How a statement is kept from failing the second time.
    enum Guard: Hashable, Sendable {
        /// `IF NOT EXISTS` behind `CREATE TABLE` and its like.
        case ifNotExists
        /// `IF EXISTS` behind `DROP TABLE` and its like.
        case ifExists
        /// `CREATE OR REPLACE`.
        case orReplace
        /// `ADD COLUMN IF NOT EXISTS`.
        case addColumn(location: Int?)
        /// `ADD VALUE IF NOT EXISTS`.
        case addValue
        /// `DROP COLUMN` or `DROP CONSTRAINT IF EXISTS`.
        case dropPart(String)
        /// `ALTER TABLE … DROP CONSTRAINT IF EXISTS` before it.
        case dropConstraintBefore(String)
        /// `DROP POLICY IF EXISTS` or `DROP TRIGGER IF EXISTS` before it.
        case dropBefore(String)
        /// A block that takes an object that is there for the one that is made.
        case block
    }
}

/// A finding with what mends it, and the statement that it is about.
struct PlannedFix: Sendable {
    let source: Int
    let statement: Int
    let fix: LintFix
    let finding: LintFinding
}

/// A change of a text: what stands in a range gives way to something else.
struct TextEdit: Hashable, Sendable {
    let range: Range<Int>
    let text: String
    /// Whether it stands behind a statement, where others may stand, too.
    var stacks = false

    static func insert(_ text: String, at offset: Int) -> TextEdit { TextEdit(range: offset..<offset, text: text) }

    /// Whether both can be made at once.
    func goesTogether(with other: TextEdit) -> Bool {
        if stacks, other.stacks { return true }
        if range.isEmpty, other.range.isEmpty { return range.lowerBound != other.range.lowerBound }
        return range.upperBound <= other.range.lowerBound || other.range.upperBound <= range.lowerBound
    }
}

/// What becomes of a finding that can be mended in principle.
enum FixOutcome {
    case edits([TextEdit])
    /// Why it is left to a person.
    case refused(String)
}
