import SourceText
import Testing

@testable import Migrator

@Suite("Directives")
struct DirectiveTests {
    @Test("are read from the comments above the first statement, with their places")
    func areRead() throws {
        let text = """
            /* lastro: no comment of this kind /* nested */ counts
            -- lastro: nonsense in a block comment */
            -- What this does.
            -- lastro: no-transaction
              --lastro:  lock-timeout 2s\r
            -- lastro: statement-timeout 10min

            -- lastro: allow drop-column the column was never read
            -- lastro: allow ban-char
            -- lastro: requires 0003_é
            -- lastro: assert select count(*) = 0 from t where i is null
            -- lastro: batch key=id size=100 pause=50ms max-lag=10s max-duration=1h table=public.t
            -- lastro: batch-done select not exists (select from t where i is null)
            update t set i = 1;
            -- lastro: whatever somebody writes
            """
        let directives = try read(text)
        #expect(directives.noTransaction == SourcePosition(line: 4, column: 12))
        #expect(directives.lockTimeout?.value == .seconds(2))
        #expect(directives.lockTimeout?.position == SourcePosition(line: 5, column: 27))
        #expect(directives.statementTimeout?.value == .seconds(600))
        #expect(directives.allowances.map(\.value.rule) == ["drop-column", "ban-char"])
        #expect(directives.allowances.map(\.value.reason) == ["the column was never read", ""])
        #expect(directives.requirements.map(\.value) == ["0003_é"])
        #expect(directives.assertions.map(\.value) == ["select count(*) = 0 from t where i is null"])
        #expect(directives.batchDone?.value == "select not exists (select from t where i is null)")
        let batch = try #require(directives.batch?.value)
        #expect(batch.key == "id")
        #expect(batch.size == 100)
        #expect(batch.pause == .milliseconds(50))
        #expect(batch.maxLag == .seconds(10))
        #expect(batch.maxDuration == .seconds(3600))
        #expect(batch.table == "public.t")
    }

    @Test("are none in a file without them", arguments: ["", "select 1", "-- lastro is mentioned\nselect 1;"])
    func areNone(text: String) throws {
        #expect(try read(text) == Directives())
    }

    @Test(
        "are refused where they say nothing that Lastro knows",
        arguments: [
            (
                "-- lastro: no-transactions", "1:12", "\"no-transactions\" is no directive of Lastro",
                "perhaps no-transaction is meant"
            ),
            (
                "\n-- é\n  -- lastro: lock-timout 2s", "3:14", "\"lock-timout\" is no directive of Lastro",
                "perhaps lock-timeout is meant"
            ),
            (
                "-- lastro: frobnicate", "1:12", "\"frobnicate\" is no directive of Lastro",
                "there are: no-transaction, lock-timeout, statement-timeout, allow, requires, assert, batch, batch-done, "
                    + "replaces, idempotent"
            ),
            (
                "-- lastro: lock-timeout 2", "1:25", "\"2\" is no duration",
                "write a number with its unit: 500ms, 2s, 10min, 1h"
            ),
            (
                "-- lastro: lock-timeout 2 s", "1:27", "\"s\" is too much behind lock-timeout",
                "put what is a remark on a line of its own"
            ),
            ("-- lastro: lock-timeout", "1:12", "lock-timeout lacks a duration", "write `-- lastro: lock-timeout …`"),
            ("-- lastro: allow", "1:12", "allow lacks the name of a rule", "write `-- lastro: allow …`"),
            (
                "-- lastro: no-transaction please", "1:27", "\"please\" is too much behind no-transaction",
                "put what is a remark on a line of its own"
            ),
            (
                "-- lastro: lock-timeout 1s\n-- lastro: lock-timeout 2s", "2:12", "lock-timeout is there twice",
                "leave one of the two"
            ),
            (
                "-- lastro: batch size=1", "1:12", "batch lacks key=COLUMN",
                "name the column whose values cut the table into parts, best the primary key"
            ),
            ("-- lastro: batch key=id sise=1", "1:25", "\"sise\" is no part of batch", "perhaps size is meant"),
            ("-- lastro: batch key=id size=0", "1:30", "\"0\" is no number of rows", "write a whole number from 1"),
            (
                "-- lastro: batch key=id pause=5", "1:31", "\"5\" is no duration",
                "write a number with its unit: 500ms, 2s, 10min, 1h"
            ),
            ("-- lastro: batch key=id key=b", "1:25", "key is there twice", "leave one of the two"),
            ("-- lastro: batch-done select true", "1:23", "batch-done without batch", "say how with batch"),
            (
                "select 1;\n-- lastro: no-transaction", "2:12",
                "no-transaction stands below the first statement, where it would be overlooked",
                "move it to the comments at the head of the file"
            ),
        ]
    )
    func areRefused(text: String, place: String, message: String, next: String) throws {
        let error = #expect(throws: MigratorError.self) { try read(text) }
        #expect(error?.code == .invalidDirective)
        #expect(error?.location.map { "\($0)" } == "m/1_a.sql:\(place)")
        #expect(error?.message == message)
        #expect(error?.next == next)
    }

    private func read(_ text: String) throws -> Directives {
        try DirectiveReader(Array(text.utf8), path: "m/1_a.sql").directives
    }
}
