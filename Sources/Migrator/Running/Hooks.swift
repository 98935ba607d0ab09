import Postgres
import SourceText

/// What runs around migrations beside the files of their folder, such as commands of a configuration.
///
/// - Parameters:
///   - hook: the moment.
///   - step: the migration, for those around each one.
public typealias HookAction = @Sendable (_ hook: MigrationHook, _ step: MigrationStep?) async throws -> Void

/// The hook files of a folder.
struct HookScripts {
    let scripts: [MigrationHook: MigrationScript]

    init(of files: MigrationDirectory, reader: ScriptReader) throws(MigratorError) {
        var scripts: [MigrationHook: MigrationScript] = [:]
        for (hook, source) in files.hooks {
            let script = try reader.script(of: source)
            guard case .transaction = script.form else { throw .hookWithSteps(script.path) }
            scripts[hook] = script
        }
        self.scripts = scripts
    }

    /// Runs what belongs before or behind a whole run: the file in a transaction of its own, then the action.
    func run(_ hook: MigrationHook, in session: RunSession) async throws {
        if let script = scripts[hook], case .transaction(let text) = script.form {
            let marker = session.marker(hook.rawValue)
            let skips = SkipCheck(
                hook: script,
                beside: nil,
                marker: marker,
                in: session,
                standing: MigratorError.standing(after: hook)
            )
            let transaction = MigrationTransaction(
                marker: marker,
                settings: session.settings,
                fence: [],
                assertions: [],
                script: text,
                completion: [],
                skips: skips
            )
            do {
                let notices = try await transaction.run(on: session.connection)
                let step = MigrationStep(name: hook.rawValue, number: 1, count: 1)
                for notice in notices { session.emit(.notice(step, notice)) }
                if let report = skips?.report, !report.isEmpty { session.emit(.skipped(step, report)) }
            } catch {
                await session.connection.rollBack()
                let error = HookFailure(hook: hook, script: script).error(for: error)
                await session.record(session.event("hook-failed", of: nil, detail: ["error": "\(error)"]))
                throw error
            }
        }
        try await session.runHook(hook, nil)
    }
}

extension RunSession {
    /// Runs the action for a hook, if there is one.
    func runHook(_ hook: MigrationHook, _ step: MigrationStep?) async throws {
        do {
            try await hookAction?(hook, step)
        } catch is CancellationError {
            let failure = MigratorError.hookInterrupted(hook, migration: step?.name)
            await record(event("hook-failed", of: step?.name, detail: ["error": "\(failure)"]))
            throw failure
        } catch let error as MigratorError {
            await record(event("hook-failed", of: step?.name, detail: ["error": "\(error)"]))
            throw error
        } catch {
            let failure = MigratorError.hookFailed(hook, error, migration: step?.name)
            await record(event("hook-failed", of: step?.name, detail: ["error": "\(failure)"]))
            throw failure
        }
    }
}

/// The error of a hook's file, with its place in it.
private struct HookFailure {
    let hook: MigrationHook
    let script: MigrationScript

    func error(for error: any Error) -> any Error {
        if error is CancellationError { return MigratorError.hookInterrupted(hook, migration: nil) }
        guard let failure = error as? TransactionFailure else { return error }
        let location =
            if case .script(let statement) = failure.place {
                script.place(failure.position, ofStatement: statement)
            } else {
                SourceLocation(file: script.path)
            }
        return MigratorError.hookStatementFailed(failure.error, hook, at: location)
    }
}
