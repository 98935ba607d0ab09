import ArgumentParser
import Postgres
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run a private PostgreSQL for this project.",
        discussion: """
            Its data is kept in .lastro/ between starts. It listens on a Unix socket only. While there is one, the \
            project's commands use it unless another database is configured.

            EXAMPLES
              lastro dev start && lastro migrate
              psql "$(lastro dev url)"
              lastro dev stop
            """,
        subcommands: [DevStartCommand.self, DevStopCommand.self, DevURLCommand.self, DevStatusCommand.self]
    )
}

struct DevStartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the server, with the data that it had."
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("The major version, for new data (default: the first that is found).", valueName: "major")
    )
    var pgVersion: Int?

    func run() async throws {
        let options = LocalServer.Options(major: pgVersion, isDurable: true)
        try global.writer.write(DevReport(try await DevelopmentServer.ofProject.start(options)))
    }
}

struct DevStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stop", abstract: "Stop the server; its data stays.")

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let server = DevelopmentServer.ofProject
        try await server.stop()
        try global.writer.write(DevReport(server.status()))
    }
}

struct DevURLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "url",
        abstract: "Print the server's URL; exit status 3 if it does not run."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let status = DevelopmentServer.ofProject.status()
        guard status.isRunning else { throw DevelopmentServerStopped() }
        try global.writer.write(DevURL(url: status.url))
    }
}

struct DevStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show whether the server runs, since when, and how large it is."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try global.writer.write(DevReport(DevelopmentServer.ofProject.status()))
    }
}

extension DevelopmentServer {
    /// The folder that holds a project's server, in the project's folder.
    static let folder = ".lastro"

    /// The server of the project in the current folder.
    static var ofProject: DevelopmentServer { DevelopmentServer(directory: FilePath(folder)) }
}

/// What a development server is asked for while it does not run.
struct DevelopmentServerStopped: Error, CustomStringConvertible {
    var description: String {
        "the development server does not run\n  state: nothing was run\n  next:  `lastro dev start` starts it"
    }
}

/// A development server's URL, alone.
struct DevURL: Report {
    let url: String

    func text(style: TextStyle) -> String { url }
}

/// What a development server is doing.
struct DevReport: Report {
    let running: Bool
    let url: String
    let version: Int?
    let since: Date?
    let bytes: Int
    let data: String
    let log: String

    init(_ status: DevelopmentServer.Status) {
        running = status.isRunning
        url = status.url
        version = status.major
        since = status.started.map { Date(timeIntervalSince1970: Double($0.components.seconds)) }
        bytes = status.bytes
        data = status.dataFolder.string
        log = status.log.string
    }

    func text(style: TextStyle) -> String {
        var rows: [[TextTable.Cell]] = [
            [TextTable.Cell("server"), TextTable.Cell(state) { running ? style.good($0) : style.warning($0) }]
        ]
        if let version {
            if running { rows.append([TextTable.Cell("url"), TextTable.Cell(url)]) }
            rows.append([TextTable.Cell("version"), TextTable.Cell("PostgreSQL \(version)")])
            rows.append([TextTable.Cell("data"), TextTable.Cell("\(data) (\(bytes / 1_048_576) MB)")])
            rows.append([TextTable.Cell("log"), TextTable.Cell(log)])
        }
        return TextTable(rows: rows).text(width: nil)
    }

    private var state: String {
        guard running else { return version == nil ? "not made yet; `lastro dev start` makes it" : "stopped" }
        return "running" + (since.map { " since \($0.formatted(.iso8601))" } ?? "")
    }
}
