import Catalog
import ProjectSettings
import SchemaDiff
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

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
        self.folder = folder
    }

    /// Makes the folder what a schema is.
    ///
    /// - Returns: every file of the schema in the order in which they can be loaded, then those that were removed.
    /// - Throws: ``ConfigurationError`` for a file that cannot be written: those before it are.
    func write(_ schema: SchemaFolder) throws -> [Change] {
        var changes = try schema.files.map { try replace($0.path, $0.text) }
        let wanted = Set(schema.files.map(\.path))
        changes += try remove(try kept().filter { !wanted.contains($0) })
        return changes + [try replace(SchemaFolder.loadScriptName, schema.loadScript)]
    }

    /// Brings the files up to date whose objects are not what a schema says.
    ///
    /// - Parameters:
    ///   - old: what the folder says, in the schema's words.
    ///   - new: the schema.
    /// - Returns: the files that were written or removed, in the order in which they can be loaded.
    /// - Throws: ``ConfigurationError`` for an object whose definition lies in another file, before anything is written; for
    ///   a file that cannot be written: those before it are.
    func pull(from old: SchemaFolder, to new: SchemaFolder) throws -> [Change] {
        let before = Dictionary(uniqueKeysWithValues: old.files.map { ($0.path, $0) })
        let behind = Set(new.files.map(\.path))
        let differing = new.files.filter { before[$0.path]?.text != $0.text }
        let gone = old.files.filter { !behind.contains($0.path) }
        for file in (differing.compactMap { before[$0.path] } + gone) where content(of: file.path) == nil {
            throw ConfigurationError.definedElsewhere(file.title, folder: folder, path: file.path)
        }
        var changes = try differing.map { try replace($0.path, $0.text) }
        changes += try remove(gone.map(\.path))
        changes.append(try replace(SchemaFolder.loadScriptName, new.loadScript))
        return changes.filter { $0.change != "unchanged" }
    }

    private func replace(_ path: String, _ text: String) throws -> Change {
        let isNew = try AtomicFile.replace(folder + "/" + path, with: text)
        return Change(path: path, change: isNew ? "written" : "unchanged")
    }

    /// Removes files of gone objects, those that need others first.
    private func remove(_ paths: [String]) throws -> [Change] {
        try paths.reversed().map { path in
            // Where it is not there any more, somebody was quicker.
            if unlink(folder + "/" + path) != 0, errno != ENOENT {
                let why = "\(Errno(rawValue: errno))"
                throw ConfigurationError.unwritableFile(folder + "/" + path, why: why, state: "it is still there")
            }
            removeEmptyFolders(above: path)
            return Change(path: path, change: "removed")
        }
    }

    private func removeEmptyFolders(above path: String) {
        var parts = path.split(separator: "/").dropLast()
        while !parts.isEmpty {
            let path = folder + "/" + parts.joined(separator: "/")
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path), names.isEmpty else { return }
            try? FileManager.default.removeItem(atPath: path)  // an empty folder says nothing
            parts = parts.dropLast()
        }
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
