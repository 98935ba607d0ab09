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
    ///   - cache: what is kept of files that were judged before; used only where the history begins with an empty database.
    /// - Returns: the findings.
    /// - Throws: `SQLSyntaxError` if the parser itself failed, and what the reading of a file throws that was put off.
    public func lint(_ files: [LintInput], start: LintText? = nil, cache: LintCache? = nil) async throws -> LintReport {
        // What comes behind the last judged file tells nothing.
        let files = Array(files.prefix((files.lastIndex(where: \.isJudged) ?? -1) + 1))
        let kept = start == nil ? cache.map { KeptEffects($0.bytes) } : nil
        let keys = kept == nil ? [] : files.map(\.text.key)
        let reused = kept?.count(fitting: files, keys) ?? 0
        let fresh = files.dropFirst(reused)
        let known = files.prefix(reused)
        // All are named in messages, and give findings their order: what takes files back comes last.
        var sources = (start.map { [$0] } ?? []).map { LintSource(unread: $0) }
        let first = sources.count
        sources += files.map { LintSource(unread: $0.text) }
        var nextDown = sources.count + known.count { $0.isJudged && $0.down != nil }
        sources += files.filter(\.isJudged).compactMap(\.down).map { LintSource(unread: $0) }
        let interpreter = Interpreter(sources: sources, options: options)
        if let start {
            interpreter.place(try LintSource(start, runner: options.runner), at: 0)
            interpreter.run(0, isStart: true, isJudged: false)
            interpreter.release(0)
        }
        guard kept?.resume(interpreter, behind: known, needsSchema: !fresh.isEmpty) ?? true else {
            // A damaged cache is no cache.
            return try await lint(files, start: start, cache: cache.map { LintCache(bytes: nil, keep: $0.keep) })
        }
        var recorder = kept.flatMap { EffectRecorder($0, reused: reused, fresh: fresh.count) }
        let pairs = fresh.map { LintReading.Pair(text: $0.text, down: $0.isJudged ? $0.down : nil) }
        try await LintReading(files: pairs, runner: options.runner).forEach { index, source, down in
            let file = files[reused + index]
            let place = first + reused + index
            interpreter.place(source, at: place)
            let mark = (interpreter.findings.count, interpreter.works.count, interpreter.counts)
            if let down {
                interpreter.place(down, at: nextDown)
                interpreter.run(place, isJudged: file.isJudged, down: nextDown)
                interpreter.release(nextDown)
                nextDown += 1
            } else {
                interpreter.run(place, isJudged: file.isJudged)
            }
            interpreter.release(place)
            recorder?.record(interpreter, since: mark, file, key: keys[reused + index])
        }
        if let recorder { cache?.keep(recorder.bytes()) }
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
