#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The branch that a branch of work will be merged into, as git tells it.
public enum BaseBranch {
    /// The names in a folder on that branch.
    ///
    /// All that can be it are asked: a clone may lack any of them.
    ///
    /// - Parameter folder: a folder of a git work tree.
    /// - Returns: the names; none without git, outside a work tree, or if the folder is not there on the branch.
    public static func names(in folder: String) -> [String] {
        let git = "git -C \(folder.quotedForShell)"
        let command = """
            for branch in origin/HEAD origin/main main master; do \
            \(git) ls-tree -z --name-only "$branch" </dev/null 2>/dev/null; done
            """
        guard let stream = popen(command, "re") else { return [] }
        defer { pclose(stream) }
        var output: [UInt8] = []
        let size = 64 * 1024
        var buffer = [UInt8](repeating: 0, count: size)
        while true {
            let count = fread(&buffer, 1, size, stream)
            if count == 0 { break }
            output += buffer[..<count]
        }
        let names = output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return Array(Set(names)).sorted()
    }
}
