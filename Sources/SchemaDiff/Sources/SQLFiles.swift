import SQLSyntax

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Files of SQL that together are a schema.
enum SQLFiles {
    /// The scripts at a path: that of a file, or those of a folder and the folders in it, in the order of its load script
    /// and then of their paths.
    static func scripts(at path: String) throws -> [SQLScript] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
            return [try script(at: path)]
        }
        guard !FileManager.default.fileExists(atPath: path + "/" + SchemaFolder.changeNoteName) else {
            throw SchemaDiffError.halfChangedFolder(path)
        }
        let loadScript = FileManager.default.contents(atPath: path + "/" + SchemaFolder.loadScriptName)
        let order = loadScript.map { SchemaFolder.paths(inLoadScript: String(decoding: $0, as: UTF8.self)) } ?? []
        let ranks = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
        return try FileManager.default.subpathsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".sql") && !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
            .sorted { left, right in
                let (one, other) = (ranks[left] ?? Int.max, ranks[right] ?? Int.max)
                return one == other ? left.utf8.lexicographicallyPrecedes(right.utf8) : one < other
            }
            .map { try script(at: path + "/" + $0) }
    }

    private static func script(at path: String) throws -> SQLScript {
        try SQLScript(utf8: DumpFrame.blanked(try content(of: path)), file: path)
    }

    /// The bytes of a file.
    static func content(of path: String) throws -> [UInt8] {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw SchemaDiffError.unreadableSource(path, why: "it is not there, or may not be read")
        }
        return Array(content)
    }
}
