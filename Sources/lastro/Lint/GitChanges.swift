import ArgumentParser

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What git says of files.
enum GitChanges {
    /// The names of the files of a folder that are not as in a revision, also those that git does not know yet.
    ///
    /// - Throws: `ValidationError` where git does not know the revision.
    static func files(since revision: String, in folder: String) throws -> Set<String> {
        guard !revision.hasPrefix("-") else { throw ValidationError("--since \(revision): that is no revision") }
        let git = "git -C \(quoted(folder))"
        let check = "\(git) rev-parse --verify --quiet \(quoted(revision + "^{commit}"))"
        guard try !output(of: check).isEmpty else {
            throw ValidationError("--since \(revision): git knows no such revision here")
        }
        let changed = try output(of: "\(git) diff --name-only --relative -z \(quoted(revision)) -- .")
        let new = try output(of: "\(git) ls-files --others --exclude-standard -z -- .")
        return Set(
            (changed + new).split(separator: 0).map { path in
                String(decoding: path.split(separator: UInt8(ascii: "/")).last ?? path, as: UTF8.self)
            }
        )
    }

    private static func output(of command: String) throws -> [UInt8] {
        guard let stream = popen("\(command) </dev/null 2>/dev/null", "re") else {
            throw ValidationError("git could not be run")
        }
        defer { pclose(stream) }
        var output: [UInt8] = []
        let size = 64 * 1024
        var buffer = [UInt8](repeating: 0, count: size)
        while true {
            let count = fread(&buffer, 1, size, stream)
            if count == 0 { break }
            output += buffer[..<count]
        }
        return output
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
