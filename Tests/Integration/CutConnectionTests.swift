import Postgres
import TestSupport
import Testing

@Suite("A connection that is cut")
struct CutConnectionTests {
    private static let files = [
        "m/0001_t.sql": "create table t (i int);",
        "m/0002_u.sql": "/* the cut */ create table u (i int); select pg_sleep(0.5); insert into t values (2);",
        "m/0003_v.sql": "create table v (i int);",
    ]

    @Test("before the COMMIT has reached the server leaves nothing of the migration, and the run says so")
    func isCutBefore() async throws {
        try await withCut(.beforeSending("the cut")) { cut, url in
            #expect(cut.status == 4)
            #expect(cut.errors.hasPrefix("m/0002_u.sql: the connection was cut: "), "\(cut.errors)")
            #expect(cut.errors.contains("\n  state: rolled back; the last applied migration is 0001_t\n"))
            let isAbsent = try await ask(
                "select to_regclass('u') is null and count(*) = 0 from t",
                on: url,
                as: Bool.self
            )
            #expect(isAbsent)
        }
    }

    @Test(
        "when the COMMIT has reached the server is no failure of the migration, and the run says so",
        arguments: [ConnectionCut.afterSending("the cut"), .beforeAnswer("the cut", answer: "COMMIT")]
    )
    func isCutBehind(_ place: ConnectionCut) async throws {
        try await withCut(place) { cut, url in
            #expect(cut.status == 4)
            #expect(cut.errors.hasPrefix("the connection was cut: "), "\(cut.errors)")
            #expect(
                cut.errors.contains(
                    "\n  state: 0002_u is applied: its row is in the history; nothing behind it was run\n"
                )
            )
            let isThere = try await ask(
                "select to_regclass('u') is not null and to_regclass('v') is null and count(*) = 1 from t",
                on: url,
                as: Bool.self
            )
            #expect(isThere)
        }
    }

    @Test(
        "in the middle of a step leaves the step to the next run, which sees what has become of it",
        arguments: [
            ConnectionCut.beforeSending("concurrently u_i"), .afterSending("concurrently u_i"),
            .beforeAnswer("concurrently u_i", answer: "CREATE INDEX"),
        ]
    )
    func isCutInSteps(_ place: ConnectionCut) async throws {
        var files = Self.files
        files["m/0002_u.sql"] = """
            create table u (i int);
            insert into t values (2);
            create index concurrently u_i on u (i);
            """
        let isBuilt =
            "select indisvalid and (select count(*) from t) = 1 from pg_index where indexrelid = 'u_i'::regclass"
        try await withCut(place, files, atTheEnd: isBuilt) { cut, url in
            #expect(cut.status == 4)
            #expect(cut.errors.hasPrefix("m/0002_u.sql: 0002_u: the connection was cut: "), "\(cut.errors)")
            #expect(cut.errors.contains("the steps before this one are done and on record"), "\(cut.errors)")
            let done = try await ask("select count(*) from lastro_steps where state = 'done'", on: url, as: Int.self)
            #expect(done == 2)
        }
    }

    @Test(
        "in the middle of a batched migration leaves each range done once",
        arguments: [
            // The statement of the second range, and the end of its transaction with the count of its rows.
            ConnectionCut.beforeSending("'21'::integer"), .afterSending("'21'::integer"),
            .beforeAnswer("'21'::integer", answer: "INSERT"), .beforeSending("\"rows\":10"),
            .afterSending("\"rows\":10"), .beforeAnswer("\"rows\":10", answer: "COMMIT"),
        ]
    )
    func isCutInBatches(_ place: ConnectionCut) async throws {
        let files = [
            "m/0001_t.sql": """
            create table t (i int primary key); insert into t select generate_series(11, 30);
            create table copy (i int);
            """,
            "m/0002_u.sql":
                "-- lastro: batch key=i size=5 table=t\ninsert into copy select i from t where i >= :from and i < :to",
            "m/0003_v.sql": "create table v (i int);",
        ]
        let isOnce = "select count(*) = 20 and count(distinct i) = 20 from copy"
        try await withCut(place, files, atTheEnd: isOnce) { cut, url in
            #expect(cut.status == 4)
            #expect(
                cut.errors.contains(
                    """
                    5 rows of 0002_u are done, each range on record; it is not in the history yet; the range under way is \
                    done and on record, or rolled back
                    """
                ),
                "\(cut.errors)"
            )
        }
    }

    @Test("by the server has the server's words and what became of the migration")
    func isEnded() async throws {
        try await withProject(
            Self.files.merging(["m/0002_u.sql": "create table u (i int); select pg_sleep(60);"]) { $1 }
        ) {
            lastro,
            folder,
            url in
            let cut = try await lastro.running("migrate") {
                let sleeping = "from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
                try await wait(until: "select exists (select \(sleeping))", on: url)
                try await run("select pg_terminate_backend(pid) \(sleeping)", on: url)
            }
            #expect(cut.status == 4)
            #expect(cut.errors.contains("terminating connection due to administrator command"), "\(cut.errors)")
            #expect(cut.errors.contains("\n  state: rolled back; the last applied migration is 0001_t\n"))
            #expect(try await ask("select to_regclass('u') is null", on: url))
            try folder.write("create table u (i int);", to: "m/0002_u.sql")
            #expect(try await lastro("migrate").status == 0)
        }
    }

    /// Runs migrations through a connection that breaks, and a second time over one that does not.
    private func withCut(
        _ place: ConnectionCut,
        _ files: [String: String] = Self.files,
        atTheEnd condition: String = "select true",
        _ body: @Sendable @escaping (LastroProcess.Outcome, String) async throws -> Void
    ) async throws {
        try await withTestDatabase { settings in
            try await withTemporaryFolder(files) { folder in
                let first = try await withCuttingProxy(to: settings, place) { cut in
                    try await LastroProcess(in: folder, on: cut)("migrate")
                }
                #expect(first.isCut)
                let url = settings.url
                try await wait(until: noSessionIsLeft, on: url)
                try await body(first.result, url)
                let again = try await LastroProcess(in: folder, on: settings)("migrate")
                #expect(again.status == 0, "\(again.errors)")
                #expect(try await ask(condition, on: url))
                #expect(
                    try await ask("select string_agg(name, ' ' order by position) from schema_migrations", on: url)
                        == "0001_t 0002_u 0003_v"
                )
            }
        }
    }
}
