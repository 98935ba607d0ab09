import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Paths as services that show findings beside the code want them: from the top of what they have checked out.
///
/// Where none is known, a path stays as the user wrote it, but for `./` at its head.
struct CheckoutPaths {
    private let top: FilePath?

    /// Takes the top from the variables that GitHub's and GitLab's runners set.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        top = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
            .map { FilePath(Self.absolute($0)) }
    }

    /// A path from the top; the path itself if it does not lead below it.
    func path(_ path: String) -> String {
        let plain = FilePath(path).lexicallyNormalized()
        guard let top else { return "\(plain)" }
        var inside = FilePath(Self.absolute(path))
        return inside.removePrefix(top) && !inside.isEmpty ? "\(inside)" : "\(plain)"
    }

    /// A path from the root of the file system, without `.` and `..`.
    static func absolute(_ path: String) -> String {
        let here = FilePath(FileManager.default.currentDirectoryPath)
        return "\(here.pushing(FilePath(path)).lexicallyNormalized())"
    }
}
