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
        guard let (new, target) = try stage(path, with: text) else { return false }
        guard rename(new, target) == 0 else {
            let why = "\(Errno(rawValue: errno))"
            unlink(new)
            throw .unwritableFile(path, why: why, state: "the file is as it was")
        }
        return true
    }

    /// What the names of the files end in that are written beside others.
    static let suffix = ".lastro-new"

    /// Writes a file's new text beside it.
    ///
    /// - Parameters:
    ///   - path: the file; folders that are not there are made.
    ///   - text: what it is to hold.
    /// - Returns: the file beside it, and the one whose place it is to take; nil if that holds the text already.
    /// - Throws: ``ConfigurationError`` if it cannot be written.
    static func stage(
        _ path: String,
        with text: String
    ) throws(ConfigurationError) -> (new: String, target: String)? {
        do {
            let target = FilePath(realpath(path, nil).map(taken) ?? path)
            // What cannot be read is written anew, or told of then.
            if let present = try? SettingsFile.read(target.string), present.elementsEqual(text.utf8) { return nil }
            let folder = target.removingLastComponent()
            if !folder.isEmpty {
                try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
            }
            let new = folder.appending(".\(target.lastComponent?.string.prefix(200) ?? "").\(getpid())\(suffix)")
            do {
                try write(text, to: new, likeFile: target)
            } catch {
                unlink(new.string)
                throw error
            }
            return (new.string, target.string)
        } catch {
            throw .unwritableFile(path, why: "\(error)", state: "the file is as it was")
        }
    }

    /// Brings the names of a folder's files to the disk, where it can be done.
    static func synchronize(_ folder: String) {
        guard let descriptor = try? FileDescriptor.open(FilePath(folder), .readOnly, options: .closeOnExec) else {
            return
        }
        fsync(descriptor.rawValue)
        try? descriptor.close()  // it was only read
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
