import ArgumentParser
import Migrator
import ProjectSettings

struct NewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make the next migration.",
        discussion: """
            The version continues the folder's way of counting: one more, with as many digits, or the time in UTC for \
            timestamps. It comes behind the newest migration, here and on the base branch if the folder is in a git \
            repository. No file is ever overwritten. Needs no database.

            EXAMPLES
              lastro new add phone to users      migrations/0014_add_phone_to_users.sql
              lastro new --down drop old jobs    with a file that takes it back
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("What the migration does, in a few words.", valueName: "title"))
    var title: [String]

    @Flag(help: "Make a down file too.")
    var down = false

    func run() async throws {
        let settings = try global.settings()
        let new = try await MigrationDirectory.addMigration(
            to: settings.migrations,
            layout: settings.layout,
            titled: title.joined(separator: " "),
            hasDown: down
        )
        if let warning = new.warning { global.writer.note(warning) }
        try global.writer.write(FilesReport(files: new.files))
    }
}

/// The files that a command made.
struct FilesReport: Report {
    let files: [String]
    private let words: [String]

    private enum CodingKeys: CodingKey {
        case files
    }

    init(files: [String]) { self.init(made: files.map { ($0, "made \($0)") }) }

    init(made: [(path: String, words: String)]) {
        files = made.map(\.path)
        words = made.map(\.words)
    }

    func text(style: TextStyle) -> String {
        files.isEmpty ? "everything is there already" : words.joined(separator: "\n").printable
    }
}
