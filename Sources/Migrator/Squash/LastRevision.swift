#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension MigrationDirectory {
    /// The last revision of the git repository in which a file was there that a squashed one replaces.
    ///
    /// - Parameter squash: the squashed file.
    /// - Returns: the revision; nil without git, outside of a work tree, or if the file was never there.
    func lastRevision(before squash: Migration) -> String? {
        let files = squash.replaced.reversed().filter { $0.within == nil }.flatMap { migration in
            ["\(migration.name).sql", "\(migration.name).up.sql"]
        }
        for file in files {
            let git = "git -C \(path.quotedForShell) log -1 --diff-filter=D --format=%h -- \(file.quotedForShell)"
            guard let stream = popen("\(git) </dev/null 2>/dev/null", "re") else { return nil }
            defer { pclose(stream) }
            var buffer = [UInt8](repeating: 0, count: 128)
            let count = fread(&buffer, 1, buffer.count, stream)
            let revision = String(decoding: buffer[..<count], as: UTF8.self).filter { $0.isHexDigit }
            if !revision.isEmpty { return revision + "^" }
        }
        return nil
    }

    /// Which of the folder's files git could not bring back as they are, with the folder's own words for why.
    ///
    /// - Parameter files: files of the folder.
    /// - Returns: what to tell; nil if all are committed.
    public func uncommittedWords(_ files: [String]) -> String? {
        let git = "git -C \(path.quotedForShell)"
        let list = files.map(\.quotedForShell).joined(separator: " ")
        let command = """
            \(git) ls-files --error-unmatch -- \(list) </dev/null >/dev/null 2>&1 || { echo unknown; exit; }; \
            \(git) status --porcelain -- \(list) </dev/null 2>/dev/null
            """
        guard let stream = popen(command, "re") else { return nil }
        defer { pclose(stream) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = fread(&buffer, 1, buffer.count, stream)
        return count == 0
            ? nil : "git does not have all of these files as they are: nothing but a copy of yours will bring them back"
    }
}

extension String {
    /// The text as one word of a shell.
    fileprivate var quotedForShell: String { "'" + replacing("'", with: "'\\''") + "'" }
}
