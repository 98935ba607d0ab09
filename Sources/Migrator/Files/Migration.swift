/// A migration: a file of SQL that runs once on each database, or again whenever it changes.
public struct Migration: Hashable, Sendable {
    /// The file name without `.sql`: what people, the history and `--to` call it.
    ///
    /// Where the layout puts more into the file's name (`.up`) or the file into a folder of its own, it is the name
    /// without that.
    public let name: String
    /// The number at the head of the name; nil for repeatable ones, and in layouts without numbers.
    public let version: MigrationVersion?
    /// Whether it runs once or whenever it changes.
    public let kind: MigrationKind
    /// The fingerprint of the whole file's content when the directory was read.
    public internal(set) var checksum: Checksum
    /// What runs.
    public let up: MigrationSource
    /// What takes it back; nil if there is nothing.
    ///
    /// Where both directions stand in one file, it is there even if the file has no such section: that is found when
    /// it is loaded.
    public let down: MigrationSource?
    /// What checks its work; nil if there is nothing.
    public let verify: MigrationSource?
    /// The migrations that it stands for; empty unless it is a squashed file.
    public internal(set) var replaced: [ReplacedMigration] = []
    /// The names, with their `@`, that the plan gives to the state behind it.
    public internal(set) var tags: [String] = []

    /// The file, as a path from where the directory's path leads.
    public var path: String { up.path }
    /// The file that checks its work; nil if there is none.
    public var verifyPath: String? { verify?.path }

    /// Whether a name as a person or another tool writes it means this migration: with or without `.sql`.
    public func isCalled(_ name: String) -> Bool { MigrationKey(name) == MigrationKey(self.name) }
}

/// How often a migration runs; the history's column `kind` holds the raw values.
public enum MigrationKind: String, Hashable, Sendable, CaseIterable {
    /// Once.
    case versioned
    /// Whenever its file has changed, behind all the versioned ones.
    case repeatable
}

/// A migration's name in the form in which names are compared: without `.sql`.
struct MigrationKey: Hashable, Sendable {
    let name: String

    init(_ name: String) {
        self.name = name.hasSuffix(".sql") ? String(name.dropLast(4)) : name
    }
}
