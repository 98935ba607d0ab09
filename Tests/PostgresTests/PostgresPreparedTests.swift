import TestSupport
import Testing

@testable import Postgres

@Suite("Prepared statements")
struct PostgresPreparedTests {
    private let kept = "SELECT count(*) FROM pg_prepared_statements"

    @Test("are kept once for each text, and given up and made anew when the connection is reset")
    func kept() async throws {
        try await withTestConnection { connection in
            for number in 1...3 {
                let rows = try await connection.preparedPipeline([
                    try PostgresStatement("SELECT $1::int + 1", number),
                    try PostgresStatement("SELECT $1::text", "number \(number)"),
                    try PostgresStatement("SELECT $1::int + 1", 10 * number),
                ])
                #expect(try rows[0].single.decode(Int.self) == number + 1)
                #expect(try rows[1].single.decode(String.self) == "number \(number)")
                #expect(try rows[2].single.decode(Int.self) == 10 * number + 1)
            }
            #expect(try await connection.query(kept).single.decode(Int.self) == 2)
            #expect(await connection.reset())
            #expect(try await connection.query(kept).single.decode(Int.self) == 0)
            let rows = try await connection.preparedPipeline([try PostgresStatement("SELECT $1::int + 1", 5)])
            #expect(try rows[0].single.decode(Int.self) == 6)
            #expect(try await connection.query(kept).single.decode(Int.self) == 1)
        }
    }

    @Test("are others where the parameters are of other types")
    func types() async throws {
        try await withTestConnection { connection in
            for _ in 1...2 {
                let bytes: [UInt8] = [1, 0, 2]
                let length = try await connection.preparedPipeline([try PostgresStatement("SELECT length($1)", bytes)])
                #expect(try length[0].single.decode(Int.self) == 3)
                let text = try await connection.preparedPipeline([try PostgresStatement("SELECT length($1)", "ação")])
                #expect(try text[0].single.decode(Int.self) == 4)
            }
        }
    }

    @Test("that have gone, or whose tables have changed, are sent anew without a failure")
    func gone() async throws {
        try await withTestConnection { connection in
            try await connection.script("CREATE TABLE t (id int, v int); INSERT INTO t VALUES (1, 7)")
            let all = try PostgresStatement("SELECT * FROM t WHERE id = $1", 1)
            #expect(try await connection.preparedPipeline([all])[0].single[1].text == "7")
            try await connection.script("ALTER TABLE t ALTER v TYPE text USING 'seven', ADD w int DEFAULT 3")
            for _ in 1...2 {
                let row = try await connection.preparedPipeline([all])[0].single
                #expect(row[1].text == "seven" && row[2].text == "3")
            }
            try await connection.query("DEALLOCATE ALL")
            for _ in 1...2 { #expect(try await connection.preparedPipeline([all])[0].single[1].text == "seven") }
            #expect(try await connection.query(kept).single.decode(Int.self) == 1)
        }
    }

    @Test("that have gone within a transaction are an error, since what came before is lost")
    func goneWithinTransaction() async throws {
        try await withTestConnection { connection in
            let one = try PostgresStatement("SELECT 1")
            _ = try await connection.preparedPipeline([one])
            try await connection.script("BEGIN; DEALLOCATE ALL")
            let error = await #expect(throws: PostgresError.self) { try await connection.preparedPipeline([one]) }
            #expect(error?.sqlState?.rawValue == "26000")
            try await connection.query("ROLLBACK")
            #expect(try await connection.preparedPipeline([one])[0].single.decode(Int.self) == 1)
        }
    }

    @Test("fail as others do: nothing of their pipeline stays, and the connection goes on")
    func failure() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (id int PRIMARY KEY)")
            let insert = try PostgresStatement("INSERT INTO t VALUES ($1)", 1)
            for _ in 1...2 {
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.preparedPipeline([insert, insert])
                }
                #expect(error?.sqlState == .uniqueViolation)
                #expect(error?.completedStatements == 1)
                let unknown = await #expect(throws: PostgresError.self) {
                    try await connection.preparedPipeline([
                        insert, try PostgresStatement("SELECT no_such_column FROM t"),
                    ])
                }
                #expect(unknown?.sqlState?.rawValue == "42703")
                #expect(try await connection.query("SELECT FROM t").isEmpty)
            }
            try await connection.expectUsable()
        }
    }

    @Test("are not kept behind a pooler, whose sessions belong to others as well")
    func pooled() async throws {
        try await withTestDatabase { settings in
            try await withPgBouncer(to: settings, poolSize: 1) { pooled in
                try await withPostgresConnection(to: pooled) { connection in
                    for number in 1...3 {
                        let rows = try await connection.preparedPipeline([
                            try PostgresStatement("SELECT $1::int", number)
                        ])
                        #expect(try rows[0].single.decode(Int.self) == number)
                    }
                    #expect(try await connection.query(kept).single.decode(Int.self) == 0)
                }
            }
        }
    }
}
