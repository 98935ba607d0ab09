import Glibc
import SystemPackage

/// A text in Lastro's cache folder that takes long to make and follows from its key alone.
///
/// It is written whole or not at all, and read by its user only. What cannot be kept is made again next time.
public struct CachedText: Sendable {
    private let folder: FilePath
    private let name: String
    private let surroundings: Surroundings

    private let limit: Int

    /// Names a text.
    ///
    /// - Parameters:
    ///   - kind: what it is, as the name of a folder.
    ///   - key: what it follows from, as the name of a file.
    ///   - limit: how many of the kind are kept.
    public init(_ kind: String, key: String, limit: Int = 32) {
        self.limit = limit
        surroundings = .current()
        folder = surroundings.cache.root.appending(kind)
        name = key
    }

    /// The text; nil if it is not kept.
    public var text: String? { folder.appending(name).text }

    /// The text in bytes, which need be no UTF-8; nil if it is not kept.
    public var bytes: [UInt8]? { folder.appending(name).bytes }

    /// Keeps a text.
    public func keep(_ text: String) { keep(Array(text.utf8)) }

    /// Keeps a text that need be no UTF-8.
    public func keep(_ bytes: [UInt8]) {
        do {
            try surroundings.cache.prepare(for: surroundings.user)
            try folder.createFolder(mode: 0o700)
            try folder.appending(name).replaceContents(with: bytes)
        } catch {
            return  // a cache that cannot be written costs time, and is nothing to stop for
        }
        removeOldest()
    }

    private func removeOldest() {
        let files = folder.entries.compactMap { name -> (path: FilePath, time: Int)? in
            let path = folder.appending(name)
            return path.information.map { (path, $0.st_mtim.tv_sec) }
        }
        for file in files.sorted(by: { $0.time > $1.time }).dropFirst(limit) {
            _ = file.path.withPlatformString { unlink($0) }
        }
    }
}
