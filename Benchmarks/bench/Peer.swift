import Postgres
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Another tool that applies migrations, with its own way of keeping them in a folder.
struct Peer {
    let name: String
    /// Where it is on this machine; nil if it is not installed.
    let program: FilePath?
    /// Lays the migrations out in an empty folder as the tool wants them.
    private let layOut: ([GeneratedMigration], PeerFolder) throws -> Void
    /// What brings the database forward.
    private let command: (FilePath, PeerFolder) -> Command

    private init(
        _ name: String,
        layOut: @escaping ([GeneratedMigration], PeerFolder) throws -> Void,
        command: @escaping (FilePath, PeerFolder) -> Command
    ) {
        self.name = name
        self.program = Self.program(name)
        self.layOut = layOut
        self.command = command
    }

    /// The database that the tool migrates.
    var database: String { "peer_" + name.split(separator: "-").joined(separator: "_") }

    /// Writes the migrations.
    ///
    /// - Returns: what applies them; nil if the tool is not installed.
    func prepare(_ migrations: [GeneratedMigration], _ bench: Workbench) throws -> Command? {
        guard let program else { return nil }
        let folder = PeerFolder(
            path: bench.path("peer-\(name)"),
            url: bench.server.connectionString(database: database),
            psql: bench.psql
        )
        try? FileManager.default.removeItem(atPath: folder.path)  // it is there only after an earlier run
        try layOut(migrations, folder)
        return command(program, folder)
    }

    /// Where `script/peers` puts a tool, or where the system has it.
    private static func program(_ name: String) -> FilePath? {
        let environment = ProcessInfo.processInfo.environment
        let own = environment["LASTRO_PEERS"].map { ["\($0)/\(name)/bin"] } ?? []
        let folders = own + (environment["PATH"] ?? "").split(separator: ":").map { String($0) }
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
            .map { FilePath($0) }
    }
}

extension Peer {
    /// All that a bench knows, the fast ones first.
    static var all: [Peer] {
        [
            Peer("dbmate", layOut: layOutForDbmate) { program, folder in
                Command(
                    program,
                    [
                        "--url", folder.url + "&sslmode=disable", "--migrations-dir", folder.path, "--no-dump-schema",
                        "migrate",
                    ]
                )
            },
            Peer("sql-migrate", layOut: layOutForSQLMigrate) { program, folder in
                var command = Command(program, ["up", "-config=dbconfig.yml", "-env=bench"])
                command.folder = folder.path
                return command
            },
            Peer("alembic", layOut: layOutForAlembic) { program, folder in
                Command(program, ["-c", folder.path + "/alembic.ini", "upgrade", "head"])
            },
            Peer("yoyo", layOut: layOutForYoyo) { program, folder in
                Command(program, ["apply", "--batch", "--no-config-file", "--database", folder.url, folder.path])
            },
            Peer("sqitch", layOut: layOutForSqitch) { program, folder in
                var command = Command(program, ["deploy", "--quiet", "--no-verify"])
                command.folder = folder.path
                return command
            },
        ]
    }
}
