import Postgres
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Restoring a snapshot, which is compared and analysed, beside `pg_restore -j` from a folder of `pg_dump -Fd`.
func restoreRows(_ bench: Workbench) -> RowGroup {
    RowGroup(
        name: "backup-restore",
        rows: [
            row(
                "backup-restore-one",
                "one table of 3,000,000 rows with its key, beside pg_restore -j 2 from pg_dump -Fd",
                """
                CREATE TABLE big AS SELECT n AS id, n % 1000 AS branch, (random() * 1e6)::integer AS balance,
                    md5(n::text) || md5((-n)::text) || 'waits to be sent' AS filler FROM generate_series(1, 3000000) n;
                ALTER TABLE big ADD PRIMARY KEY (id)
                """,
                bench
            ),
            row(
                "backup-restore-many",
                "400 tables of 5,000 rows with a key, an index and a foreign key, beside the same",
                """
                DO $$ BEGIN
                    FOR number IN 1..400 LOOP
                        EXECUTE format('CREATE TABLE t_%s (id integer PRIMARY KEY, other integer, content text)', number);
                        EXECUTE format('INSERT INTO t_%s SELECT n, n, md5(n::text) || md5((n + %s)::text)
                            FROM generate_series(1, 5000) n', number, number);
                        EXECUTE format('CREATE INDEX ON t_%s (content)', number);
                        EXECUTE format('ALTER TABLE t_%s ADD FOREIGN KEY (other) REFERENCES t_%s', number, (number + 1) / 2);
                    END LOOP;
                END $$
                """,
                bench
            ),
        ]
    )
}

/// Three lines of one row: as it is by default beside `pg_restore` alone, which compares nothing and gathers no statistics;
/// both with statistics; and both without.
private func row(_ name: String, _ note: String, _ sql: String, _ bench: Workbench) -> Row {
    Row(name) {
        let source = try await RestoreSource(name.replacing("-", with: "_"), sql, bench)
        var (whole, plain, theirs, analysed): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for round in 0...3 {
            let ours = try await (whole: source.restore(), plain: source.restore(["--no-analyze"]))
            let peer = try await source.restoreDump()
            // The first one warms up.
            guard round > 0 else { continue }
            whole.append(ours.whole)
            plain.append(ours.plain)
            theirs.append(peer.restore)
            analysed.append(peer.restore + peer.analysis)
        }
        return [
            ("", Figures(whole, beside: theirs), note),
            (
                "/with-statistics", Figures(whole, beside: analysed),
                "the same, and vacuumdb --analyze-only -j 2 behind pg_restore"
            ),
            (
                "/without-statistics", Figures(plain, beside: theirs),
                "the same with --no-analyze, beside pg_restore alone"
            ),
        ].map { Measurement(name + $0, $1, unit: "ms", bound: 1, note: $2) }
    }
}

/// A database that was backed up and dumped.
private struct RestoreSource {
    private let name: String
    private let bench: Workbench
    private let folder: String
    private let jobs = "2"

    init(_ name: String, _ sql: String, _ bench: Workbench) async throws {
        self.name = name
        self.bench = bench
        folder = bench.path(name)
        if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let url = try await bench.emptyDatabase(name)
        try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
            try await connection.script(sql)
            try await connection.query("VACUUM (FREEZE, ANALYZE)")
        }
        _ = try await lastro(["backup", "keygen", "--output", "key.txt"]).time()
        let key = try String(contentsOfFile: folder + "/key.txt", encoding: .utf8)
        let recipient = key.split(separator: "\n").first { $0.hasPrefix("# public key: ") }?.dropFirst(14) ?? ""
        _ = try await lastro(
            ["backup", "create", "--quiet", "--database", url, "--repository", "r", "--recipient", String(recipient)]
        ).time()
        _ = try await program("pg_dump", ["-Fd", "-j", jobs, "-f", "\(folder)/dump", "-d", url]).time()
    }

    /// The milliseconds that it takes to restore the snapshot into a new database.
    func restore(_ options: [String] = []) async throws -> Double {
        try await bench.drop("\(name)_ours")
        let milliseconds = try await lastro(
            [
                "backup", "restore", "--quiet", "--jobs", jobs, "--repository", "r", "--identity", "key.txt",
                "--database", bench.server.connectionString(database: "\(name)_ours"),
            ] + options
        ).time()
        try await bench.drop("\(name)_ours")
        return milliseconds
    }

    /// The milliseconds that pg_restore takes into an empty database, and those that it takes then to analyse it.
    func restoreDump() async throws -> (restore: Double, analysis: Double) {
        let url = try await bench.emptyDatabase("\(name)_theirs")
        let restore = try await program("pg_restore", ["-j", jobs, "-d", url, "\(folder)/dump"]).time()
        let analysis = try await program("vacuumdb", ["--quiet", "--analyze-only", "-j", jobs, "-d", url]).time()
        try await bench.drop("\(name)_theirs")
        return (restore, analysis)
    }

    private func lastro(_ words: [String]) -> Command {
        var command = Command(bench.lastro, words)
        command.folder = folder
        return command
    }

    private func program(_ name: String, _ words: [String]) -> Command {
        Command(bench.server.installation.program(name), words)
    }
}
