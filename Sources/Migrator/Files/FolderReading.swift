/// A folder of migrations that is being read, while it is still found out where the database is.
public struct FolderReading: Sendable {
    private let task: Task<MigrationDirectory, any Error>

    /// Begins to read a folder.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - layout: how its files are named; nil to recognise it.
    public init(of path: String, layout: MigrationLayout? = nil) {
        task = Task { try await MigrationDirectory(readingFrom: path, layout: layout) }
    }

    /// What was read.
    var directory: MigrationDirectory {
        get async throws { try await task.value }
    }
}
