public import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A repository in a folder.
///
/// A file is written under `tmp/`, brought to disk, and linked to its name. What a killed process has left under `tmp/` is
/// taken away by the next one that writes: each holds a lock on the folder of its own there while it lives.
public final class FolderStore: BackupStore {
    /// The folder's path.
    public let description: String
    /// What stands before the names of files.
    ///
    /// A text, as all below: paths would be taken apart with each call.
    private let prefix: String
    private let drafts: Drafts

    /// Takes a folder that is there, or will be made when something is put into it.
    ///
    /// - Parameter root: the folder.
    public init(_ root: FilePath) {
        description = root.string
        prefix = root.isEmpty || description.utf8.last == UInt8(ascii: "/") ? description : description + "/"
        drafts = Drafts(in: root.appending("tmp"))
    }

    /// Puts a file in place, so that it outlives a crash.
    public func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
        let path = prefix + name
        do {
            try makeFolder(NewFile.folder(of: path))
            let draft = try drafts.newPath()
            defer { _ = unlink(draft) }
            let file = try FileDescriptor.open(
                draft,
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerRead, .ownerWrite, .groupRead, .otherRead]
            )
            try file.closeAfter {
                _ = try file.writeAll(bytes)
                try file.synchronize()
            }
            try putInPlace(draft, at: path)
            try NewFile.synchronizeFolder(of: path)
        } catch {
            throw BackupError.unwritableStore(path, error as? Errno ?? .ioError)
        }
    }

    /// Reads a whole file; nil if there is none.
    public func get(_ name: String) throws -> [UInt8]? {
        let path = prefix + name
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
            return try file.closeAfter {
                let size = Int(try file.stat().size)
                let bytes = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                    let memory = UnsafeMutableRawBufferPointer(buffer)
                    while count < size {
                        let part = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
                        if part == 0 { break }
                        count += part
                    }
                }
                return bytes
            }
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw BackupError.unreadableStore(path, error as? Errno ?? .ioError)
        }
    }

    /// The size of a file; nil if there is none.
    public func size(of name: String) throws -> Int? {
        let path = prefix + name
        do {
            return Int(try status(of: path).st_size)
        } catch .noSuchFileOrDirectory {
            return nil
        } catch {
            throw BackupError.unreadableStore(path, error)
        }
    }

    /// What the system says of a file or a folder.
    private func status(of path: String) throws(Errno) -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw Errno(rawValue: errno) }
        return status
    }

    /// Lists the files whose names begin with a folder's path, with their sizes.
    public func sizes(in folder: String) throws -> [String: Int] {
        var sizes: [String: Int] = [:]
        do {
            try addSizes(in: folder, to: &sizes)
        } catch {
            throw BackupError.unreadableStore(prefix + folder, error)
        }
        return sizes
    }

    private func addSizes(in folder: String, to sizes: inout [String: Int]) throws(Errno) {
        for entry in try entries(of: prefix + folder) {
            let name = folder + "/" + entry
            do {
                let status = try status(of: prefix + name)
                if status.st_mode & S_IFMT == S_IFDIR {
                    try addSizes(in: name, to: &sizes)
                } else {
                    sizes[name] = Int(status.st_size)
                }
            } catch  where error == .noSuchFileOrDirectory {
                // It was taken away meanwhile.
            }
        }
    }

    /// Takes a file away.
    public func remove(_ name: String) throws {
        let path = prefix + name
        guard unlink(path) != 0 else {
            // The folder goes with its last file; it stays while there are others.
            _ = rmdir(NewFile.folder(of: path))
            return
        }
        if errno == ENOENT { return }
        throw BackupError.unwritableStore(path, Errno(rawValue: errno))
    }

    private func putInPlace(_ draft: String, at path: String) throws(Errno) {
        // The folder may be taken away by another process that has emptied it.
        for _ in 0..<16 {
            // Unlike a rename, a link never takes the place of what is there.
            if link(draft, path) == 0 { return }
            guard errno == ENOENT else { throw Errno(rawValue: errno) }
            try makeFolder(NewFile.folder(of: path))
        }
        throw .noSuchFileOrDirectory
    }

    private func makeFolder(_ path: String) throws(Errno) {
        if mkdir(path, 0o755) == 0 {
            return try NewFile.synchronizeFolder(of: path)
        }
        if errno == EEXIST { return }
        let above = NewFile.folder(of: path)
        guard errno == ENOENT, !above.isEmpty else { throw Errno(rawValue: errno) }
        try makeFolder(above)
        try makeFolder(path)
    }
}

/// The names in a folder; none if there is no such folder.
func entries(of path: String) throws(Errno) -> [String] {
    guard let folder = opendir(path) else {
        if errno == ENOENT { return [] }
        throw Errno(rawValue: errno)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
