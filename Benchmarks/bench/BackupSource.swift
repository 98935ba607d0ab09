import Glibc
import Postgres
import Subprocess
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What backing a database up took.
struct BackupRun {
    let milliseconds: Double
    /// The seconds of a processor in the client's programs.
    let processor: Double
    /// The most memory that one of these held, in MB.
    let peak: Double
    /// What lies on the disk afterwards, in MB.
    let stored: Double
    /// What was written for it, in MB.
    var added = 0.0
}

/// The other ways to a backup that are measured.
enum BackupDump: String, CaseIterable {
    case custom, customAndAge, uncompressedZstdAndAge, folder, pgBackRest, restic

    var name: String {
        switch self {
        case .custom: "pg_dump-Fc"
        case .customAndAge: "pg_dump-Fc-age"
        case .uncompressedZstdAndAge: "pg_dump-Fc-Z0-zstd-age"
        case .folder: "pg_dump-Fd-j2"
        case .pgBackRest: "pgbackrest"
        case .restic: "pg_dump-Fc-Z0-restic"
        }
    }

    /// What it needs beside the server's own programs, and does not find.
    var missing: String? {
        let program: String? =
            switch self {
            case .pgBackRest: "pgbackrest"
            case .restic: "restic"
            default: nil
            }
        guard let program, Peer.program(program) == nil else { return nil }
        return "\(program) is not installed: script/peers"
    }
}

/// A database of pgbench, and a folder to back it up into.
struct BackupSource {
    private let name: String
    private let scale: Int
    private let isPacked: Bool
    private let bench: Workbench
    private let folder: String
    /// How many sessions read, here and there.
    private let jobs = 2

    /// Makes ready for a database.
    ///
    /// - Parameters:
    ///   - name: of the database.
    ///   - scale: 100,000 rows each.
    ///   - isPacked: whether rows hold content that shrinks to 40 %, and not blanks.
    ///   - bench: where it is.
    init(_ name: String, scale: Int, isPacked: Bool = false, _ bench: Workbench) {
        self.name = "backup_\(name)"
        self.scale = scale
        self.isPacked = isPacked
        self.bench = bench
        folder = bench.path("backup")
    }

    /// Says which program is not there.
    static var missing: String? {
        let missing = ["age", "zstd", "bash"].filter { Peer.program($0) == nil }
        return missing.isEmpty ? nil : "\(missing.joined(separator: ", ")) not installed: script/bootstrap"
    }

    private var url: String { bench.server.connectionString(database: name) }
    private var repository: String { "\(folder)/\(name)" }

    /// Takes a snapshot.
    ///
    /// - Parameter again: whether into the repository as it is, and not into a new one.
    /// - Returns: what it took.
    /// - Throws: ``BenchFailure`` if it failed.
    func create(again: Bool = false) async throws -> BackupRun {
        try await prepare()
        if !again { try remove(repository) }
        var command = Command(
            bench.lastro,
            [
                "backup", "create", "--database", url, "--repository", repository, "--recipient", try await recipient(),
                "--jobs", "\(jobs)", "--format", "json", "--quiet",
            ]
        )
        command.folder = folder
        let before = try size(repository)
        var run = try await measured(command, stored: repository)
        run.added = run.stored - before
        return run
    }

    /// Reads the rows in as many sessions, each a range of pages, and gives them to a command.
    func copying(_ tail: String) async throws -> Command {
        try await prepare()
        let pages = try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
            try await connection.query("SELECT pg_relation_size('pgbench_accounts') / 8192").single.decode(Int.self)
        }
        let sessions = (0..<jobs).map { job in
            let (from, to) = (job * pages / jobs, (job + 1) * pages / jobs + (job == jobs - 1 ? 1_000_000 : 0))
            let rows = "ctid >= '(\(from),0)' AND ctid < '(\(to),0)'"
            let copy = "COPY (SELECT * FROM pgbench_accounts WHERE \(rows)) TO STDOUT"
            let words = tail.replacing("@", with: "\(job)")
            return "\(bench.psql) -Xq -d '\(url)' -c \"\(copy)\" \(words) & jobs+=($!)"
        }
        var command = shell("jobs=(); \(sessions.joined(separator: "; ")); for job in ${jobs[@]}; do wait $job; done")
        command.folder = folder
        return command
    }

    /// Reads, compresses and encrypts the rows in as many pipelines.
    func pipeline() async throws -> BackupRun {
        let output = "\(folder)/pipeline"
        try remove(output)
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        let command = try await copying("| zstd -1 -q | age -r \(recipient()) > pipeline/@")
        return try await measured(command, stored: output)
    }

    /// The command of another way.
    func dump(_ way: BackupDump) async throws -> Command {
        try await prepare()
        let output = "\(folder)/dump"
        try remove(output)
        let dump = "\(bench.server.installation.program("pg_dump")) -d '\(url)'"
        let age = try await "age -r \(recipient()) > dump"
        var command =
            switch way {
            case .custom: shell("\(dump) -Fc -f dump")
            case .customAndAge: shell("\(dump) -Fc | \(age)")
            case .uncompressedZstdAndAge: shell("\(dump) -Fc -Z0 | zstd -1 -q | \(age)")
            case .folder: shell("\(dump) -Fd -j \(jobs) -f dump")
            case .pgBackRest: shell("\(try await backRest()) --no-online --force --type=full backup")
            case .restic: shell("\(dump) -Fc -Z0 | restic -q -r dump backup --stdin --stdin-filename dump")
            }
        if way == .restic {
            command.environment = ["RESTIC_PASSWORD": "bench", "RESTIC_CACHE_DIR": "\(folder)/restic-cache"]
            var initial = shell("restic init -q -r dump")
            (initial.folder, initial.environment) = (folder, command.environment)
            _ = try await initial.time()
        }
        command.folder = folder
        return command
    }

    /// The beginning of each command of pgBackRest, with an empty repository in the place of a dump.
    ///
    /// It copies the files of the whole cluster, as the server's user, and its copy is of use only with the log, which nobody archives
    /// here: a time, and no backup.
    private func backRest() async throws -> String {
        let data = bench.server.path.appending("data")
        let user = try FileManager.default.attributesOfItem(atPath: data.string)[.ownerAccountID] as? Int ?? 0
        let switching = geteuid() == 0 ? "setpriv --reuid=\(user) --regid=\(user) --clear-groups " : ""
        try """
        [global]
        repo1-path=\(folder)/dump
        repo1-cipher-type=aes-256-cbc
        repo1-cipher-pass=0123456789abcdef0123456789abcdef
        process-max=\(jobs)
        compress-type=zst
        compress-level=1
        lock-path=\(folder)/dump/lock
        log-level-file=off
        log-level-console=error
        [bench]
        pg1-path=\(data)
        """.write(toFile: "\(folder)/pgbackrest.conf", atomically: true, encoding: .utf8)
        let command = "\(switching)pgbackrest --config=\(folder)/pgbackrest.conf --stanza=bench"
        var preparation = shell("mkdir -p dump/lock; chown -R \(user) dump; \(command) --no-online stanza-create")
        preparation.folder = folder
        _ = try await preparation.time()
        return command
    }

    func run(_ way: BackupDump) async throws -> BackupRun {
        try await measured(dump(way), stored: "\(folder)/dump")
    }

    /// Changes what is in the database.
    func change(_ sql: String) async throws {
        try await withPostgresConnection(to: ConnectionSettings(url)) { _ = try await $0.query(sql) }
    }

    private func shell(_ words: String) -> Command { Command("/bin/bash", ["-c", "set -euo pipefail; \(words)"]) }

    private func measured(_ command: Command, stored path: String) async throws -> BackupRun {
        // What the run before has left to write is not this one's.
        sync()
        let usage = try await PeakMemory.usage(of: command)
        return BackupRun(
            milliseconds: usage.milliseconds,
            processor: usage.processor,
            peak: usage.peak,
            stored: try size(path)
        )
    }

    /// Makes the database and the folder, where an earlier row has not done so.
    private func prepare() async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let isThere = try await withPostgresConnection(to: ConnectionSettings(bench.server.connectionString())) {
            try await !$0.query("SELECT FROM pg_database WHERE datname = $1", name).isEmpty
        }
        guard !isThere else { return }
        let url = try await bench.emptyDatabase(name)
        let pgbench = bench.server.installation.program("pgbench")
        _ = try await Command(pgbench, ["-i", "-q", "-I", "dtG", "-s", "\(scale)", url]).time()
        try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
            if isPacked {
                _ = try await connection.script(
                    """
                    CREATE TABLE filled AS SELECT aid, bid, (random() * 1e6)::integer AS abalance,
                        (md5(aid::text) || md5((-aid)::text) || 'waits to be sent')::character(84) AS filler
                    FROM pgbench_accounts ORDER BY aid;
                    DROP TABLE pgbench_accounts; ALTER TABLE filled RENAME TO pgbench_accounts
                    """
                )
            }
            try await connection.query("VACUUM (FREEZE, ANALYZE)")
            try await connection.query("CHECKPOINT")
        }
    }

    /// The recipient of a key that is made once.
    private func recipient() async throws -> String {
        let file = "\(folder)/key.txt"
        if !FileManager.default.fileExists(atPath: file) {
            _ = try await Command(bench.lastro, ["backup", "keygen", "--output", file]).time()
        }
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("# public key: ") }) else {
            throw BenchFailure("\(file) names no public key")
        }
        return String(line.dropFirst("# public key: ".count))
    }

    private func remove(_ path: String) throws {
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }

    /// The size of a file, or of all files in a folder, in MB.
    private func size(_ path: String) throws -> Double {
        func bytes(_ path: String) -> Int {
            var status = stat()
            return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? status.st_size : 0
        }
        var size = bytes(path)
        if size == 0, FileManager.default.fileExists(atPath: path) {
            size = try FileManager.default.subpathsOfDirectory(atPath: path).reduce(0) { $0 + bytes("\(path)/\($1)") }
        }
        return Double(size) / 1_000_000
    }
}
