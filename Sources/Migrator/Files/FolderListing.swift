#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What lies in a migrations folder, as far as its layouts care.
///
/// Hidden entries are left out, and with them the `..data` of a Kubernetes ConfigMap, through which each file would
/// be there a second time.
struct FolderListing {
    /// The files of SQL, in no order.
    private(set) var files: [FileName] = []
    /// The folders.
    private(set) var folders: [String] = []
    /// What may lead to a folder.
    private(set) var links: [String] = []
    /// The files of SQL that are devices or pipes.
    private(set) var oddities: [String] = []
    private(set) var hasSqitchPlan = false
    private(set) var hasPrismaLock = false
    private(set) var hasSumFile = false

    mutating func add(_ entry: UnsafeMutablePointer<dirent>) {
        let type = Int(entry.pointee.d_type)
        let isFolder = type == Int(DT_DIR) || type == Int(DT_UNKNOWN)
        guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return }
        let start = UnsafeRawPointer(entry).advanced(by: nameOffset).assumingMemoryBound(to: UInt8.self)
        let count = strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
        let name = UnsafeBufferPointer(start: start, count: count)
        if let file = FileName(name) {
            if isFolder || type == Int(DT_REG) || type == Int(DT_LNK) {
                files.append(file)
            } else {
                oddities.append(file.text)
            }
            return
        }
        guard name.first != UInt8(ascii: ".") else { return }
        let text = String(decoding: name, as: UTF8.self)
        switch text {
        case "sqitch.plan": hasSqitchPlan = true
        case "migration_lock.toml": hasPrismaLock = true
        case SumFile.fileName: hasSumFile = true
        default: if isFolder { folders.append(text) } else if type == Int(DT_LNK) { links.append(text) }
        }
    }
}

extension FolderListing {
    /// The listing as if these files were gone.
    func without(_ names: Set<String>) -> FolderListing {
        var copy = self
        copy.files.removeAll { names.contains($0.text) }
        return copy
    }
}

extension MigrationFolder {
    /// What lies in it.
    func listing() -> FolderListing {
        var listing = FolderListing()
        while let entry = nextEntry() { listing.add(entry) }
        return listing
    }

    /// The files of SQL in a folder below, and in those below that, as paths from this folder; links are not followed.
    func filesBelow(_ name: String) -> [String] {
        guard let folder = try? MigrationFolder(path: "\(path)/\(name)") else { return [] }  // not there: no files
        let listing = folder.listing()
        return (listing.files.map(\.text) + listing.oddities).map { "\(name)/\($0)" }
            + listing.folders.flatMap { filesBelow("\(name)/\($0)") }
    }
}
