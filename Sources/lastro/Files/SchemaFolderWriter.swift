import Catalog
import Migrator
import ProjectSettings
import SchemaDiff
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Keeps a folder of SQL, one file an object; files that others made are left alone.
struct SchemaFolderWriter {
    /// What was done to a file.
    struct Change: Encodable {
        let path: String
        /// `written`, `removed` or `unchanged`.
        let change: String
    }

    private let folder: String

    init(_ folder: String) {
        self.folder = FilePath(folder).string
    }

    /// Makes the folder what a schema is.
    ///
    /// - Returns: every file of the schema in the order in which they can be loaded, then those that were removed.
    /// - Throws: ``ConfigurationError`` for a file that cannot be written; nothing was changed then, or what was is
    ///   finished by the next call.
    func write(_ schema: SchemaFolder) throws -> [Change] {
        let wanted = Set(schema.files.map(\.path))
        return try change(writing: schema.files, of: schema, removing: try kept().filter { !wanted.contains($0) })
    }

    /// Lends the folder to a closure in which no other process is at work there, and a change that was cut off is done.
    ///
    /// - Parameter body: what reads the folder and changes it.
    /// - Throws: ``MigratorError`` if another process keeps the folder; what the closure throws.
    func whileLocked(_ body: () async throws -> Void) async throws {
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)  // told of below
        let lock = try FolderLock(of: folder)
        try await lock.acquire()
        try FolderChange.finish(folder)
        try await body()
        _ = consume lock
    }

    /// Brings the files up to date whose objects are not what a schema says.
    ///
    /// - Parameters:
    ///   - old: what the folder says, in the schema's words.
    ///   - new: the schema.
    /// - Returns: the files that were written or removed, in the order in which they can be loaded.
    /// - Throws: ``ConfigurationError`` for an object whose definition lies in another file, and for a file that cannot be
    ///   written; nothing was changed then, or what was is finished by the next call.
    func pull(from old: SchemaFolder, to new: SchemaFolder) throws -> [Change] {
        let before = Dictionary(uniqueKeysWithValues: old.files.map { ($0.path, $0) })
        let behind = Set(new.files.map(\.path))
        let differing = new.files.filter { before[$0.path]?.text != $0.text }
        let gone = old.files.filter { !behind.contains($0.path) }
        for file in (differing.compactMap { before[$0.path] } + gone) where content(of: file.path) == nil {
            throw ConfigurationError.definedElsewhere(file.title, folder: folder, path: file.path)
        }
        return try change(writing: differing, of: new, removing: gone.map(\.path)).filter { $0.change != "unchanged" }
    }

    /// Writes files and removes others, those that need others first: all of it or nothing.
    private func change(
        writing files: [SchemaFolder.File],
        of schema: SchemaFolder,
        removing gone: [String]
    ) throws -> [Change] {
        var change = FolderChange(in: folder)
        var changes: [Change] = []
        do {
            for file in files {
                let isNew = try change.replace(file.path, with: file.text)
                changes.append(Change(path: file.path, change: isNew ? "written" : "unchanged"))
            }
            for path in gone.reversed() {
                change.remove(path)
                changes.append(Change(path: path, change: "removed"))
            }
            let isNew = try change.replace(SchemaFolder.loadScriptName, with: schema.loadScript)
            changes.append(Change(path: SchemaFolder.loadScriptName, change: isNew ? "written" : "unchanged"))
        } catch {
            change.discard()
            throw error
        }
        try change()
        return changes
    }

    /// The files in the folder that Lastro wrote, sorted.
    private func kept() throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
            path.hasSuffix(".sql") && content(of: path)?.starts(with: SchemaFolder.mark.utf8) ?? false
        }.sorted()
    }

    private func content(of path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: folder + "/" + path).map { Array($0) }
    }
}

/// What was done to a folder.
struct SchemaFolderReport: Report {
    let folder: String
    let files: [SchemaFolderWriter.Change]

    func text(style: TextStyle) -> String {
        var lines = files.filter { $0.change != "unchanged" }.map { file in
            (file.change == "removed" ? style.bad("removed") : style.good("written")) + "  " + file.path.printable
        }
        let count = files.count { $0.change == "unchanged" }
        if lines.isEmpty { lines.append("nothing to do: \(folder) is as it should be".printable) }
        if count > 0 { lines.append("\(Words.count(count, "file")) unchanged") }
        lines.append("the order of loading: \(folder)/\(SchemaFolder.loadScriptName)".printable)
        return lines.joined(separator: "\n")
    }
}
