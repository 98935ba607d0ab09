import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An archive of pg_dump in a file that only we can read: to work in parallel, pg_restore needs one.
struct SchemaArchive: Sendable {
    let path: FilePath

    init(_ bytes: [UInt8]) throws {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        path = FilePath(folder).appending("lastro-schema-\(hexadecimal(try randomBytes(8)))")
        do {
            let file = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: .ownerReadWrite
            )
            _ = try file.closeAfter { try file.writeAll(bytes) }
        } catch {
            remove()
            throw BackupError.unwritableStream(error as? Errno ?? .ioError)
        }
    }

    func remove() {
        _ = path.withPlatformString { unlink($0) }
    }
}
