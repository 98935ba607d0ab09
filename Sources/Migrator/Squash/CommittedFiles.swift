#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What git could bring back of a folder.
struct CommittedFiles {
    let folder: String

    /// Which files the last commit does not have as they are now, so that nothing but a copy would bring them back.
    ///
    /// - Parameter files: paths from the folder.
    /// - Returns: those that are unknown to git or were changed, in their order; all of them without git, outside of a work
    ///   tree, and before the first commit.
    func missing(_ files: [String]) -> [String] {
        guard !files.isEmpty else { return [] }
        // Of the whole folder: the names of all files may be longer than what a command takes.
        let known = output(of: "ls-tree -r -z --name-only HEAD")
        // Since the commit: what is only staged would be lost, too.
        let changed = output(of: "diff -z --name-only --relative --no-ext-diff HEAD -- .")
        return files.filter { !known.contains($0) || changed.contains($0) }
    }

    /// The paths that git prints, each ended by a NUL; none if it fails.
    private func output(of command: String) -> Set<String> {
        let git = "git -C \(folder.quotedForShell)"
        guard let stream = popen("\(git) \(command) </dev/null 2>/dev/null", "re") else { return [] }
        defer { pclose(stream) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            if count == 0 { break }
            text += buffer[..<count]
        }
        return Set(text.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }
}

extension MigrationDirectory {
    /// Refuses to delete files of the folder that git could not bring back.
    ///
    /// - Parameter files: files of the folder.
    /// - Throws: ``MigratorError`` with code `cannot-squash`, which names them.
    public func checkCommitted(_ files: [String]) throws(MigratorError) {
        try Self.checkCommitted(files, in: path)
    }

    static func checkCommitted(_ files: [String], in path: String) throws(MigratorError) {
        let missing = CommittedFiles(folder: path).missing(files)
        guard missing.isEmpty else { throw .wouldBeLost(missing, in: path) }
    }
}

extension MigratorError {
    fileprivate static func wouldBeLost(_ files: [String], in path: String) -> MigratorError {
        let shown = files.prefix(10).map { "\(path)/\($0)" }.joined(separator: ", ")
        let more = files.count > 10 ? " and \(files.count - 10) more" : ""
        return cannotSquash(
            "the files would be deleted, and git does not have \(files.count == 1 ? "this one" : "these") as "
                + "\(files.count == 1 ? "it is" : "they are"): \(shown)\(more)",
            next: "commit them first, or delete them all the same with --force"
        )
    }
}
