import SystemPackage

/// Why a program cannot take this one's place.
struct ReplacementError: Error, CustomStringConvertible {
    /// Whether there is no such program.
    let isAbsent: Bool
    private let message: String
    private let state: String
    private let next: String

    var description: String { "\(message)\n  state: \(state)\n  next:  \(next)" }

    static func notFound(_ name: String, path: String?) -> ReplacementError {
        ReplacementError(
            isAbsent: true,
            message: path.map { "\(name) is in no folder of PATH (\($0))" } ?? "\(name) is not there",
            state: "nothing was run",
            next: "give the program's path, or put its folder into PATH"
        )
    }

    static func notExecutable(_ name: String, path: String, isFolder: Bool) -> ReplacementError {
        ReplacementError(
            isAbsent: false,
            message: isFolder ? "\(path) is a folder" : "this user may not execute \(path)",
            state: "nothing was run",
            next: isFolder ? "give the program in it" : "make it executable: chmod +x \(path)"
        )
    }

    static func cannotRun(_ name: String, _ error: Errno) -> ReplacementError {
        ReplacementError(
            isAbsent: error == .noSuchFileOrDirectory,
            message: "\(name) cannot be run: \(error)",
            state: "the database is migrated; \(name) was not started",
            next: "look whether the interpreter that its first line names is there"
        )
    }
}
