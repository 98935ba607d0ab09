import ProjectSettings
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The files that begin a project; what is there already is left as it is.
struct ProjectFiles {
    /// What was made: its path, and what is said of it.
    private(set) var made: [(path: String, words: String)] = []

    /// Makes a folder, and those above it.
    ///
    /// - Throws: ``ConfigurationError`` if it cannot be made.
    mutating func makeFolder(_ path: String) throws(ConfigurationError) {
        guard try makeMissingFolders(path) else { return }
        made.append((path + "/", "made \(path)/"))
    }

    /// Makes a file, and the folder that it lies in.
    ///
    /// - Throws: ``ConfigurationError`` if it cannot be made.
    mutating func makeFile(_ path: String, _ text: String) throws(ConfigurationError) {
        let folder = FilePath(path).removingLastComponent().string
        if !folder.isEmpty { _ = try makeMissingFolders(folder) }
        do {
            try write(text.utf8, to: path, options: [.create, .exclusiveCreate, .closeOnExec])
        } catch Errno.fileExists {
            return
        } catch {
            throw unwritable(path, error)
        }
        made.append((path, "made \(path)"))
    }

    /// Makes a file, or writes it anew.
    ///
    /// - Throws: ``ConfigurationError`` if it cannot be written.
    static func replaceFile(_ path: String, _ text: String) throws(ConfigurationError) {
        let files = ProjectFiles()
        do {
            try files.write(text.utf8, to: path, options: [.create, .truncate, .closeOnExec])
        } catch {
            throw files.unwritable(path, error)
        }
    }

    /// Adds a line to a file that lists things, if it is not among its lines, in whatever line ends and encoding the rest is.
    ///
    /// - Throws: ``ConfigurationError`` if the file cannot be read or written.
    mutating func addLine(_ line: String, to path: String) throws(ConfigurationError) {
        let old: [UInt8]?
        do {
            old = try SettingsFile.read(path)
        } catch Errno.noSuchFileOrDirectory {
            old = nil
        } catch {
            throw .unreadableFile(path, why: "\(error)", state: state)
        }
        let newline = UInt8(ascii: "\n")
        let lines = (old ?? []).split(separator: newline).map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
        guard !lines.contains(where: { $0.elementsEqual(line.utf8) }) else { return }
        let hasCarriageReturns = old?.dropLast().last == UInt8(ascii: "\r") && old?.last == newline
        let end = hasCarriageReturns ? "\r\n" : "\n"
        let start = old?.last.map { $0 == newline } ?? true ? "" : end
        do {
            // Added and not written anew: what is there may be anything.
            try write((start + line + end).utf8, to: path, options: [.create, .append, .closeOnExec])
        } catch {
            throw unwritable(path, error)
        }
        made.append((path, old == nil ? "made \(path)" : "added \(line) to \(path)"))
    }

    private func write(_ bytes: String.UTF8View, to path: String, options: FileDescriptor.OpenOptions) throws {
        let permissions: FilePermissions = [.ownerReadWrite, .groupReadWrite, .otherReadWrite]
        let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: options, permissions: permissions)
        _ = try file.closeAfter { try file.writeAll(bytes) }
    }

    /// Makes the folders of a path that are not there; returns whether there were any.
    private func makeMissingFolders(_ path: String) throws(ConfigurationError) -> Bool {
        // The path itself first, then what lies above it as far as it is missing, then down again.
        var folder = FilePath(path)
        var missing: [FilePath.Component] = []
        while mkdir(folder.string, 0o777) != 0 {
            if errno == EEXIST || errno == EISDIR {
                if missing.isEmpty { return false }
                break
            }
            guard errno == ENOENT, let last = folder.lastComponent else {
                throw unwritable(path, Errno(rawValue: errno))
            }
            missing.append(last)
            folder.removeLastComponent()
            if folder.isEmpty { folder = "." }
        }
        for component in missing.reversed() {
            folder.append(component)
            guard mkdir(folder.string, 0o777) == 0 else { throw unwritable(path, Errno(rawValue: errno)) }
        }
        return true
    }

    private func unwritable(_ path: String, _ error: any Error) -> ConfigurationError {
        .unwritableFile(path, why: "\(error)", state: state)
    }

    private var state: String {
        made.isEmpty ? "nothing was made" : "made so far: \(made.map(\.path).joined(separator: ", "))"
    }
}
