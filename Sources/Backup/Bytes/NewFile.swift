import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Putting a file in place, whole or not at all, so that it outlives a crash of the machine.
enum NewFile {
    /// Writes a file that must not be there yet.
    ///
    /// - Throws: `Errno`; `fileExists` if there is something of that name, which stays as it is.
    static func write(
        _ bytes: UnsafeRawBufferPointer,
        to path: FilePath,
        permissions: FilePermissions
    ) throws(Errno) {
        let draft = FilePath("\(path).\(getpid()).\(UInt32.random(in: .min ... .max))")
        defer { _ = draft.withPlatformString { unlink($0) } }
        do {
            let file = try FileDescriptor.open(
                draft,
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: permissions
            )
            try file.closeAfter {
                _ = try file.writeAll(bytes)
                try file.synchronize()
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
        // Unlike a rename, a link never takes the place of what is there.
        let linked = draft.withPlatformString { draft in path.withPlatformString { link(draft, $0) } }
        guard linked == 0 else { throw Errno(rawValue: errno) }
        try synchronizeFolder(of: path.string)
    }

    /// The folder that a file or a folder is in; empty for the one that the process is in.
    static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Sees to it that the names in a file's folder are on disk.
    static func synchronizeFolder(of path: String) throws(Errno) {
        let parent = folder(of: path)
        do {
            let folder = try FileDescriptor.open(
                parent.isEmpty ? "." : parent,
                .readOnly,
                options: [.directory, .closeOnExec]
            )
            try folder.closeAfter { try folder.synchronize() }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }
}

extension FileDescriptor {
    /// Sees to it that what was written is on disk.
    func synchronize() throws(Errno) {
        while fsync(rawValue) != 0 {
            let problem = Errno(rawValue: errno)
            if problem != .interrupted { throw problem }
        }
    }
}
