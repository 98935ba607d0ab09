import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("An index that is built concurrently")
struct ConcurrentIndexTests {
    private static let files = [
        "0001_t.sql": "create table t as select generate_series(1, 100) as i;",
        "0002_index.sql": "create index concurrently t_i on t (i);",
    ]

    @Test("waits for a session with an old snapshot, says for whom, and is finished when that one is")
    func waitsForSnapshots() async throws {
        try await withStage(Self.files) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            try await withPostgresConnection(to: stage.settings) { reader in
                try await reader.script(
                    "set application_name = 'reporting'; begin isolation level repeatable read; select count(*) from t"
                )
                let pid = reader.backendPID
                let started = ContinuousClock.now
                var blockers: [String] = []
                for try await event in stage.migrator().migrate() {
                    guard case .working(let step, let progress) = event else { continue }
                    #expect(step.name == "0002_index")
                    #expect(progress.elapsed > .milliseconds(600))
                    guard let blocker = progress.blockers.first else { continue }
                    #expect(blocker.pid == pid && blocker.applicationName == "reporting")
                    #expect(progress.phase?.hasPrefix("waiting for") == true)
                    blockers.append(blocker.description)
                    let isLong = started.duration(to: .now) > .seconds(2)
                    if blockers.count >= 2, isLong { try await reader.script("commit") }
                }
                #expect(blockers.count >= 2)
                #expect(blockers.first?.contains("(reporting, idle in transaction for ") == true)
            }
            #expect(try await stage.value("select indisvalid from pg_index where indexrelid = 't_i'::regclass"))
        }
    }

    @Test("is not held up by its own runner, whose one lock has no snapshot")
    func isNotHeldUp() async throws {
        var files = Self.files
        // Long enough for the runner to look at it several times.
        files["0001_t.sql"]? += """
            create function slow(i int) returns int immutable language plpgsql as
                'begin perform pg_sleep(0.02); return i; end';
            """
        files["0002_index.sql"] = "create index concurrently t_i on t (slow(i));"
        try await withStage(files) { stage in
            try await stage.migrator().migrate(to: .through("1"))()
            var looks = 0
            for try await event in stage.migrator().migrate() {
                guard case .working(_, let progress) = event else { continue }
                looks += 1
                #expect(progress.blockers == [])
                let (locks, snapshots) = try await withPostgresConnection(to: stage.settings) { observer in
                    try await observer.query(
                        """
                        select (select count(*) from pg_locks where locktype = 'advisory'
                                and database = (select oid from pg_database where datname = current_database())),
                            (select count(*) from pg_stat_activity where application_name = 'lastro'
                                and datname = current_database() and state = 'idle in transaction'
                                and (backend_xmin is not null or backend_xid is not null))
                        """
                    ).single.decode(Int.self, Int.self)
                }
                #expect(locks <= 1)
                #expect(snapshots == 0)
            }
            #expect(looks >= 2)
        }
    }
}
