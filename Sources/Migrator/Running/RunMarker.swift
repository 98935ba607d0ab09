/// A comment at the head of what a run sends, so that its sessions are recognised in `pg_stat_activity`.
///
/// The server process may be another one behind a pooler, and it lives on when its runner is killed: the comment names
/// the history, the run and the migration whatever happens.
struct RunMarker: Hashable, Sendable, CustomStringConvertible {
    /// The key of the history's run lock.
    let history: Int
    let runID: String
    let migration: String

    /// The comment.
    var description: String {
        "/* lastro \(history) run \(runID) \(migration.replacing("*/", with: "").replacing("/*", with: "")) */"
    }

    /// The pattern for LIKE that finds what this run sends.
    var patternOfRun: String { "/* lastro \(history) run \(runID) %" }

    /// The pattern for LIKE that finds what any run on this history sends.
    var patternOfAnyRun: String { "/* lastro \(history) run %" }
}
