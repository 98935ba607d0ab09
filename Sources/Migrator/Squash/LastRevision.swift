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
}

extension String {
    /// The text as one word of a shell.
    var quotedForShell: String { "'" + replacing("'", with: "'\\''") + "'" }
}
