import Postgres
import Subprocess
import TestSupport
import Testing

@Suite("A runner that is killed")
struct KillTests {
    @Test("leaves every migration wholly applied, wholly absent or on record to the step, and the next run finishes")
    func leavesNothingHalfDone() async throws {
        let rounds = isLongTest ? 200 : 20
        let wholeTime = try await withProject(MixedMigrations.files) { lastro, _, url in
            let start = ContinuousClock.now
            let outcome = try await lastro("migrate")
            let time = start.duration(to: .now)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try await MixedMigrations.Traces(on: url) == .complete)
            return time
        }
        // A few at once: most of the time they wait.
        let partial = try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    var generator = SeededGenerator(seed: testSeed &+ UInt64(lane))
                    var partial = 0
                    for round in 0..<rounds / 4 where try await isCutOff(round, wholeTime, &generator) { partial += 1 }
                    return partial
                }
            }
            return try await group.reduce(0, +)
        }
        // A kill before the first migration or behind the last one shows nothing.
        #expect(partial >= rounds / 3, "only \(partial) of \(rounds) kills were in the middle of a run")
    }

    /// Kills a runner, looks at what is there, and lets another one finish.
    ///
    /// - Returns: whether it was in the middle of its work.
    private func isCutOff(
        _ round: Int,
        _ wholeTime: Duration,
        _ generator: inout SeededGenerator
    ) async throws -> Bool {
        // At any moment now and then, else somewhat behind a migration's row.
        let isAnyTime = round.isMultiple(of: 4)
        let delay = wholeTime * Double.random(in: 0...1, using: &generator) / (isAnyTime ? 1 : 20)
        let rows = Int.random(in: 1...14, using: &generator)
        return try await withProject(MixedMigrations.files) { lastro, _, url in
            if isAnyTime {
                try await lastro.killed(with: .kill, after: delay, "migrate")
            } else {
                try await lastro.killed("migrate") {
                    try await MixedMigrations.wait(forRows: rows, on: url)
                    try await Task.sleep(for: delay)
                }
            }
            // The killed runner's backend may still be at work on its last message.
            try await wait(until: noSessionIsLeft, on: url)
            let found = try await MixedMigrations.Traces(on: url)
            #expect(found.isConsistent, "\(found); repeat with LASTRO_SEED=\(testSeed)")
            let again = try await lastro("migrate")
            #expect(again.status == 0, "\(again.errors)")
            #expect(try await MixedMigrations.Traces(on: url) == .complete)
            #expect(try await ask("select count(*) = 0 from lastro_steps", on: url))
            return found.isPartial
        }
    }

    @Test(
        "is followed by one that waits for the index build which goes on without it, and builds none itself",
        arguments: [false, true]
    )
    func leavesABuildBehind(isPooled: Bool) async throws {
        let files = [
            "m/0001_t.sql": """
            create table t as select generate_series(1, 100) as i;
            create function slow(i int) returns int immutable language plpgsql as
                'begin if i = 50 then perform wait_for_go(); end if; return i; end';
            """ + Self.waitForGo,
            "m/0002_index.sql": "create index concurrently t_i on t (slow(i));",
            "m/0003_u.sql": "create table u (i int);",
        ]
        try await withOrphan(of: files, isPooled: isPooled, in: "create index concurrently t_i") { lastro, url in
            let index = try await ask("select 't_i'::regclass::oid::bigint", on: url, as: Int.self)
            let next = try await lastro.running("migrate", "--format", "json") {
                try await wait(until: isAwaited, on: url)
                // Nobody who reads is held up by the build or by who waits for it.
                try await run("set statement_timeout = '5s'; select count(*) from t; insert into t values (0)", on: url)
                try await run("insert into go values (1)", on: url)
            }
            #expect(next.status == 0, "\(next.errors)")
            #expect(next.output.contains(#""event":"orphans""#))
            #expect(next.output.contains(#""migrations":["0002_index","0003_u"]"#))
            #expect(try await ask("select 't_i'::regclass::oid::bigint", on: url) == index)
            #expect(try await ask("select indisvalid from pg_index where indexrelid = 't_i'::regclass", on: url))
        }
    }

    @Test(
        "is followed by one that waits for the script which goes on to its COMMIT, and does not run it again",
        arguments: [false, true]
    )
    func leavesAScriptBehind(isPooled: Bool) async throws {
        let files = [
            "m/0001_t.sql": "create table t (i int);" + Self.waitForGo,
            "m/0002_slow.sql": "insert into t values (1); select wait_for_go(); create table u (i int);",
            "m/0003_v.sql": "insert into t values (2);",
        ]
        try await withOrphan(of: files, isPooled: isPooled, in: "insert into t values (1)") { lastro, url in
            let next = try await lastro.running("migrate", "--format", "json") {
                try await wait(until: isAwaited, on: url)
                try await run(
                    "set statement_timeout = '5s'; select count(*) from t; select * from schema_migrations",
                    on: url
                )
                try await run("insert into go values (1)", on: url)
            }
            #expect(next.status == 0, "\(next.errors)")
            #expect(try await ask("select string_agg(i::text, ' ' order by i) from t", on: url) == "1 2")
            #expect(
                try await ask("select string_agg(name, ' ' order by position) from schema_migrations", on: url)
                    == "0001_t 0002_slow 0003_v"
            )
            #expect(next.output.contains(#""migrations":["0003_v"]"#))
        }
    }

    @Test("keeps nobody waiting who waits for its lock")
    func freesItsLock() async throws {
        let files = ["m/0001_t.sql": "create table t (i int); select pg_sleep(60);"]
        try await withProject(files) { lastro, folder, url in
            let second = lastro
            try await lastro.killed("migrate") {
                try await wait(until: isSleeping, on: url)
                let sessions = """
                    from pg_stat_activity where application_name = 'lastro' and datname = current_database()
                        and pid <> pg_backend_pid()
                    """
                @Sendable func twoWait() async throws {
                    try await wait(until: "select count(*) >= 4 \(sessions)", on: url)
                }
                try await second.killed("migrate", when: twoWait)
                try await wait(until: "select count(*) = 2 \(sessions)", on: url)
                let interrupted = try await second.interrupted("migrate", when: twoWait)
                #expect(interrupted.status == 130)
                // Nothing of either waits on.
                try await wait(until: "select count(*) = 2 \(sessions)", on: url)
            }
            try await run(
                "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()",
                on: url
            )
            try await wait(until: noSessionIsLeft, on: url)
            #expect(try await ask(noLockIsLeft, on: url))
            try folder.write("create table t (i int);", to: "m/0001_t.sql")
            #expect(try await lastro("migrate").status == 0)
        }
    }

    @Test("is no other than one whose lock alone was cut: it stops, says what is applied, and the next one finishes")
    func losesItsLock() async throws {
        let files = [
            "m/0001_g.sql": Self.waitForGo, "m/0002_t.sql": "create table t (i int); select wait_for_go();",
            "m/0003_u.sql": "create table u (i int);",
        ]
        try await withProject(files) { lastro, _, url in
            let cut = try await lastro.running("migrate") {
                try await wait(until: isSleeping, on: url)
                try await run(
                    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())",
                    on: url
                )
                try await wait(until: noLockIsLeft, on: url)
                try await run("insert into go values (1)", on: url)
            }
            #expect(cut.status == 4)
            #expect(
                cut.errors == """
                    the connection that keeps other runners away was cut
                      state: the migration under way was rolled back; the last applied migration is 0002_t
                      next:  run again: it goes on from there

                    """
            )
            #expect(try await ask("select to_regclass('t') is not null and to_regclass('u') is null", on: url))
            let next = try await lastro("migrate", "--format", "json")
            #expect(next.status == 0)
            #expect(next.output.contains(#""migrations":["0003_u"]"#))
        }
    }

    /// A function that waits until a row says to go on, and does not hold up whoever is asked to.
    private static let waitForGo = """
         create table go (i int);
        create function wait_for_go() returns void language plpgsql as
            'begin while not exists (select from go) loop perform pg_sleep(0.01); end loop; end';
        """

    private let isAwaited = "select exists (select from lastro_events where event = 'orphan-awaited')"

    private let isSleeping = """
        select exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())
        """

    /// Kills a runner while a statement of it is under way, and lends what goes on to a test.
    private func withOrphan(
        of files: [String: String],
        isPooled: Bool,
        in statement: String,
        _ body: @Sendable @escaping (LastroProcess, String) async throws -> Void
    ) async throws {
        try await withTestDatabase { settings in
            try await withTemporaryFolder(files) { folder in
                let isAtWork = """
                    select exists (select from pg_stat_activity where query like '/* lastro%\(statement)%'
                        and state = 'active' and datname = current_database())
                    """
                let url = settings.url
                @Sendable func test(_ reached: ConnectionSettings) async throws {
                    let lastro = LastroProcess(in: folder, on: reached)
                    try await lastro.killed("migrate") { try await wait(until: isAtWork, on: url) }
                    #expect(try await ask(isAtWork, on: url), "the server process ended with its client")
                    try await body(lastro, url)
                    #expect(try await ask("select count(*) = 0 from lastro_steps", on: url))
                    // Nor does a pooled session keep anything of the run that was killed.
                    try await wait(until: noLockIsLeft, on: url)
                }
                if isPooled {
                    try await withPgBouncer(to: settings, poolSize: 4) { try await test($0) }
                } else {
                    try await test(settings)
                }
            }
        }
    }
}
