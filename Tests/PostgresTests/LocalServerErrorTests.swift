import SystemPackage
import TestSupport
import Testing

@testable import Postgres

@Suite("An error of a local server")
struct LocalServerErrorTests {
    private static let version = PostgresInstallation.Version("15.18")
    private static let log = "LOG:  starting\nFATAL:  could not map anonymous shared memory\n"

    @Test("says what happened, in which state that leaves things, and what to do")
    func saysAll() throws {
        let version = try #require(Self.version)
        let errors: [LocalServerError] = [
            .programFailed("/usr/lib/postgresql/15/bin/initdb", reason: "exited(1)"),
            .cacheUnusable(folder: "/var/cache/lastro", reason: "Read-only file system"),
            .runFolderUnusable(folder: "/tmp/lastro-101", user: "postgres", reason: "Permission denied"),
            .settingReserved("listen_addresses"),
            .startFailed(version: version, log: Self.log),
            .startFailed(version: version, log: ""),
            .startTimedOut(version: version, limit: .seconds(60), log: Self.log),
            .stopTimedOut(folder: "/srv/app/.lastro/postgres/data", pids: [4711, 4712]),
            .runningElsewhere(folder: "/srv/app/.lastro/postgres/data"),
            .majorMismatch(folder: "/srv/app/.lastro/postgres/data", data: 15, wanted: nil, installed: [16, 18]),
            .majorMismatch(folder: "/srv/app/.lastro/postgres/data", data: 15, wanted: 16, installed: []),
            .developmentFolderUnusable(folder: "/srv/app/.lastro", reason: "Permission denied"),
        ]
        let text = errors.map { "\($0.code.rawValue)\n\($0)\n" }.joined(separator: "\n")
        try expectGolden(text, "local-server-errors.txt")
    }
}
