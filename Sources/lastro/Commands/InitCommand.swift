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
              lastro init --runtime    also migrations with the tables of AppRuntime
            """
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Add migrations that make the tables of AppRuntime, unless the folder has them.")
    var runtime = false

    func run() async throws {
        let configuration = global.config ?? "lastro.yaml"
        // A project that names its folder has it there.
        let isNamed = global.config == nil || access(configuration, F_OK) == 0
        let folder = isNamed ? try global.settings().migrations : global.migrations ?? "migrations"
        var files = ProjectFiles()
        try files.makeFolder(folder)
        // Finds what cannot be the folder of migrations.
        let directory = try await MigrationDirectory(readingFrom: folder, layout: try layout(isNamed: isNamed))
        let text = """
            # Settings of this project; flags, the environment and .env come before them.
            migrations: \(FilePath(folder).relative(toFolderOf: FilePath(configuration)).string.asYAML)
            # The database's URL holds a password and belongs into DATABASE_URL or .env, not here.

            """
        try files.makeFile(configuration, text)
        try files.addLine(".lastro/", to: ".gitignore")
        var made = files.made
        if runtime {
            for migration in RuntimeMigration.all where !directory.has(migration) {
                let new = try await MigrationDirectory.addMigration(
                    to: folder,
                    layout: directory.layout,
                    titled: migration.title,
                    hasDown: false,
                    statements: NewMigration.Statements(up: migration.statements)
                )
                made += new.files.map { ($0, "made \($0)") }
            }
        }
        try global.writer.write(FilesReport(made: made))
    }

    private func layout(isNamed: Bool) throws -> MigrationLayout? { isNamed ? try global.settings().layout : nil }
}

extension MigrationDirectory {
    /// Whether the tables of a part of the runtime are made here already.
    fileprivate func has(_ runtime: RuntimeMigration) -> Bool {
        let words = runtime.title.replacing(" ", with: "_")
        return migrations.contains { $0.name.contains(words) }
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
