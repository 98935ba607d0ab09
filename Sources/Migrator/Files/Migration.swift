/// A versioned migration: one file of SQL that runs once on each database, and perhaps one that takes it back.
public struct Migration: Hashable, Sendable {
    /// The file name without `.sql`: what people, the history and `--to` call it.
    public let name: String
    /// The number at the head of the name.
    public let version: MigrationVersion
    /// The file, as a path from where the directory's path leads.
    public let path: String
    /// The fingerprint of the file's content when the directory was read.
    public let checksum: Checksum
    /// The file that takes it back; nil if there is none.
    public let downPath: String?

    /// Whether a name as a person or another tool writes it means this migration: with or without `.sql`.
    public func isCalled(_ name: String) -> Bool { MigrationKey(name) == MigrationKey(self.name) }
}

/// A migration's name in the form in which names are compared: without `.sql`.
struct MigrationKey: Hashable, Sendable {
    let name: String

    init(_ name: String) {
        self.name = name.hasSuffix(".sql") ? String(name.dropLast(4)) : name
    }
}
