#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Files as they are in a revision of a git repository.
struct Revision {
    private let revision: String
    private let path: String

    /// Names files in a revision.
    ///
    /// - Throws: ``SchemaDiffError`` for a name that git would take for an option.
    init(_ revision: String, path: String) throws(SchemaDiffError) {
        guard !revision.hasPrefix("-"), !revision.isEmpty, !path.isEmpty else {
            throw .revisionUnreadable(revision, path: path, why: "that is no revision and path")
        }
        self.revision = revision
        self.path = path
    }

    /// Lays the files into a folder of their own for a closure, which gets their path, and removes them behind it.
    func withFiles<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.path + "/lastro-revision-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        func remove() {
            try? FileManager.default.removeItem(atPath: folder)  // an own folder of the temporary ones
        }
        do {
            try extract(to: folder)
            let result = try await body(folder + "/" + path)
            remove()
            return result
        } catch {
            remove()
            throw error
        }
    }

    private func extract(to folder: String) throws {
        let command = """
            { git archive --format=tar \(revision.quotedForShell) -- \(path.quotedForShell) | tar -x -C \
            \(folder.quotedForShell); } 2>&1
            """
        guard let stream = popen(command, "re") else {
            throw SchemaDiffError.revisionUnreadable(revision, path: path, why: "no program can be started")
        }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            if count == 0 { break }
            output += buffer[..<count]
        }
        pclose(stream)
        guard FileManager.default.fileExists(atPath: folder + "/" + path) else {
            let words = String(decoding: output, as: UTF8.self).split(separator: "\n").first.map(String.init)
            throw SchemaDiffError.revisionUnreadable(revision, path: path, why: words ?? "nothing came out")
        }
    }
}

extension String {
    /// The text as one word of a shell.
    fileprivate var quotedForShell: String { "'" + replacing("'", with: "'\\''") + "'" }
}
