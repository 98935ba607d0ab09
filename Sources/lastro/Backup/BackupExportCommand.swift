import ArgumentParser
import Backup
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct BackupExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a shell script that restores a snapshot without Lastro.",
        discussion: """
            The script needs age, zstd, pg_restore and psql, the files of the repository (of an object store a copy in a \
            folder, named in REPOSITORY), an empty database in DATABASE_URL \
            and the key's file in AGE_IDENTITY. It names tables and holds no secret. Keep it beside the key.

            EXAMPLES
              lastro backup export --repository /backups --identity key.txt --output restore.sh
              DATABASE_URL=postgresql:///empty AGE_IDENTITY=key.txt bash restore.sh
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var identity: IdentityOptions

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Argument(help: "The snapshot, or the beginning of its name (default: the newest).")
    var snapshot: String?

    func run() async throws {
        _ = try global.settings()
        let script = RestoreScript(of: try repository.opened(), with: try identity.required())
        let folder = FilePath(repository.repository)
        let place = folder.isAbsolute ? folder.string : workingFolder.pushing(folder).string
        // Of an object store the script needs a copy, wherever that is then.
        let text = try script(snapshot, folder: S3Location.isMeant(by: repository.repository) ? nil : place)
        try ProjectFiles.replaceFile(output, text)
        try global.writer.write(ExportReport(script: output))
    }

    private var workingFolder: FilePath {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return FilePath(String(cString: path))
    }
}

/// A script that was written.
struct ExportReport: Report {
    let script: String

    func text(style: TextStyle) -> String { "wrote \(script)" }
}
