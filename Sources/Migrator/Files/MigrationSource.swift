/// A file of SQL, or the part of one that is meant.
public struct MigrationSource: Hashable, Sendable {
    /// The part of a file that is meant.
    public enum Section: Hashable, Sendable {
        /// All of it.
        case whole
        /// All of it but a `BEGIN` that comes first with a `COMMIT` that comes last, as people write for tools that put
        /// no transaction around a file themselves.
        case wrapped
        /// All of it but a `BEGIN` that comes first with a `ROLLBACK` that comes last.
        case rolledBack
        /// What stands behind `-- migrate:up`.
        case dbmateUp
        /// What stands behind `-- migrate:down`.
        case dbmateDown
        /// What stands behind `-- +goose Up`.
        case gooseUp
        /// What stands behind `-- +goose Down`.
        case gooseDown
    }

    /// The folder; empty if the file's name is the whole path.
    let folder: String
    /// The file, as a path from the folder.
    public let fileName: String
    /// The part that is meant.
    public let section: Section

    /// Means a file, or a part of it.
    public init(path: String, section: Section = .whole) {
        self.init(folder: "", fileName: path, section: section)
    }

    // Of a thousand migrations hardly one path is ever asked for.
    init(folder: String, fileName: String, section: Section) {
        self.folder = folder
        self.fileName = fileName
        self.section = section
    }

    /// The file, as a path from where the folder's path leads.
    public var path: String { folder.isEmpty ? fileName : "\(folder)/\(fileName)" }
}

/// A moment of a run at which a file of the folder runs too.
public enum MigrationHook: String, Hashable, Sendable, CaseIterable {
    /// Before the first migration of a run.
    case beforeRun = "before-run"
    /// Behind the last migration of a run.
    case afterRun = "after-run"
    /// Before each migration.
    case beforeEach = "before-each"
    /// Behind each migration.
    case afterEach = "after-each"

    /// What Flyway calls it.
    var flywayName: String {
        switch self {
        case .beforeRun: "beforeMigrate"
        case .afterRun: "afterMigrate"
        case .beforeEach: "beforeEachMigrate"
        case .afterEach: "afterEachMigrate"
        }
    }
}
