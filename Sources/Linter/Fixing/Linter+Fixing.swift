import SQLSyntax

/// What `--fix` makes of a history.
public struct LintFixes: Sendable {
    /// A file that changes.
    public struct File: Sendable {
        /// The file as the user named it.
        public let path: String
        /// Its text, without a byte order mark.
        public let before: [UInt8]
        /// What it becomes.
        public let after: [UInt8]
        /// The findings that are mended.
        public let findings: [LintFinding]
    }

    /// A finding of a rule that can be mended, which is left to a person.
    public struct Refusal: Sendable {
        /// The finding.
        public let finding: LintFinding
        /// Why.
        public let reason: String
    }

    /// The files that change, in their order.
    public let files: [File]
    /// What is left.
    public let refusals: [Refusal]
    /// What is found when all files are as they become.
    public let report: LintReport
}

extension Linter {
    /// Mends what is mechanical in the files that are judged.
    ///
    /// Nothing is written. Mending goes on until nothing is left to mend, so that a second call finds nothing.
    ///
    /// - Parameters:
    ///   - files: the files in the order in which they run.
    ///   - start: SQL that makes what a database holds; nil where the history begins with an empty one.
    ///   - only: the rules whose findings are mended; empty for all.
    ///   - refusal: why a file must stay as it is, by its path; nil if it may be changed.
    /// - Returns: the files as they become, and what is left.
    /// - Throws: `SQLSyntaxError` if the parser itself failed.
    public func fix(
        _ files: [LintInput],
        start: LintText? = nil,
        only: Set<String> = [],
        refusal: (String) -> String? = { _ in nil }
    ) async throws -> LintFixes {
        var files = files
        var work: [String: FileInWork] = [:]
        for file in files where file.isJudged { work[file.text.path] = FileInWork(file.text) }
        var refusals: [LintFixes.Refusal] = []
        // Each round mends something that is not mended twice; some edits have to wait for a round of their own.
        for _ in 0..<64 {
            let (interpreter, sources) = try await interpret(files, start: start)
            refusals = []
            var isChanged = false
            for fix in interpreter.plannedFixes where only.isEmpty || only.contains(fix.finding.rule) {
                let path = fix.finding.file
                guard let file = work[path] else { continue }
                if let reason = refusal(path) ?? file.text.reasonAgainstFixing {
                    refusals.append(LintFixes.Refusal(finding: fix.finding, reason: reason))
                    continue
                }
                guard let fixer = StatementFixer(sources[fix.source], statement: fix.statement, options: options)
                else { continue }
                switch fixer.outcome(of: fix.fix) {
                case .refused(let reason):
                    refusals.append(LintFixes.Refusal(finding: fix.finding, reason: reason))
                case .edits(let edits): work[path]?.add(edits, for: fix.finding)
                }
            }
            for index in files.indices {
                guard files[index].isJudged, let changed = work[files[index].text.path]?.apply() else { continue }
                files[index] = LintInput(changed, down: files[index].down)
                isChanged = true
            }
            guard !isChanged else { continue }
            let changes = files.filter(\.isJudged).compactMap { work[$0.text.path]?.change }
            return LintFixes(files: changes, refusals: refusals, report: interpreter.report())
        }
        preconditionFailure("a fix makes a finding that it mends")
    }

    /// Runs a history anew, keeping what could be mended.
    private func interpret(_ files: [LintInput], start: LintText?) async throws -> (Interpreter, [LintSource]) {
        let files = Array(files.prefix((files.lastIndex(where: \.isJudged) ?? -1) + 1))
        let downs = files.filter(\.isJudged).compactMap(\.down)
        let texts = (start.map { [$0] } ?? []) + files.map(\.text) + downs
        let sources = try await LintSource.read(texts, options: options)
        let interpreter = Interpreter(sources: sources, options: options)
        let first = start == nil ? 0 : 1
        if first > 0 { interpreter.run(0, isStart: true, isJudged: false) }
        var nextDown = sources.count - downs.count
        for (index, file) in files.enumerated() {
            let down = file.isJudged && file.down != nil ? nextDown : nil
            if down != nil { nextDown += 1 }
            interpreter.run(first + index, isJudged: file.isJudged, down: down)
        }
        return (interpreter, sources)
    }
}

/// A file while it is mended.
private struct FileInWork {
    private(set) var text: LintText
    private let before: [UInt8]
    private var content: [UInt8] { text.content }
    private var edits: [TextEdit] = []
    private var findings: [LintFinding] = []

    init(_ text: LintText) {
        self.text = text
        before = text.content
    }

    /// Takes edits, if they go together with those before.
    mutating func add(_ new: [TextEdit], for finding: LintFinding) {
        let fresh = new.filter { $0.stacks || !edits.contains($0) }
        guard fresh.allSatisfy({ edit in edits.allSatisfy(edit.goesTogether(with:)) }) else { return }
        edits += fresh
        findings.append(finding)
    }

    /// Makes the edits; nil if there are none.
    mutating func apply() -> LintText? {
        guard !edits.isEmpty else { return nil }
        let usesCarriageReturns =
            content.firstIndex(of: UInt8(ascii: "\n")).map { $0 > 0 && content[$0 - 1] == UInt8(ascii: "\r") } ?? false
        // From the last one to the first, so that the places of the others stay; a stable order keeps stacks.
        for edit in edits.enumerated().sorted(by: {
            ($0.element.range.lowerBound, $0.offset) > ($1.element.range.lowerBound, $1.offset)
        }).map(\.element) {
            let bytes = Array((usesCarriageReturns ? edit.text.replacing("\n", with: "\r\n") : edit.text).utf8)
            text.replace(edit.range, with: bytes)
        }
        edits = []
        return text
    }

    /// What became of the file; nil if it stays.
    var change: LintFixes.File? {
        guard content != before else { return nil }
        return LintFixes.File(path: text.path, before: before, after: content, findings: findings)
    }
}
