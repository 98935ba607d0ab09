import Glibc
import Subprocess
import SystemPackage

/// Remembers which version a `postgres` has: to ask it takes longer than everything else before a start.
struct VersionCache: Sendable {
    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// The version of a `postgres`, asked for once for each state of the file.
    func version(of program: FilePath) async throws -> PostgresInstallation.Version {
        guard let file = program.information else { throw LocalServerError.programFailed(program, reason: "not there") }
        let key = StableHash("\(program) \(file.st_mtim.tv_sec).\(file.st_mtim.tv_nsec) \(file.size)")
        let note = surroundings.cache.versions.appending("\(key)")
        if let version = note.text.flatMap(PostgresInstallation.Version.init) { return version }
        let output = try await surroundings.output(of: program, ["--version"])
        guard let version = PostgresInstallation.Version(output) else {
            throw LocalServerError.programFailed(program, reason: "says `\(output)` for its version")
        }
        // A note that cannot be written costs a few milliseconds next time, and is nothing to stop for.
        try? surroundings.cache.prepare(for: surroundings.user)
        try? note.replaceContents(with: "\(version)\n")
        return version
    }
}
