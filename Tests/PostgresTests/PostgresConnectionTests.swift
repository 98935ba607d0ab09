import TestSupport
import Testing

@testable import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A connection")
struct PostgresConnectionTests {
    @Test(
        "that libpq itself refuses is one of wrong settings, and no server that cannot be reached",
        arguments: [("port", "5590x"), ("sslmode", "bogus")]
    )
    func refusesSettings(name: String, value: String) async throws {
        let settings = try ConnectionSettings("host=/nowhere user=u password=sesame").with(name, value)
        let error = await #expect(throws: PostgresError.self) {
            _ = try await PostgresConnection.open(settings, waitingUpTo: .seconds(60))
        }
        #expect(error?.code == .settings)
        #expect(error?.message.contains(value) == true && error?.description.contains("sesame") == false)
    }

    @Test("runs a statement with parameters and decodes its rows")
    func decodesRows() async throws {
        try await withTestConnection { connection in
            let rows = try await connection.query(
                "SELECT i, 'n' || i, i % 2 = 0 FROM generate_series(1, $1::int) AS i",
                3
            )
            let decoded = try rows.decode(as: (Int, String, Bool).self)
            #expect(decoded.map(\.0) == [1, 2, 3])
            #expect(decoded.map(\.1) == ["n1", "n2", "n3"])
            #expect(decoded.map(\.2) == [false, true, false])
            #expect(rows.tag.description == "SELECT 3")
            #expect(try await connection.query("SELECT 7 AS seven").single.decode("seven", as: Int.self) == 7)
        }
    }

    @Test("sends every kind of value and reads it back")
    func roundTripsValues() async throws {
        try await withTestConnection { connection in
            let bytes = [UInt8](0...255)
            let text = "quote ' backslash \\ brace {} comma , newline \n NULL é 🙂"
            let date = Date(timeIntervalSince1970: 1_234_567_890.123456)
            let id = UUID()
            let row = try await connection.query(
                """
                SELECT $1::bytea, $2::text, $3::timestamptz, $4::uuid, $5::float8, $6::boolean, $7::int8, $8::text,
                    $9::text[], $10::int8[], $11::jsonb, $12::text[]
                """,
                bytes,
                text,
                date,
                id,
                0.1 + 0.2,
                true,
                Int.min,
                String?.none,
                [text, "", "b"],
                [Int](),
                PostgresJSON(["k": [1, 2]]),
                [String?]([nil, "NULL"])
            ).single
            #expect(try row.decode(row.columns[0].name, as: [UInt8].self) == bytes)
            #expect(try [UInt8](postgres: row[0]) == bytes)
            #expect(try String(postgres: row[1]) == text)
            #expect(abs(try Date(postgres: row[2]).timeIntervalSince(date)) < 0.000_001)
            #expect(try UUID(postgres: row[3]) == id)
            #expect(try Double(postgres: row[4]) == 0.1 + 0.2)
            #expect(try Bool(postgres: row[5]))
            #expect(try Int(postgres: row[6]) == Int.min)
            #expect(try String?(postgres: row[7]) == nil)
            #expect(try [String](postgres: row[8]) == [text, "", "b"])
            #expect(try [Int](postgres: row[9]) == [])
            #expect(try PostgresJSON<[String: [Int]]>(postgres: row[10]).value == ["k": [1, 2]])
            #expect(try [String?](postgres: row[11]) == [nil, "NULL"])
        }
    }

    @Test("reads infinities, negative years' dates and offsets of seconds as the server prints them")
    func readsUnusualValues() async throws {
        try await withTestConnection { connection in
            let row = try await connection.query(
                "SELECT 'NaN'::float8, '-Infinity'::float8, '2026-03-01'::date, '1900-01-01 00:00:00+00'::timestamptz"
            ).single
            #expect(try Double(postgres: row[0]).isNaN)
            #expect(try Double(postgres: row[1]) == -.infinity)
            #expect(try Date(postgres: row[2]).timeIntervalSince1970 == 1_772_323_200)
            #expect(try Date(postgres: row[3]).timeIntervalSince1970 == -2_208_988_800)
            try await connection.query("SET TimeZone = 'Europe/Amsterdam'")
            let old = try await connection.query("SELECT '1900-01-01 00:00:00+00'::timestamptz").single
            #expect(try Date(postgres: old[0]).timeIntervalSince1970 == -2_208_988_800)
        }
    }

    @Test("says which column does not fit")
    func namesColumns() async throws {
        try await withTestConnection { connection in
            let row = try await connection.query("SELECT 'x' AS word, NULL::int AS nothing").single
            let unreadable = #expect(throws: PostgresError.self) { try row.decode("word", as: Int.self) }
            #expect(unreadable?.message == "column \"word\": \"x\" cannot be read as Int")
            let null = #expect(throws: PostgresError.self) { try row.decode("nothing", as: Int.self) }
            #expect(null?.next == "ask for Int? instead")
            #expect(throws: PostgresError.self) { try row.decode("absent", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.decode(Int.self) }
        }
    }

    @Test("reports the server's error with its SQLSTATE, names and place")
    func reportsErrors() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (i int CONSTRAINT positive CHECK (i > 0))")
            let check = await #expect(throws: PostgresError.self) {
                try await connection.query("INSERT INTO t VALUES (-1)")
            }
            #expect(check?.sqlState == "23514")
            #expect(check?.report?.constraint == "positive")
            #expect(check?.report?.table == "t")
            #expect(check?.report?.schema == "public")
            let column = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT 'é',\n  nope FROM t")
            }
            #expect(column?.sqlState == .undefinedColumn)
            #expect(column?.position.map { "\($0)" } == "2:3")
            #expect(column?.report?.severity == "ERROR")
        }
    }

    @Test("runs a script in one round trip and tells what each statement did")
    func runsScripts() async throws {
        try await withTestConnection { connection in
            let results = try await connection.script(
                "CREATE TABLE t (i int); INSERT INTO t SELECT 1 FROM generate_series(1, 3);\nDROP TABLE IF EXISTS absent; SELECT count(*) FROM t"
            )
            #expect(results.map(\.tag.description) == ["CREATE TABLE", "INSERT 0 3", "DROP TABLE", "SELECT 1"])
            #expect(results.flatMap(\.notices).map(\.message) == ["table \"absent\" does not exist, skipping"])
            #expect(try results[3].decode(as: Int.self) == [3])
        }
    }

    @Test("says how far a script came, and where it stopped")
    func stopsScripts() async throws {
        try await withTestConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.script("SELECT 1;\nSELECT 2;\nSELECT 1 / 0 ;\nSELECT nope")
            }
            #expect(error?.completedStatements == 2)
            #expect(error?.sqlState == "22012")
            let syntax = await #expect(throws: PostgresError.self) {
                try await connection.script("SELECT 1;\nSELEC 2")
            }
            #expect(syntax?.position.map { "\($0)" } == "2:1")
            try await connection.expectUsable()
        }
    }

    @Test("gives the notices that came before a failure with it")
    func keepsNoticesOfFailures() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE jobs (i int)")
            let create = "CREATE TABLE IF NOT EXISTS jobs (i int, scheduled_for date)"
            let index = "CREATE INDEX ON jobs (scheduled_for)"
            let skipping = "relation \"jobs\" already exists, skipping"
            let script = await #expect(throws: PostgresError.self) {
                try await connection.script("\(create); SELECT 1; \(index)")
            }
            #expect(script?.sqlState == .undefinedColumn)
            #expect(script?.completedStatements == 2)
            #expect(script?.notices.map(\.message) == [skipping])
            let pipeline = await #expect(throws: PostgresError.self) {
                try await connection.pipeline([PostgresStatement(create), PostgresStatement(index)])
            }
            #expect(pipeline?.notices.map(\.message) == [skipping])
            let block = "DO $$ BEGIN RAISE NOTICE 'so far'; PERFORM 1 / 0; END $$"
            let single = await #expect(throws: PostgresError.self) { try await connection.query(block) }
            #expect(single?.notices.map(\.message) == ["so far"])
            // A failure without notices of its own does not inherit older ones.
            let next = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1 / 0") }
            #expect(next?.sqlState == "22012")
            #expect(next?.notices == [])
        }
    }

    @Test("gives the notices of a COPY that fails with its failure")
    func keepsNoticesOfCopies() async throws {
        try await withTestConnection { connection in
            try await connection.script(
                """
                CREATE TABLE t (i int);
                CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE NOTICE 'row %', NEW.i; PERFORM 1 / (3 - NEW.i); RETURN NEW; END $$;
                CREATE TRIGGER tell BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tell()
                """
            )
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyIn("COPY t FROM STDIN", from: Array("1\n2\n3\n".utf8))
            }
            #expect(error?.sqlState == "22012")
            #expect(error?.notices.map(\.message) == ["row 1", "row 2", "row 3"])
        }
    }

    @Test("refuses NUL characters and COPY data in a script, and stays usable")
    func refusesWhatCannotBeSent() async throws {
        try await withTestConnection { connection in
            for sql in ["SELECT '\0'", "CREATE TEMP TABLE t (i int); COPY t FROM STDIN; SELECT 1"] {
                await #expect(throws: PostgresError.self) { try await connection.script(sql) }
            }
            await #expect(throws: PostgresError.self) { try await connection.query("SELECT $1::text", "a\0b") }
            await #expect(throws: PostgresError.self) { try await connection.query("COPY (SELECT 1) TO STDOUT") }
            try await connection.expectUsable()
        }
    }

    @Test("sends many statements at once as a pipeline, and none of them stays if one fails")
    func pipelines() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (i int PRIMARY KEY)")
            let inserts = try (1...500).map { try PostgresStatement("INSERT INTO t VALUES ($1::int)", $0) }
            let results = try await connection.pipeline(inserts + [PostgresStatement("SELECT count(*) FROM t")])
            #expect(try results.last?.decode(as: Int.self) == [500])
            let error = await #expect(throws: PostgresError.self) {
                try await connection.pipeline([
                    PostgresStatement("INSERT INTO t VALUES (501)"), PostgresStatement("INSERT INTO t VALUES (1)"),
                    PostgresStatement("SELECT 1"),
                ])
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(error?.completedStatements == 1)
            #expect(try await connection.query("SELECT count(*) FROM t").decode(as: Int.self) == [500])
        }
    }

    @Test(
        "refuses a COPY in a pipeline instead of waiting for it",
        arguments: ["COPY t FROM STDIN", "COPY t TO STDOUT", "COPY (SELECT generate_series(1, 1000000)) TO STDOUT"]
    )
    func refusesCopiesInPipelines(copy: String) async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query("CREATE TABLE t (i int)")
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.pipeline([
                        PostgresStatement("INSERT INTO t VALUES (1)"), PostgresStatement(copy),
                        PostgresStatement("SELECT 1"),
                    ])
                }
                #expect(error?.code == .misuse)
                #expect(error?.message == "a COPY cannot run inside a pipeline")
                let nothingStays = error?.state?.hasSuffix("nothing of the pipeline stays")
                #expect(nothingStays == (copy == "COPY t FROM STDIN"))
                let closed = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
                #expect(closed?.code == .connectionClosed)
            }
            guard copy == "COPY t FROM STDIN" else { return }
            try await withPostgresConnection(to: settings) { observer in
                let count = try await observer.query("SELECT count(*) FROM t").decode(as: Int.self)
                #expect(count == [0])
            }
        }
    }

    @Test("refuses a statement that cannot be sent before anything of its pipeline is")
    func refusesWhatCannotBeSentInPipelines() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (i int)")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.pipeline([
                    PostgresStatement("INSERT INTO t VALUES (1)"),
                    PostgresStatement("SELECT 1", parameters: Array(repeating: 1, count: 65_536)),
                ])
            }
            #expect(error?.code == .encoding)
            #expect(error?.message.contains("65536 parameters") == true)
            #expect(try await connection.pipeline([PostgresStatement("SELECT 1")]).count == 1)
            #expect(try await connection.query("SELECT count(*) FROM t").decode(as: Int.self) == [0])
        }
    }

    @Test("keeps the notices of a pipeline's statements apart")
    func attributesNotices() async throws {
        try await withTestConnection { connection in
            let results = try await connection.pipeline([
                PostgresStatement("DROP TABLE IF EXISTS a"), PostgresStatement("SELECT 1"),
                PostgresStatement("DROP TABLE IF EXISTS b"),
            ])
            #expect(
                results.map { $0.notices.map(\.message) } == [
                    ["table \"a\" does not exist, skipping"], [], ["table \"b\" does not exist, skipping"],
                ]
            )
        }
    }

    @Test("stops a statement on the server when its task is cancelled, and stays usable")
    func cancelsStatements() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let pid = connection.backendPID
                let start = ContinuousClock.now
                let sleeping = Task { try await connection.query("SELECT pg_sleep(60)") }
                try await withPostgresConnection(to: settings) { observer in
                    try await observer.wait(
                        until: "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(pid) AND state = 'active')"
                    )
                    sleeping.cancel()
                    await #expect(throws: CancellationError.self) { try await sleeping.value }
                }
                #expect(start.duration(to: .now) < .seconds(20))
                try await connection.expectUsable()
            }
        }
    }

    @Test("never lets a late cancel reach the next statement")
    func guardsTheNextStatement() async throws {
        try await withTestConnection { connection in
            for round in 0..<100 {
                let short = Task { try await connection.query("SELECT pg_sleep(0.002)") }
                try await Task.sleep(for: .microseconds(round * 40))
                short.cancel()
                _ = try? await short.value  // either end is right
                try await connection.expectUsable()
            }
        }
    }

    @Test("does not hold up others: twenty statements run at once, however few threads there are for tasks")
    func doesNotBlockThePool() async throws {
        try await withTestDatabase { settings in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        _ = try await withPostgresConnection(to: settings) { try await $0.query("SELECT pg_sleep(60)") }
                    }
                }
                try await withPostgresConnection(to: settings) { observer in
                    try await observer.wait(
                        until: """
                            SELECT count(*) = 20 FROM pg_stat_activity
                            WHERE wait_event = 'PgSleep' AND datname = current_database()
                            """
                    )
                }
                group.cancelAll()
            }
        }
    }

    @Test("notices when the server ends it, and says that the outcome is open")
    func noticesTheEnd() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await withPostgresConnection(to: settings) { other in
                    try await other.query("SELECT pg_terminate_backend($1::int)", connection.backendPID)
                }
                let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
                #expect(error?.code == .connectionLost)
                #expect(await !connection.isAlive())
                await #expect(throws: PostgresError.self) {
                    try await connection.pipeline([PostgresStatement("SELECT 1")])
                }
            }
        }
    }

    @Test("gives notices to a handler")
    func passesNotices() async throws {
        try await withTestConnection { connection in
            let (stream, continuation) = AsyncStream<ServerReport>.makeStream(bufferingPolicy: .unbounded)
            await connection.onNotice { continuation.yield($0) }
            try await connection.query("DO $$ BEGIN RAISE WARNING 'careful %', 1; END $$")
            var iterator = stream.makeAsyncIterator()
            let notice = await iterator.next()
            #expect(notice?.message == "careful 1")
            #expect(notice?.severity == "WARNING")
        }
    }

    @Test("says what is wrong when no server, database or password fits, without the password")
    func failsToConnect() async throws {
        try await withTestDatabase { settings in
            let absent = settings.with(database: "no_such_db")
            let noDatabase = await #expect(throws: PostgresError.self) { try await PostgresConnection.open(absent) }
            #expect(noDatabase?.code == .connectionFailed)
            #expect(noDatabase?.message.contains("no_such_db") == true)
            let nobody = try ConnectionSettings("postgresql://u:hunter2@127.0.0.1:9/x")
            let noServer = await #expect(throws: PostgresError.self) { try await PostgresConnection.open(nobody) }
            #expect(noServer.map { !"\($0)".contains("hunter2") } == true)
        }
    }

    @Test("waits for a database that is not there yet, no longer than it is told to")
    func waitsForTheDatabase() async throws {
        let nobody = try ConnectionSettings("host=127.0.0.1 port=9 dbname=x")
        let start = ContinuousClock.now
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.open(nobody, waitingUpTo: .milliseconds(400))
        }
        #expect(error?.message.contains("waited") == true)
        #expect(start.duration(to: .now) >= .milliseconds(400))
        // One that answers and refuses is not waited for.
        try await withTestDatabase { settings in
            await #expect(throws: PostgresError.self) {
                try await PostgresConnection.open(settings.with(database: "no_such_db"), waitingUpTo: .seconds(60))
            }
        }
    }

    @Test("leaves at once when its task is cancelled while it connects")
    func cancelsConnecting() async throws {
        let listener = try SilentListener()
        let silent = try ConnectionSettings("host=127.0.0.1 port=\(listener.port) dbname=x connect_timeout=60")
        let connecting = Task { try await PostgresConnection.open(silent) }
        #expect(try await listener.accepted())
        let start = ContinuousClock.now
        connecting.cancel()
        await #expect(throws: CancellationError.self) { try await connecting.value }
        #expect(start.duration(to: .now) < .seconds(15))
    }

    @Test("leaves at once when its task is cancelled while it asks whether a server answers")
    func cancelsWaiting() async throws {
        let listener = try SilentListener()
        // The question takes two seconds for each host.
        let hosts = Array(repeating: "127.0.0.1", count: 15)
        let silent = try ConnectionSettings(
            "host=\(hosts.joined(separator: ",")) port=\(listener.port) dbname=x sslmode=disable gssencmode=disable"
        )
        let waiting = Task { try await PostgresConnection.open(silent, waitingUpTo: .seconds(60)) }
        for _ in hosts { #expect(try await listener.turnedAway()) }
        #expect(try await listener.accepted())
        let start = ContinuousClock.now
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(start.duration(to: .now) < .seconds(15))
    }
}

/// Lends a connection to an empty database to a test.
func withTestConnection<Result>(_ body: (PostgresConnection) async throws -> Result) async throws -> Result {
    try await withTestDatabase { settings in
        try await withPostgresConnection(to: settings, body)
    }
}

extension PostgresConnection {
    /// Checks that the connection answers.
    func expectUsable() async throws {
        #expect(try await query("SELECT 1").decode(as: Int.self) == [1])
    }
}
