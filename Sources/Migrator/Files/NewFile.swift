import SourceText

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writes files that are there wholly or not at all.
enum NewFile {
    /// Makes a file that is not there yet.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - text: its text.
    ///   - isDurable: whether to wait until it is on disk.
    /// - Throws: ``MigratorError`` with code `unwritable-file`, also for a file that is there.
    static func make(_ path: String, _ text: String, isDurable: Bool = false) throws(MigratorError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .unwritableFile(path, errno) }
        // The end is looked at too: some file systems say only then that there is no space.
        var written = fill(descriptor, with: text)
        if isDurable, written == nil, fsync(descriptor) != 0 { written = errno }
        let closed = close(descriptor) == 0 ? nil : errno
        let failure = written ?? closed
        guard let failure else { return }
        unlink(path)
        throw .unwritableFile(path, failure)
    }

    /// Puts a file in the place of the one that is there, if one is; who reads it meanwhile sees the old or the new one.
    static func replace(_ path: String, _ text: String, isDurable: Bool = false) throws(MigratorError) {
        let draft = "\(path).\(getpid())"
        // Of an earlier process that had this one's number and was killed.
        unlink(draft)
        do {
            try make(draft, text, isDurable: isDurable)
        } catch {
            throw error.told(of: path)
        }
        guard rename(draft, path) != 0 else { return }
        let failure = errno
        unlink(draft)
        throw .unwritableFile(path, failure)
    }

    /// Waits until the names in a folder are on disk.
    ///
    /// - Throws: ``MigratorError`` with code `unwritable-file` if they may not be.
    static func synchronize(_ folder: String) throws(MigratorError) {
        let path = folder.isEmpty ? "." : folder
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A folder that may be written to and not be read is left to the file system.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Some file systems know nothing of it for folders (EINVAL).
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw .unwritableFile(path, errno) }
    }

    /// Makes a folder in one that is there.
    static func makeFolder(_ path: String) throws(MigratorError) {
        guard mkdir(path, 0o777) == 0 else { throw .unwritableFile(path, errno) }
    }

    /// Takes back what was made.
    static func remove(_ paths: [String]) {
        for path in paths.reversed() where unlink(path) != 0 { rmdir(path) }
    }

    /// Writes a text; returns the number of the error, if there is one.
    private static func fill(_ descriptor: Int32, with text: String) -> Int32? {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }
}

extension MigratorError {
    static func unwritableFile(_ path: String, _ number: Int32) -> MigratorError {
        let isThere = number == EEXIST
        return MigratorError(
            .unwritableFile,
            isThere ? "the file is there already" : "the file cannot be written: \(String(cString: strerror(number)))",
            at: SourceLocation(file: path),
            state: "no file was made",
            next: isThere
                ? "run the command again, which looks at the folder anew"
                : "see to it that this user may write to the folder, and that there is space"
        )
    }

    /// The same failure of another file.
    fileprivate func told(of path: String) -> MigratorError {
        MigratorError(code, message, at: SourceLocation(file: path), state: state, next: next)
    }
}
