import Catalog
import Linter
import Postgres
import SchemaDiff
import SourceText
import TestSupport

/// Judges a history, runs it on a server, and compares.

struct SoundnessCheck {
    /// What is claimed of a history.
    enum Theorem: String, CaseIterable, Sendable {
        /// Without existence findings at warning or above it applies, whatever its guards find.
        case history = "from the history alone"
        /// Without existence errors it applies from exactly the database given.
        case database = "from a database"
    }

    /// What came out for one history.
    struct Outcome: Sendable {
        /// Statements that fail, or are skipped and hide something, without a finding.
        var misses: [Fact] = []
        /// Findings that no start confirms.
        var falseAlarms: [Fact] = []
        var alarms = 0
        /// Failures that are none of existence, by SQLSTATE.
        var outside: [String: Int] = [:]
        var runs = 0
        var isClean = false
    }

    /// Something about a statement.
    struct Fact: Hashable, Sendable, CustomStringConvertible {
        let statement: Int
        /// What it has in common with others of its cause: the SQLSTATE, or the rule.
        let sort: String
        let words: String
        var start: [String] = []

        var description: String {
            "statement \(statement + 1): \(sort): \(words)"
                + (start.isEmpty ? "" : "\n  where there was\n    " + start.joined(separator: "\n    "))
        }
    }

    /// What PostgreSQL says where something is missing, is there already, is of another kind or is needed by others.
    private static let existenceStates: Set = [
        "42P01", "42703", "42704", "42883", "3F000",  // undefined table, column, object, function, schema
        "42P07", "42701", "42710", "42723", "42P06",  // duplicate table, column, object, function, schema
        "42830", "42P16", "42809", "2BP01", "55000", "22023", "42P17",
    ]

    /// What claims neither a failure nor another definition: that a name may be mistyped, or that each run makes one more.
    private static let hints: Set = [
        "create-table-if-not-exists-noop", "unused-allow", "index-unnamed", "constraint-unnamed",
        "drop-if-exists-unknown",
        "alter-if-exists-skips",
    ]

    let theorem: Theorem
    let connection: PostgresConnection

    /// Makes a connection fit for checks.
    static func prepare(_ connection: PostgresConnection) async throws {
        _ = try await connection.script("SET client_min_messages = error; " + SoundnessProbes.functions)
    }

    func outcome(of history: RandomHistory, seed: UInt64) async throws -> Outcome {
        switch theorem {
        case .history: try await outcome(alone: history, seed: seed)
        case .database: try await outcome(fromDatabase: history)
        }
    }

    // MARK: The history alone

    private func outcome(alone history: RandomHistory, seed: UInt64) async throws -> Outcome {
        // Guards that are missing where a file runs again are notes.
        let findings = try await findings(of: history, start: nil, from: history.isIdempotent ? .note : .warning)
        var random = SeededGenerator(seed: seed)
        var runs: [Run] = []
        var confirmed: Set<Int> = []
        for (place, start) in history.startStates(using: &random).enumerated() {
            // The states behind the first ones are tried where an alarm is still without a reason.
            if place > 8, confirmed.isSuperset(of: findings.keys) { break }
            let run = try await run(history.statements, start: start)
            confirmed.formUnion(run.differences.keys)
            if let failure = run.failure { confirmed.insert(failure.statement) }
            runs.append(run)
        }
        if history.isIdempotent {
            // From every prefix of itself: what ran up to a statement is there, and all of it runs again.
            for count in [history.statements.count / 2, history.statements.count] {
                let before = history.statements.prefix(count).map(\.sql)
                runs.append(try await run(history.statements, start: before, again: count))
            }
        }
        return compare(runs, findings)
    }

    // MARK: From a database

    private func outcome(fromDatabase history: RandomHistory) async throws -> Outcome {
        _ = try await connection.script(Self.reset)
        let quoted = SoundnessProbes.script(start: history.start, [])
        _ = try await connection.script(quoted)
        let catalog = try await Catalog.read(on: connection)
        let comparison = try SchemaComparison(
            from: .bare(serverVersion: catalog.serverVersion),
            to: catalog,
            options: PlanOptions(isOnline: false)
        )
        let start = comparison.plan.steps.flatMap(\.statements).map { $0.sql + ";\n" }.joined()
        let findings = try await findings(of: history, start: start, from: .error)
        let run = try await run(history.statements, start: [])
        return compare([run], findings)
    }

    private static let reset = """
        DO $$ DECLARE s text; BEGIN
            FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$' LOOP
                EXECUTE format('DROP SCHEMA %I CASCADE', s);
            END LOOP;
            CREATE SCHEMA public;
        END $$
        """

    // MARK: Both

    /// The existence findings of a history, by statement.
    private func findings(
        of history: RandomHistory,
        start: String?,
        from severity: Severity
    ) async throws -> [Int: [LintFinding]] {
        var inputs: [LintInput] = []
        var firsts: [String: Int] = [:]
        for (number, file) in history.files.enumerated() {
            let path = "m/\(number + 1)_x.sql"
            firsts[path] = file.first
            inputs.append(LintInput(LintText(path: path, sql: file.text)))
        }
        let report = try await Linter().lint(inputs, start: start.map { LintText(path: "the database", sql: $0) })
        var found: [Int: [LintFinding]] = [:]
        for finding in report.findings where finding.category == .existence && finding.severity >= severity {
            if Self.hints.contains(finding.rule) { continue }
            found[(firsts[finding.file] ?? 0) + finding.position.line - 1, default: []].append(finding)
        }
        return found
    }

    private struct Run {
        let start: [String]
        /// How many statements ran before, and run again.
        var again = 0
        var failure: (statement: Int, state: String, message: String)?
        var differences: [Int: String] = [:]
    }

    private func run(_ statements: [HistoryStatement], start: [String], again: Int = 0) async throws -> Run {
        let script = SoundnessProbes.script(start: start, statements)
        let results = try await connection.script(
            "BEGIN; " + script + "; SELECT current_setting('lastro.outcome'); ROLLBACK"
        )
        let text = try results.compactMap { $0.first }.first?.decode(String.self) ?? ""
        var run = Run(start: start, again: again)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            guard parts.count > 2, let number = Int(parts[1]) else { continue }
            if parts[0] == "fails" {
                run.failure = (number - 1, parts[2], parts.count > 3 ? parts[3] : "")
            } else {
                run.differences[number - 1] = parts[2]
            }
        }
        return run
    }

    private func compare(_ runs: [Run], _ findings: [Int: [LintFinding]]) -> Outcome {
        var outcome = Outcome(runs: runs.count, isClean: findings.isEmpty)
        var confirmed: Set<Int> = []
        var (reached, reachedAgain) = (-1, -1)
        for (place, run) in runs.enumerated() {
            if run.again > 0 {
                reachedAgain = max(reachedAgain, min(run.failure?.statement ?? Int.max, run.again - 1))
            } else {
                reached = max(reached, run.failure?.statement ?? Int.max)
            }
            if let (statement, state, message) = run.failure {
                confirmed.insert(statement)
                if !Self.existenceStates.contains(state) {
                    print("OUTSIDE", state, message)
                    outcome.outside[state, default: 0] += 1
                } else if run.again > 0 ? findings.isEmpty : findings[statement] == nil {
                    outcome.misses.append(Fact(statement: statement, sort: state, words: message, start: run.start))
                }
            }
            for (statement, words) in run.differences {
                confirmed.insert(statement)
                // What a guard finds that nobody knows may be anything; what the history or the database has is known.
                guard place == 0, !words.hasPrefix("not known"), findings[statement] == nil else { continue }
                outcome.misses.append(Fact(statement: statement, sort: "hides", words: words, start: run.start))
            }
        }
        for (statement, all) in findings {
            // Notes are about a second run.
            let graver = all.filter { $0.severity > .note }
            let found = graver.isEmpty ? all : graver
            guard statement <= (graver.isEmpty ? reachedAgain : reached) else { continue }
            outcome.alarms += 1
            guard !confirmed.contains(statement) else { continue }
            for finding in found.prefix(1) {
                outcome.falseAlarms.append(Fact(statement: statement, sort: finding.rule, words: finding.message))
            }
        }
        return outcome
    }
}
