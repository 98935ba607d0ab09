import SQLSyntax
import Synchronization

/// Scripts that were read and split once, for runs of the same files on many targets.
///
/// It is bounded: a script that does not fit is read again by each run that needs it.
final class ScriptCache: Sendable {
    private struct Key: Hashable {
        let source: MigrationSource
        let reserved: [String]
    }

    private struct State {
        var scripts: [Key: MigrationScript] = [:]
        var bytes = 0
        /// The names of migrations that were looked at together before they ran.
        var checked: Set<[String]> = []
    }

    private let state = Mutex(State())
    private let limit: Int

    /// Makes an empty cache.
    ///
    /// - Parameter limit: how many bytes of files it may keep; in memory, split, they are some four times as many.
    init(limit: Int = 16 << 20) {
        self.limit = limit
    }

    func script(of source: MigrationSource, reserving names: [String]) -> MigrationScript? {
        state.withLock { $0.scripts[Key(source: source, reserved: names)] }
    }

    func keep(_ script: MigrationScript, of source: MigrationSource, reserving names: [String]) {
        state.withLock { state in
            let size = script.source.utf8.count
            guard state.bytes + size <= limit else { return }
            if state.scripts.updateValue(script, forKey: Key(source: source, reserved: names)) == nil {
                state.bytes += size
            }
        }
    }

    /// Whether a run has looked at these migrations before.
    func isChecked(_ migrations: [Migration]) -> Bool {
        state.withLock { $0.checked.contains(migrations.map(\.name)) }
    }

    /// Notes that a run may begin with these migrations.
    func noteChecked(_ migrations: [Migration]) {
        state.withLock { state in
            // As many as there are targets in the worst case, each at another place; a handful as a rule.
            if state.checked.count < 1000 { state.checked.insert(migrations.map(\.name)) }
        }
    }
}
