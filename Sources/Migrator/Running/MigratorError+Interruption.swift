import Postgres

/// What a signal, or whatever else cancels a run, ends it with, in words.
extension MigratorError {
    /// The error of a run that had only waited: for the database, for the history or for another runner.
    static func interruptedBeforehand() -> MigratorError {
        MigratorError(
            .interrupted,
            "the run was interrupted before it had begun anything",
            state: nothingWasRun,
            next: "run again"
        )
    }

    static func interrupted(lastApplied: String?) -> MigratorError {
        MigratorError(
            .interrupted,
            "the run was interrupted",
            state: stopped(lastApplied: lastApplied),
            next: goesOn
        )
    }

    /// The error of a run that was between two migrations, or behind the last one.
    static func interruptedBetween(lastApplied: String?) -> MigratorError {
        MigratorError(
            .interrupted,
            "the run was interrupted",
            state: "no migration was under way; " + lastAppliedInWords(lastApplied),
            next: goesOn
        )
    }

    /// The error of a run by steps that ended between two of them, or whose step under way failed for certain.
    ///
    /// - Parameters:
    ///   - error: what ended it; nil for an interruption.
    ///   - name: the migration.
    ///   - done: how many steps are done and on record; nil where that could not be read.
    ///   - count: how many there are.
    /// - Returns: the error, with how far it is.
    static func stepsStopped(by error: (any Error)?, _ name: String, done: Int?, of count: Int) -> MigratorError {
        let steps = "\(count) step\(count == 1 ? "" : "s")"
        let standing =
            switch done {
            case nil: "the steps before the one under way are done and on record"
            case 0: "none of its \(steps) is done"
            case 1: "1 of its \(steps) is done and on record"
            case let done?: "\(done) of its \(steps) are done and on record"
            }
        let (code, message): (Code, String) =
            switch error {
            case nil: (.interrupted, "the run was interrupted")
            case let error as MigratorError: (error.code, error.message)
            case let error as PostgresError: (.statementFailed, "\(name): \(error.inWords)")
            case let error?: (.statementFailed, "\(name): \(error)")
            }
        return MigratorError(
            code,
            message,
            state: "\(name) runs step by step; \(standing)",
            next: goesOn
        )
    }

    static func hookInterrupted(_ hook: MigrationHook, migration: String?) -> MigratorError {
        MigratorError(
            .interrupted,
            "the run was interrupted during the hook \(hook.rawValue)",
            state: standing(atAction: hook, of: migration),
            next: goesOn
        )
    }

    /// What is so when an action of a hook did not come to its end.
    static func standing(atAction hook: MigrationHook, of migration: String?) -> String {
        switch hook {
        case .beforeRun: nothingWasRun
        case .beforeEach: "\(migration ?? "the migration") was not run; those before it are applied"
        case .afterEach: "\(migration ?? "the migration") is applied; nothing behind it was run"
        case .afterRun: "the migrations of this run are applied"
        }
    }

    /// The same for an interruption, with what is left to do.
    ///
    /// - Parameters:
    ///   - names: the migrations that the run would have gone on with, the one under way among them.
    ///   - words: what they are.
    /// - Returns: the error, with what is left in its state.
    func leaving(_ names: [String], as words: String) -> MigratorError {
        // The one under way may be named already, with how far it is.
        let names = names.filter { !state.contains($0) }
        guard code == .interrupted, !names.isEmpty else { return self }
        let more = names.count > 3 ? " and \(names.count - 3) more" : ""
        return MigratorError(
            code,
            message,
            at: location,
            state: "\(state); \(words): \(names.prefix(3).joined(separator: ", "))\(more)",
            next: next
        )
    }

    private static let goesOn = "run again: it goes on from there"
}

/// Says of a run that was cancelled before it did anything that it did nothing.
func tellingInterruption<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch is CancellationError {
        throw MigratorError.interruptedBeforehand()
    }
}
