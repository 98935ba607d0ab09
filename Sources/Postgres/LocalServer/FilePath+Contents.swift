import Glibc
import SystemPackage

/// What a path leads to, without Foundation. No function here follows a symbolic link in the last place: part of what
/// is read lies in folders that the server's user can write, and foreign SQL may have become that user.
extension FilePath {
    /// Whether there is something at this path.
    var exists: Bool { information != nil }

    /// Whether there is a folder at this path.
    var isFolder: Bool { information?.type == .directory }

    /// What the file system knows of it; nil where there is nothing, or nothing that we may see.
    var information: Stat? { try? stat(followTargetSymlink: false) }

    /// The names in a folder, in no order; empty when it cannot be read.
    var entries: [String] {
        guard let folder = withPlatformString({ opendir($0) }) else { return [] }
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

    /// The text in a file; nil when it cannot be read.
    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    /// What is in a file; nil when it cannot be read.
    var bytes: [UInt8]? {
        // A pipe in the place of the file must not hold us up: hence no blocking.
        let options: FileDescriptor.OpenOptions = [.noFollow, .closeOnExec, .nonBlocking]
        guard let file = try? FileDescriptor.open(self, .readOnly, options: options) else { return nil }  // absent
        defer { try? file.close() }  // only read from: nothing is lost
        var bytes: [UInt8] = []
        var status = Glibc.stat()
        if fstat(file.rawValue, &status) == 0 { bytes.reserveCapacity(Int(status.st_size)) }
        return withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 1) { chunk in
            // An error ends it like the end of the file: what could be read is what there is to know.
            while let count = try? file.read(into: chunk), count > 0 { bytes += chunk[..<count] }
            return bytes
        }
    }

    /// The place that a link leads to, or the path itself.
    var target: FilePath? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = withPlatformString { readlink($0, &buffer, Int(PATH_MAX)) }
        guard count > 0 else { return nil }
        return FilePath(String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    /// The path without links, `.` and `..`; nil when it leads nowhere.
    var resolved: FilePath? {
        guard let real = withPlatformString({ realpath($0, nil) }) else { return nil }
        defer { free(real) }
        return FilePath(String(cString: real))
    }

    /// The path from the root of the file system without links, as far as there is something on it.
    var resolvedAsFarAsPossible: FilePath {
        let path = absolute
        if let resolved = path.resolved { return resolved }
        guard let name = path.lastComponent else { return path }
        return path.removingLastComponent().resolvedAsFarAsPossible.appending(name)
    }

    /// Whether a process takes connections at the socket at this path.
    var isListening: Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = string.utf8
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { _ = Glibc.close(descriptor) }
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// The path from the root of the file system.
    var absolute: FilePath {
        guard isRelative, let folder = FilePath(".").resolved else { return self }
        return folder.pushing(self).lexicallyNormalized()
    }

    /// Bytes that the files in and below this folder take up on disk.
    var bytesBelow: Int {
        entries.reduce(0) { sum, name in
            let path = appending(name)
            guard let information = path.information else { return sum }
            let below = information.type == .directory ? path.bytesBelow : 0
            return sum + Int(information.sizeAllocated) + below
        }
    }

    /// Makes a folder; one that is there already is left as it is.
    func createFolder(mode: UInt32) throws(Errno) {
        if withPlatformString({ mkdir($0, mode) }) == 0 { return }
        let problem = Errno(rawValue: errno)
        if problem != .fileExists || !isFolder { throw problem }
    }

    /// Makes a folder and those above it, with just this mode whatever the umask is.
    func createFolders(mode: UInt32) throws(Errno) {
        if resolved?.isFolder == true { return }
        let above = removingLastComponent()
        if !above.isEmpty, above.resolved == nil { try above.createFolders(mode: mode) }
        try createFolder(mode: mode)
        if withPlatformString({ chmod($0, mode) }) != 0 { throw Errno(rawValue: errno) }
    }

    /// Puts a file in place, whole or not at all.
    func replaceContents(with text: String) throws(Errno) { try replaceContents(with: text.utf8) }

    /// Puts bytes into a file, in one step.
    func replaceContents(with bytes: some Sequence<UInt8>) throws(Errno) {
        let draft = FilePath("\(self).\(getpid()).\(UInt32.random(in: .min ... .max))")
        do {
            let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec]
            let file = try FileDescriptor.open(
                draft,
                .writeOnly,
                options: options,
                permissions: [.ownerReadWrite, .groupRead, .otherRead]
            )
            try file.closeAfter { _ = try file.writeAll(bytes) }
            try draft.rename(to: self)
        } catch {
            _ = draft.withPlatformString { unlink($0) }
            throw error as? Errno ?? .ioError
        }
    }

    /// Gives the thing at this path another name, in one step.
    func rename(to other: FilePath) throws(Errno) {
        let renamed = withPlatformString { old in other.withPlatformString { new in Glibc.rename(old, new) } }
        if renamed != 0 { throw Errno(rawValue: errno) }
    }
}
