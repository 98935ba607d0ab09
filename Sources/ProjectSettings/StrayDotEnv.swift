#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `.env` files next to the one that is read: the usual place of one that was put into the wrong folder.
package enum StrayDotEnv {
    /// Looks in the folder above this one, in those below it and in that of the migrations.
    package static func files(migrations: String) -> [String] {
        let here = FileManager.default.currentDirectoryPath
        let parent = URL(filePath: here).deletingLastPathComponent().path
        let children = (try? FileManager.default.contentsOfDirectory(atPath: here)) ?? []  // only a hint is lost
        let candidates = ["\(parent)/.env", "\(migrations)/.env"] + children.map { "\(here)/\($0)/.env" }
        return candidates.filter { FileManager.default.fileExists(atPath: $0) }
    }
}
