import Postgres
import SQLSyntax
import SourceText
import Synchronization

/// Judges the guarded statements of a script whose objects were there before them.
///
/// It looks in the script's own transaction, where names mean what they mean to the script. What is as declared before
/// its statement is well. What is not may still be mended further on in the file: it is looked at again at the end.
final class SkipCheck: Sendable {
    /// A statement that did nothing, with what was found out about it so far.
    struct Skip: Sendable {
        let declaration: Declaration
        let oid: Int
        let differences: [SkipJudge.Difference]
        let unjudged: [String]

        var isSuspect: Bool { !differences.isEmpty }
    }

    private struct State {
        var skips: [Skip] = []
        /// The guarded statements of which something was there at the last full look.
        var present: Set<Int> = []
    }

    private let session: RunSession
    /// The migration; nil for a hook's file.
    private let task: ScriptTask?
    private let script: MigrationScript
    private let statements: Range<Int>
    private let marker: RunMarker
    /// The migration's name; nil for a hook of the whole run.
    private let name: String?
    /// What is so when a statement is not let pass.
    private let standing: @Sendable (_ statement: Int) -> String
    private let state = Mutex(State())

    /// Makes a check of some of a script's statements; nil where there is nothing to be judged.
    init?(_ task: ScriptTask, statements: Range<Int>, in session: RunSession) {
        guard session.options.skipRule != .ignore,
            task.script.guards.items.contains(where: { statements.contains($0.statement) })
        else { return nil }
        self.session = session
        self.task = task
        self.statements = statements
        script = task.script
        name = task.step.name
        standing = { task.state(ofStatement: $0) }
        marker = session.marker(task.step.name)
    }

    /// Makes a check of a hook's file; nil where there is nothing to be judged.
    ///
    /// - Parameters:
    ///   - hook: the file.
    ///   - name: the migration that it runs beside; nil for a hook of the whole run.
    ///   - marker: what tells whose transaction it is.
    ///   - session: the run.
    ///   - standing: what is so when the file does not go through.
    init?(
        hook: MigrationScript?,
        beside name: String?,
        marker: RunMarker,
        in session: RunSession,
        standing: String
    ) {
        guard session.options.skipRule != .ignore, let hook, !hook.guards.isEmpty,
            case .transaction(let text) = hook.form
        else { return nil }
        self.session = session
        task = nil
        script = hook
        statements = text.statements
        self.name = name
        self.standing = { _ in standing }
        self.marker = marker
    }

    /// Forgets an earlier try.
    func begin() {
        state.withLock { $0 = State() }
    }

    /// Where the script has to stop.
    var checkpoints: [GuardScan.Checkpoint] {
        script.guards.checkpoints.compactMap { checkpoint in
            let guarded = checkpoint.guarded.filter(statements.contains)
            guard let first = guarded.first else { return nil }
            return GuardScan.Checkpoint(statement: first, reason: checkpoint.reason, guarded: guarded)
        }
    }

    /// Whether a look is needed at a checkpoint, after what was seen at those before.
    func isNeeded(_ checkpoint: GuardScan.Checkpoint) -> Bool {
        checkpoint.reason != .mayBeChanged
            || state.withLock { state in checkpoint.guarded.contains(where: state.present.contains) }
    }

    /// Whether something is not as declared that may be mended by the script's end.
    var hasSuspects: Bool { state.withLock { $0.skips.contains(where: \.isSuspect) } }

    /// What came of it.
    var report: [SkippedStatement] {
        let skips = state.withLock { $0.skips }
        // A hook runs again and again: that all is as it should be goes without saying.
        let worthTelling = task == nil ? skips.filter { $0.isSuspect || !$0.unjudged.isEmpty } : skips
        return worthTelling.map { skip in
            let isBlank = skip.differences.isEmpty && !skip.unjudged.isEmpty && skip.declaration.isUnjudged
            return SkippedStatement(
                location: location(of: skip.declaration),
                object: skip.declaration.object,
                result: skip.isSuspect ? .differs : isBlank ? .notCompared : .asDeclared,
                differences: skip.differences.map(\.words),
                notCompared: skip.unjudged
            )
        }
    }

    /// Looks what is there before a statement, and judges it.
    func look(at checkpoint: GuardScan.Checkpoint, on connection: PostgresConnection) async throws {
        // What later places ask is asked along, as far as the answer will do for them.
        let all = checkpoints.drop { $0.statement < checkpoint.statement }
        let section = all.first.map { [$0] + all.dropFirst().prefix { $0.reason == .mayBeChanged } } ?? []
        let items = script.guards.items(of: Set(section.flatMap(\.guarded)))
        let rows = try await connection.script("\(marker) \(GuardLookup(items.map(\.subject)).query)")
        let found = try rows.last.map { try GuardLookup.read($0) } ?? []
        let present = Set(found.map { items[$0.number].statement })
        state.withLock { $0.present = present }
        let here = present.intersection(checkpoint.guarded).sorted()
        guard !here.isEmpty else { return }
        let declarations = here.flatMap { Declaration.all(in: script.source, statement: $0) }
        let answer = try await connection.script("\(marker) \(GuardLookup(declarations.map(\.subject)).query)").last
        let objects = try answer.map { try GuardLookup.read($0) } ?? []
        let pairs = objects.map { (declarations[$0.number], $0.oid) }
        let skips = try await judge(pairs, on: connection)
        state.withLock { $0.skips += skips }
    }

    /// Judges what was not as declared once more, at the script's end.
    ///
    /// - Throws: ``MigratorError`` for the first statement whose object still is not, if that is not to be let pass.
    func settle(on connection: PostgresConnection) async throws {
        let suspects = state.withLock { $0.skips.filter(\.isSuspect) }
        guard !suspects.isEmpty else { return }
        let judged = try await judge(suspects.map { ($0.declaration, $0.oid) }, on: connection)
        state.withLock { state in
            state.skips = state.skips.map { skip in
                judged.first { skip.isSuspect && $0.oid == skip.oid && $0.declaration.isSame(as: skip.declaration) }
                    ?? skip
            }
        }
        if let error = error() { throw error }
    }

    /// The event of a script that went through; nil if nothing was skipped.
    var event: HistoryEvent? {
        let report = report
        return report.isEmpty
            ? nil : session.event("statements-skipped", of: name, detail: report.asDetail)
    }

    /// The statement that writes that event.
    var recording: String? { event.map { session.store.recording([$0]) } }

    /// The error for the first statement whose object is not as declared; nil if there is none, or it is let pass.
    ///
    /// - Parameter failure: what failed behind it; nil if nothing did.
    /// - Returns: the error.
    func error(before failure: TransactionFailure? = nil) -> MigratorError? {
        guard session.options.skipRule == .verify else { return nil }
        var failed: Int?
        if let failure {
            // What comes beside the file, and what is worth another try, has nothing to do with it.
            guard case .script(let statement) = failure.place, !failure.isLockTimeout, !failure.isConflict else {
                return nil
            }
            failed = statement
        }
        let suspects = state.withLock { $0.skips.filter(\.isSuspect) }
        // What comes between may have mended it before the other one failed.
        let certain = suspects.filter { skip in
            failed.map { GuardScan.isCalm(script.source, between: skip.declaration.statement, and: $0) } ?? true
        }
        guard let first = certain.first else { return nil }
        return .skippedStatementDiffers(
            first,
            others: certain.dropFirst().map { location(of: $0.declaration) },
            statement: (number: first.declaration.statement + 1, count: script.statementCount),
            at: location(of: first.declaration),
            behind: failure.flatMap { failure in
                let error = task?.error(for: failure)
                return error.map { ($0.location.map { "\($0): " } ?? "") + $0.message }
            },
            state: standing(first.declaration.statement)
        )
    }

    private func location(of declaration: Declaration) -> SourceLocation {
        script.text.location(ofByte: declaration.location)
    }

    /// Judges declarations, asking the server until there is nothing left to ask.
    private func judge(_ pairs: [(Declaration, Int)], on connection: PostgresConnection) async throws -> [Skip] {
        try await connection.script("\(marker) SAVEPOINT lastro_skips")
        do {
            let skips = try await judged(pairs, on: connection)
            try await connection.script("RELEASE SAVEPOINT lastro_skips")
            return skips
        } catch let error as PostgresError where error.code == .server && !error.isAboutTime {
            try await connection.script("ROLLBACK TO SAVEPOINT lastro_skips; RELEASE SAVEPOINT lastro_skips")
            let words = "anything, since the server said: \(error.message)"
            return pairs.map { Skip(declaration: $0, oid: $1, differences: [], unjudged: [words]) }
        }
    }

    private func judged(_ pairs: [(Declaration, Int)], on connection: PostgresConnection) async throws -> [Skip] {
        var answers = SkipAnswers()
        var judges: [SkipJudge] = []
        // Facts, then what names mean, then what hangs on both.
        for _ in 0..<6 {
            judges = pairs.map { declaration, oid in
                var judge = SkipJudge(declaration, oid: oid, answers: answers)
                judge.judge()
                return judge
            }
            let questions = judges.reduce(into: SkipQuestions()) { $0.formUnion($1.questions) }
            if questions.isEmpty { break }
            try await answers.ask(questions, on: connection, marker: marker)
        }
        return judges.map { judge in
            Skip(
                declaration: judge.declaration,
                oid: judge.oid,
                differences: judge.differences,
                unjudged: judge.unjudged + (judge.questions.isEmpty ? [] : ["a part of it"])
            )
        }
    }
}

extension Declaration {
    /// Whether nothing of it is compared.
    fileprivate var isUnjudged: Bool {
        if case .unjudged = content { true } else { false }
    }

    /// Whether both are the same part of one statement.
    fileprivate func isSame(as other: Declaration) -> Bool {
        statement == other.statement && location == other.location && object == other.object
    }
}

extension PostgresError {
    /// Whether the session is being ended, or somebody wants the statement to end.
    fileprivate var isAboutTime: Bool { sqlState == .queryCanceled || sqlState?.errorClass == "57" }
}

extension SkipQuestions {
    fileprivate mutating func formUnion(_ other: SkipQuestions) {
        relations.formUnion(other.relations)
        types.formUnion(other.types)
        collations.formUnion(other.collations)
        facts.formUnion(other.facts)
        expressions.formUnion(other.expressions)
        queries.formUnion(other.queries)
        details.formUnion(other.details)
    }
}
