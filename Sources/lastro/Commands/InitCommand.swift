import ArgumentParser
import Migrator
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Start a project: a folder of migrations and a lastro.yaml.",
        discussion: """
            What is there already is left as it is, so the command may be repeated.

            EXAMPLES
              lastro init
              lastro init --migrations db/migrations
            """
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let configuration = global.config ?? "lastro.yaml"
        // A project that names its folder has it there.
        let isNamed = global.config == nil || access(configuration, F_OK) == 0
        let folder = isNamed ? try global.settings().migrations : global.migrations ?? "migrations"
        var files = ProjectFiles()
        try files.makeFolder(folder)
        // Finds what cannot be the folder of migrations.
        _ = try await MigrationDirectory(readingFrom: folder)
        let text = """
            # Settings of this project; flags, the environment and .env come before them.
            migrations: \(FilePath(folder).relative(toFolderOf: FilePath(configuration)).string.asYAML)
            # The database's URL holds a password and belongs into DATABASE_URL or .env, not here.

            """
        try files.makeFile(configuration, text)
        try files.addLine(".lastro/", to: ".gitignore")
        try global.writer.write(FilesReport(made: files.made))
    }
}

extension FilePath {
    /// The same path from the folder of a file: what a configuration file has to say to mean it.
    fileprivate func relative(toFolderOf file: FilePath) -> FilePath {
        let folder = file.removingLastComponent()
        guard isRelative, !folder.isEmpty else { return self }
        guard let here = FilePath.currentFolder else { return self }
        var target = Array(here.pushing(self).lexicallyNormalized().components)
        var start = Array(here.pushing(folder).lexicallyNormalized().components)
        while let first = target.first, first == start.first {
            target.removeFirst()
            start.removeFirst()
        }
        var path = FilePath(root: nil, start.map { _ in ".." } + target)
        if path.isEmpty { path = "." }
        return path
    }

    private static var currentFolder: FilePath? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return FilePath(platformString: path)
    }
}

extension String {
    /// The text as a value of YAML.
    fileprivate var asYAML: String {
        let isPlain = allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "/._-".contains($0) }
        if isPlain, first?.isLetter == true || first == "/" || first == "." { return self }
        let escaped = replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return "\"\(escaped)\""
    }
}
