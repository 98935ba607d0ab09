import Postgres
import Subprocess
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What every row works with: the server, the programs, and ways to make databases and migrations for them.
struct Workbench {
    let server: LocalServer

    let lastro = FilePath(FileManager.default.currentDirectoryPath).appending(".build/release/lastro")
    var psql: FilePath { server.installation.program("psql") }

    /// A folder in the build's, that a later run finds again.
    func path(_ name: String) -> String { FileManager.default.currentDirectoryPath + "/.build/bench-\(name)" }

    func generatedMigrations(_ count: Int) throws -> String {
        let folder = path("migrations-\(count)")
        try MigrationGenerator(count: count).write(to: folder)
        return folder
    }

    func emptyDatabase(_ name: String) async throws -> String {
        try await drop(name)
        try await withPostgresConnection(to: ConnectionSettings(server.connectionString())) { connection in
            try await connection.query("CREATE DATABASE \(name) TEMPLATE template0")
        }
        return server.connectionString(database: name)
    }

    /// An empty database that nothing is dropped for: ext4 looks long for room where thousands of files have just gone, and
    /// would slow down whoever comes next.
    func anotherDatabase() async throws -> String {
        try await emptyDatabase("another_\(UUID().uuidString.prefix(8).lowercased())")
    }

    func drop(_ name: String) async throws {
        try await withPostgresConnection(to: ConnectionSettings(server.connectionString())) { connection in
            try await connection.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        }
    }

    func migration(of url: String, with folder: String) -> Command {
        Command(lastro, ["migrate", "--quiet", "--database", url, "--migrations", folder])
    }

    /// Runs a file's statements as one transaction.
    func transaction(in url: String, _ file: String) -> Command {
        Command(psql, ["-XqAt1", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", file])
    }

    /// The least that a client of a server can do.
    func leastQuery(in url: String) -> Command { Command(psql, ["-Xq", "-d", url, "-c", "select 1"]) }
}

/// A program with what it is given.
struct Command {
    let program: FilePath
    let arguments: [String]
    var environment: [Environment.Key: String?] = [:]
    var folder: String?
    /// The exit status that it has to have.
    var status: Int32 = 0

    init(_ program: FilePath, _ arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }

    /// The time from its start to its end, in milliseconds.
    ///
    /// - Throws: ``BenchFailure`` with its own words, if it did not end with its exit status.
    func time() async throws -> Double {
        try await milliseconds {
            let result = try await Subprocess.run(
                .path(program),
                arguments: Arguments(arguments),
                environment: .inherit.updating(environment),
                workingDirectory: folder.map { FilePath($0) },
                output: .discarded,
                error: .string(limit: 1 << 20)
            )
            guard result.terminationStatus == .exited(status) else {
                throw BenchFailure("\(program) \(arguments.joined(separator: " ")): \(result.standardError)")
            }
        }
    }
}

/// A measurement that cannot be made.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
