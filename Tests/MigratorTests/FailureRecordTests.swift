import Postgres
import TestSupport
import Testing

@testable import Migrator

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("What is on record of a migration that failed")
struct FailureRecordTests {
    /// A way in which a statement does not come to its end.
    enum Way: CaseIterable {
        case refused, timedOut, cancelledByHand, interrupted, cut, crashed
    }

    /// The ways in which a file can run.
    enum Form: CaseIterable {
        case transaction, steps, batches
    }

    @Test("fits what happened, and the text of what certainly failed may be mended", arguments: Form.allCases)
    func fits(form: Form) async throws {
        for way in Way.allCases where way != .crashed {
            try await withStage(Self.files(form, way)) { stage in
                try await fail(way, on: stage.settings, in: stage.folder.path)
                try await check(form, way, stage)
            }
        }
    }

    @Test("is the same after a crash of the server, once it is up again", arguments: [Form.steps, .batches])
    func crashes(form: Form) async throws {
        try await withOwnServer { server in
            try await server.initialise()
            try await server.whileRunning { server in
                let settings = try server.superuser()
                try await withTemporaryFolder(Self.files(form, .crashed)) { folder in
                    let stage = Stage(settings: settings, folder: folder)
                    try await fail(.crashed, on: settings, in: folder.path)
                    try await check(form, .crashed, stage)
                }
            }
        }
    }

    private static func files(_ form: Form, _ way: Way) -> [String: String] {
        let body = way == .refused ? "1 / (select 0)" : "(select 1 from pg_sleep(60))"
        let limit = way == .timedOut ? "-- lastro: statement-timeout 100ms\n" : ""
        let slow =
            switch form {
            case .transaction: "insert into t values (9, \(body));"
            case .steps: "-- lastro: no-transaction\ninsert into t values (8, 0);\ninsert into t values (9, \(body));"
            case .batches:
                "-- lastro: batch key=id size=1\nupdate t set n = case id when 1 then 1 else \(body) end "
                    + "where id >= :from and id < :to;"
            }
        return [
            "0001_t.sql": "create table t (id int primary key, n int); insert into t values (1, 0), (2, 0);",
            "0002_slow.sql": limit + slow,
        ]
    }

    private func fail(_ way: Way, on settings: ConnectionSettings, in folder: String) async throws {
        // On disk before anything fails: what is committed in the same run may go with a crash.
        try await Migrator(directory: folder, database: settings).migrate(to: .through("1"))()
        let run = Task { try await Migrator(directory: folder, database: settings).migrate()() }
        let sleeping = "from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
        if ![.refused, .timedOut].contains(way) {
            try await withPostgresConnection(to: settings) { connection in
                try await connection.wait(until: "select exists (select \(sleeping))")
                switch way {
                case .cancelledByHand: try await connection.query("select pg_cancel_backend(pid) \(sleeping)")
                case .cut: try await connection.query("select pg_terminate_backend(pid) \(sleeping)")
                case .crashed:
                    // A process that dies makes the server end all others, and recover.
                    let pid = try await connection.query("select pid \(sleeping)").single.decode(Int.self)
                    kill(pid_t(pid), SIGKILL)
                default: run.cancel()
                }
            }
        }
        await #expect(throws: MigratorError.self) { try await run.value }
        try await withPostgresConnection(to: settings, waitingUpTo: .seconds(20)) { _ in }
    }

    private func check(_ form: Form, _ way: Way, _ stage: Stage) async throws {
        let isCertain = way != .cut && way != .crashed
        let event = way == .interrupted || !isCertain ? "interrupted" : "failed"
        let recorded = try await stage.value(
            "select event || ' ' || migration from lastro_events where event <> 'lock-held' order by position desc limit 1",
            as: String.self
        )
        // Whether the server is up again in time for a record depends on how busy the machine is.
        #expect(recorded == "\(event) 0002_slow" || way == .crashed, "\(form), \(way)")
        let state = try await stage.states().last
        #expect(state == (event == "failed" ? "0002_slow failed" : "0002_slow pending"), "\(form), \(way)")
        if form != .transaction {
            #expect(
                try await stage.value("select state from lastro_steps order by step desc limit 1", as: String.self)
                    == (isCertain ? "failed" : "started"),
                "\(form), \(way)"
            )
            let progress = try await stage.migrator().plan().statuses.last?.progress
            let extent: MigrationStatus.Progress.Extent =
                form == .steps ? .steps(done: 1, of: 2) : .rows(1, nextKey: "2")
            #expect(progress?.extent == extent, "\(form), \(way)")
            #expect(progress?.isRunning == false)
            #expect(progress?.by == (try await stage.value("select session_user::text", as: String.self)))
        }
        guard isCertain else { return }
        let mended = Self.files(form, .refused)["0002_slow.sql", default: ""].replacing("1 / (select 0)", with: "1")
        try stage.folder.write(mended, to: "0002_slow.sql")
        try await stage.migrator().migrate()()
        #expect(try await stage.states().last == "0002_slow applied", "\(form), \(way)")
    }
}
