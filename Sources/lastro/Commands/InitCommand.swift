import ArgumentParser
import Migrator

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Start a project: a folder of migrations with its lastro.sum, and a lastro.yaml.",
        discussion: """
            What is there already is left as it is, so the command may be repeated.

            EXAMPLES
              lastro init
              lastro init --migrations db/migrations
            """
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let folder = global.migrations ?? "migrations"
        var made: [String] = []
        if !FileManager.default.fileExists(atPath: folder) {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            made.append(folder + "/")
        }
        let directory = try await MigrationDirectory(readingFrom: folder)
        if directory.sum == nil, directory.sumProblems.isEmpty, let file = try directory.writeSum() {
            made.append(file)
        }
        let configuration = """
            # Settings of this project; flags, the environment and .env come before them.
            migrations: \(folder)
            # The database's URL holds a password and belongs into DATABASE_URL or .env, not here.

            """
        if try add(configuration, to: global.config ?? "lastro.yaml") { made.append(global.config ?? "lastro.yaml") }
        if try ignoreDevelopmentServer() { made.append(".gitignore (.lastro/)") }
        try global.writer.write(FilesReport(files: made))
    }

    private func add(_ text: String, to path: String) throws -> Bool {
        guard !FileManager.default.fileExists(atPath: path) else { return false }
        try Data(text.utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
        return true
    }

    private func ignoreDevelopmentServer() throws -> Bool {
        let old = FileManager.default.contents(atPath: ".gitignore").map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard !old.split(separator: "\n").contains(".lastro/") else { return false }
        let separator = old.isEmpty || old.hasSuffix("\n") ? "" : "\n"
        try Data((old + separator + ".lastro/\n").utf8).write(to: URL(filePath: ".gitignore"), options: .atomic)
        return true
    }
}
