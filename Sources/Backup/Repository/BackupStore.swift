/// Where a repository's files are: a folder, or anything else that keeps bytes under names.
///
/// Names are relative paths of letters, digits, `-`, `.` and `/`. A file is there whole or not at all, and is never
/// changed: what has a name keeps it. Calls block, and come from several threads at once.
public protocol BackupStore: Sendable {
    /// Puts a file in place, so that it outlives a crash.
    ///
    /// - Parameters:
    ///   - name: the file's name, under which there must be nothing yet.
    ///   - bytes: what is in it.
    /// - Throws: ``BackupError``, also if there is something of that name.
    func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws

    /// Reads a whole file.
    ///
    /// - Parameter name: the file's name.
    /// - Returns: what is in it; nil if there is no such file.
    /// - Throws: ``BackupError`` if it cannot be read.
    func get(_ name: String) throws -> [UInt8]?

    /// The size of a file.
    ///
    /// - Parameter name: the file's name.
    /// - Returns: its size; nil if there is no such file.
    /// - Throws: ``BackupError`` if it cannot be told.
    func size(of name: String) throws -> Int?

    /// Lists the files whose names begin with a folder's path, with their sizes.
    ///
    /// - Parameter folder: the path, without `/` at its end.
    /// - Returns: the sizes by name; empty if there are no files.
    /// - Throws: ``BackupError`` if they cannot be listed.
    func sizes(in folder: String) throws -> [String: Int]

    /// Takes a file away; nothing happens if there is none.
    ///
    /// - Parameter name: the file's name.
    /// - Throws: ``BackupError`` if it cannot be taken away.
    func remove(_ name: String) throws

    /// What the store is called in messages.
    var description: String { get }
}

extension BackupStore {
    func put(_ name: String, _ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try put(name, $0) }
    }

    /// The names of the files whose names begin with a folder's path, in no order.
    func names(in folder: String) throws -> [String] { try Array(sizes(in: folder).keys) }
}
