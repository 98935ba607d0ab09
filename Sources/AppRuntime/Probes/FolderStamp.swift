import Foundation
import Glibc

/// By what it is seen that a folder has changed, without reading its files: names, sizes, times and numbers of inodes.
struct FolderStamp: Hashable, Sendable {
    private struct File: Hashable {
        let path: String
        let inode: UInt
        let size: Int
        let modified: [Int]
    }

    /// How deep folders of migrations are laid out at most, with one level to spare.
    private static let depth = 3

    private var files: Set<File> = []

    /// Looks at a folder; one that is not there has a stamp too.
    init(of path: String) { add(path, depth: Self.depth) }

    private mutating func add(_ path: String, depth: Int) {
        var found = stat()
        // Links are followed: a ConfigMap of Kubernetes changes behind one.
        guard stat(path, &found) == 0 else { return }
        let times = [found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_ctim.tv_sec, found.st_ctim.tv_nsec]
        files.insert(File(path: path, inode: found.st_ino, size: Int(found.st_size), modified: times))
        guard found.st_mode & S_IFMT == S_IFDIR, depth > 0 else { return }
        // Cannot be listed: nothing in it can be read either.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            add("\(path)/\(name)", depth: depth - 1)
        }
    }
}
