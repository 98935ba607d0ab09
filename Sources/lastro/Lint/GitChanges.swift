import ArgumentParser

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What git says of files: asked at once, and read when the answer is needed.
final class GitChanges {
    private let revision: String
    private let changed: Answer
    private let new: Answer

    /// Asks which files of a folder are not as in a revision, also those that git does not know yet.
    ///
    /// - Throws: `ValidationError` for what is no revision, and where git cannot be run.
    init(since revision: String, in folder: String) throws {
        guard !revision.hasPrefix("-") else { throw ValidationError("--since \(revision): that is no revision") }
        self.revision = revision
        let git = "git -C \(Self.quoted(folder))"
        let commit = Self.quoted(revision + "^{commit}")
        changed = try Answer(to: "\(git) diff --name-only --relative --no-renames -z \(commit) -- .")
        new = try Answer(to: "\(git) ls-files --others --exclude-standard -z -- .")
    }

    /// The files, as paths from the folder.
    ///
    /// - Returns: the paths.
    /// - Throws: `ValidationError` where git does not know the revision.
    func files() throws -> Set<String> {
        guard let changed = changed.read() else {
            throw ValidationError("--since \(revision): git knows no such revision here")
        }
        return Set(
            (changed + (new.read() ?? [])).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        )
    }

    /// What a command prints while others are at work.
    private final class Answer {
        private var stream: UnsafeMutablePointer<FILE>?

        init(to command: String) throws {
            stream = popen("exec \(command) </dev/null 2>/dev/null", "re")
            if stream == nil { throw ValidationError("git could not be run") }
        }

        /// All of it; nil if the command failed.
        func read() -> [UInt8]? {
            guard let stream else { return nil }
            var output: [UInt8] = []
            let size = 64 * 1024
            var buffer = [UInt8](repeating: 0, count: size)
            while true {
                let count = fread(&buffer, 1, size, stream)
                if count == 0 { break }
                output += buffer[..<count]
            }
            self.stream = nil
            return pclose(stream) == 0 ? output : nil
        }

        deinit { if let stream { pclose(stream) } }
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
}

/// Standard input.
enum StandardInput {
    /// All of it.
    static func read() -> [UInt8] {
        var bytes: [UInt8] = []
        let size = 64 * 1024
        var buffer = [UInt8](repeating: 0, count: size)
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, size)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }
}
