import ProjectSettings
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Files that are there as they were, or as they are to be, and never half.
enum AtomicFile {
    /// Writes a file anew where it is not what it is to be: a new one is written beside it, and takes its place.
    ///
    /// What is left of a process that is killed meanwhile is a hidden file beside it, which nothing reads.
    ///
    /// - Parameters:
    ///   - path: the file; folders that are not there are made. What a link leads to is written, not the link.
    ///   - text: what it is to hold.
    /// - Returns: whether it held anything else.
    /// - Throws: ``ConfigurationError`` if it cannot be written; then it is as it was.
    static func replace(_ path: String, with text: String) throws(ConfigurationError) -> Bool {
        do {
            let target = FilePath(realpath(path, nil).map(taken) ?? path)
            // What cannot be read is written anew, or told of then.
            if let present = try? SettingsFile.read(target.string), present.elementsEqual(text.utf8) { return false }
            let folder = target.removingLastComponent()
            if !folder.isEmpty {
                try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
            }
            let name = ".\(target.lastComponent?.string.prefix(200) ?? "").\(getpid()).lastro-new"
            let new = folder.appending(name)
            do {
                try write(text, to: new, likeFile: target)
                guard rename(new.string, target.string) == 0 else { throw Errno(rawValue: errno) }
            } catch {
                unlink(new.string)
                throw error
            }
            return true
        } catch {
            throw .unwritableFile(path, why: "\(error)", state: "the file is as it was")
        }
    }

    private static func write(_ text: String, to path: FilePath, likeFile target: FilePath) throws {
        let file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite]
        )
        try file.closeAfter {
            try file.writeAll(text.utf8)
            var status = stat()
            if stat(target.string, &status) == 0 { fchmod(file.rawValue, status.st_mode & 0o7777) }
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    private static func taken(_ path: UnsafeMutablePointer<CChar>) -> String {
        defer { free(path) }
        return String(cString: path)
    }
}
