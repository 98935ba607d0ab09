import SQLSyntax

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Files of SQL that together are a schema.
enum SQLFiles {
    /// The scripts at a path: that of a file, or those of a folder and the folders in it, in the order of their paths.
    static func scripts(at path: String) throws -> [SQLScript] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
            return [try script(at: path)]
        }
        return try FileManager.default.subpathsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".sql") && !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .map { try script(at: path + "/" + $0) }
    }

    private static func script(at path: String) throws -> SQLScript {
        try SQLScript(utf8: try content(of: path), file: path)
    }

    /// The bytes of a file.
    static func content(of path: String) throws -> [UInt8] {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw SchemaDiffError.unreadableSource(path, why: "it is not there, or may not be read")
        }
        return Array(content)
    }
}
