/// Writing files of a folder anew that `lastro.sum` lists.
extension SumFile {
    /// Whether a file stands here as it is.
    public func lists(_ file: String, _ checksum: Checksum) -> Bool {
        (chained + unchained).contains { $0.file == file && $0.checksum == checksum }
    }

    /// The sums after files were written anew, with the chain made anew from the first of them on.
    ///
    /// - Parameter checksums: the new checksums, by the files' paths from the folder.
    /// - Returns: the sums; nil where the chain was broken before, which is not to be hidden.
    public func replacing(_ checksums: [String: Checksum]) -> SumFile? {
        guard brokenLine == nil else { return nil }
        return SumFile(
            chained: chained.map { (file: $0.file, checksum: checksums[$0.file] ?? $0.checksum) },
            unchained: unchained.map { (file: $0.file, checksum: checksums[$0.file] ?? $0.checksum) }
        )
    }
}

/// Keeps other processes of Lastro from changing a folder while a closure runs.
///
/// - Parameters:
///   - path: the folder.
///   - body: the work.
/// - Returns: what the closure returns.
/// - Throws: ``MigratorError`` if another process keeps the folder for ten seconds; what the closure throws.
public func withFolderLock<Result>(of path: String, _ body: () throws -> Result) async throws -> Result {
    let lock = try FolderLock(of: path)
    try await lock.acquire()
    let result = try body()
    _ = consume lock
    return result
}
