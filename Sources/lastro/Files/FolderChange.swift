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

/// Changes to several files of a folder that are made wholly or not at all.
///
/// The new texts are written beside the files, then a note of what goes where, which is what decides: a process that is
/// killed before it has changed nothing, and what one that is killed behind it has left to do, ``finish(_:)`` does.
struct FolderChange {
    /// One file that takes another one's place, or goes.
    private struct Step: Codable {
        /// The file with the new text; nil where a file goes.
        var from: String?
        let to: String
    }

    private let folder: String
    private var steps: [Step] = []

    /// Begins with no change.
    init(in folder: String) {
        self.folder = folder
    }

    /// Gets a file's new text ready.
    ///
    /// - Parameters:
    ///   - path: the file, from the folder.
    ///   - text: what it is to hold.
    /// - Returns: whether it holds anything else now.
    /// - Throws: ``ConfigurationError`` if the text cannot be written.
    mutating func replace(_ path: String, with text: String) throws(ConfigurationError) -> Bool {
        guard let staged = try AtomicFile.stage(folder + "/" + path, with: text) else { return false }
        steps.append(Step(from: staged.new, to: staged.target))
        return true
    }

    /// Notes that a file is to go.
    mutating func remove(_ path: String) {
        steps.append(Step(to: folder + "/" + path))
    }

    /// Makes the changes.
    ///
    /// - Throws: ``ConfigurationError``; what was not done then, the next call of ``finish(_:)`` does.
    func callAsFunction() throws {
        guard !steps.isEmpty else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let note = String(decoding: try encoder.encode(steps), as: UTF8.self)
        _ = try AtomicFile.replace(Self.note(in: folder), with: note)
        AtomicFile.synchronize(folder)
        try Self.carryOut(steps, in: folder)
    }

    /// Takes back what was got ready and not made.
    func discard() {
        for step in steps { step.from.map { _ = unlink($0) } }
    }

    /// Finishes a change that was cut off, and clears away what another one left that had changed nothing.
    ///
    /// - Parameter folder: the folder, in which no other process is at work.
    /// - Returns: whether there was one.
    /// - Throws: ``ConfigurationError`` if a file cannot be changed; what is left to do stays noted.
    @discardableResult
    static func finish(_ folder: String) throws -> Bool {
        let note = FileManager.default.contents(atPath: note(in: folder))
        if let note {
            guard let steps = try? JSONDecoder().decode([Step].self, from: note) else {
                let why = "it is no note of Lastro's"
                throw ConfigurationError.unwritableFile(Self.note(in: folder), why: why, state: "nothing was changed")
            }
            try carryOut(steps, in: folder)
        }
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []  // not there yet
        for path in paths where isLeftBehind(path.split(separator: "/").last ?? "") { unlink(folder + "/" + path) }
        return note != nil
    }

    /// Whether a file of this name was written beside another one by a process that is gone.
    private static func isLeftBehind(_ name: Substring) -> Bool {
        guard name.hasPrefix("."), name.hasSuffix(AtomicFile.suffix) else { return false }
        let writer = name.dropLast(AtomicFile.suffix.count).split(separator: ".").last.flatMap { pid_t($0) }
        return writer.map { kill($0, 0) != 0 && errno == ESRCH } ?? true
    }

    private static func note(in folder: String) -> String { "\(folder)/\(SchemaFolder.changeNoteName)" }

    /// Does what is left to do of a change, and then clears the note of it away.
    private static func carryOut(_ steps: [Step], in folder: String) throws {
        for step in steps {
            if let from = step.from {
                // Where it is not there any more, it is in its place already.
                guard rename(from, step.to) == 0 || errno == ENOENT else {
                    throw failure(step.to, "the file is as it was; the next call goes on with what is left to do")
                }
            } else {
                guard unlink(step.to) == 0 || errno == ENOENT || errno == ENOTDIR else {
                    throw failure(step.to, "it is still there; the next call goes on with what is left to do")
                }
                removeEmptyFolders(above: step.to, in: folder)
            }
        }
        AtomicFile.synchronize(folder)
        guard unlink(note(in: folder)) == 0 || errno == ENOENT else {
            throw failure(note(in: folder), "all other files are as they should be")
        }
    }

    private static func failure(_ path: String, _ state: String) -> ConfigurationError {
        .unwritableFile(path, why: "\(Errno(rawValue: errno))", state: state)
    }

    private static func removeEmptyFolders(above path: String, in folder: String) {
        var place = FilePath(path).removingLastComponent()
        while place.string.hasPrefix(folder + "/") {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: place.string), names.isEmpty else {
                return
            }
            try? FileManager.default.removeItem(atPath: place.string)  // an empty folder says nothing
            place = place.removingLastComponent()
        }
    }
}
