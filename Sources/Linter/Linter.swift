// What this module promises:
//
// - The history of migrations is run in the head: `SimulatedSchema` is what may be there at each statement, each fact
//   with how sure it is. `docs/linter.md` has the lattice and what each statement does to it.
// - Every rule is a value in `Rule.all`, with its page, its examples and how it judges. Existence rules are judged where
//   the interpreter looks up a name; all others are asked about a statement and the schema before it.
// - What cannot be read (dynamic SQL, a statement newer than the parser) is said, and makes facts unknown.
// - Nothing is run and nothing is written. The same files and options give the same findings, in the order of the text.

import Migrator
import SQLSyntax

/// Judges migrations.
public struct Linter: Sendable {
    /// How it judges.
    public var options: LintOptions

    /// Makes a linter.
    public init(options: LintOptions = LintOptions()) {
        self.options = options
    }

    /// Judges files after what comes before them.
    ///
    /// - Parameters:
    ///   - files: the files in the order in which they run, also those that ran before and are not judged.
    ///   - start: SQL that makes what a database holds; nil where the history begins with an empty one.
    /// - Returns: the findings.
    /// - Throws: `SQLSyntaxError` if the parser itself failed.
    public func lint(_ files: [LintInput], start: LintText? = nil) async throws -> LintReport {
        let downs = files.filter(\.isJudged).compactMap(\.down)
        let texts = (start.map { [$0] } ?? []) + files.map(\.text) + downs
        let sources = try await LintSource.read(texts, options: options)
        let interpreter = Interpreter(sources: sources, options: options)
        let first = start == nil ? 0 : 1
        if first > 0 { interpreter.run(0, isStart: true, isJudged: false) }
        var nextDown = first + files.count
        for (index, file) in files.enumerated() {
            let down = file.isJudged && file.down != nil ? nextDown : nil
            if down != nil { nextDown += 1 }
            interpreter.run(first + index, isJudged: file.isJudged, down: down)
        }
        return interpreter.report()
    }
}

/// A file of a history.
public struct LintInput: Sendable {
    /// The file.
    public let text: LintText
    /// Whether it is judged, or only run in the head.
    public let isJudged: Bool
    /// What takes it back; nil if there is nothing.
    public let down: LintText?

    /// Names a file with what takes it back, and says whether it is judged.
    public init(_ text: LintText, isJudged: Bool = true, down: LintText? = nil) {
        self.text = text
        self.isJudged = isJudged
        self.down = down
    }
}
