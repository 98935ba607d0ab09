import Testing

@testable import Linter

@Suite("A comment for another linter")
struct ForeignDirectiveTests {
    private let history = "CREATE TABLE a (id int); CREATE TABLE b (id int);"

    private func rules(_ sql: String, _ options: LintOptions = LintOptions()) async throws -> [String] {
        try await lint(sql, after: history, options).filter { $0.severity > .note }.map(\.rule)
    }

    @Test(
        "keeps quiet what it names, and is told of itself",
        arguments: [
            "squawk-ignore ban-drop-table", "squawk-ignore ban-drop-column, ban-drop-table", "squawk-ignore-file",
            "pgfence-ignore", "pgfence-ignore: drop-table", "pgsafe:ignore drop-table nobody uses it",
            "pgt-ignore lint/safety/banDropTable: nobody uses it", "pgls-ignore-all lint/safety/banDropTable",
        ]
    )
    func isHeeded(comment: String) async throws {
        #expect(try await rules("-- \(comment)\nDROP TABLE a;") == ["foreign-ignore"])
    }

    @Test("is about the next statement alone, unless it says the file")
    func isForOne() async throws {
        #expect(
            try await rules("-- squawk-ignore ban-drop-table\nDROP TABLE a;\nDROP TABLE b;")
                == ["foreign-ignore", "drop-table"]
        )
        #expect(
            try await rules("-- squawk-ignore-file ban-drop-table\nDROP TABLE a;\nDROP TABLE b;") == ["foreign-ignore"]
        )
    }

    @Test("keeps nothing quiet that it does not name, no error, and nothing that its linter does not look for")
    func isNoBlanket() async throws {
        #expect(try await rules("-- squawk-ignore ban-drop-column\nDROP TABLE a;") == ["drop-table"])
        #expect(try await rules("-- squawk-ignored\nDROP TABLE a;") == ["drop-table"])
        #expect(try await rules("-- pgfence-ignore\nCREATE INDEX i ON a (due);").contains("column-may-not-exist"))
        let error = "BEGIN;\n-- pgfence-ignore\nCREATE INDEX CONCURRENTLY i ON a (id);\nCOMMIT;"
        #expect(try await rules(error) == ["concurrent-in-transaction"])
    }

    @Test("gives way to an allowance with a reason")
    func givesWay() async throws {
        let sql = "-- lastro: allow drop-table nobody uses it\n-- squawk-ignore ban-drop-table\nDROP TABLE a;"
        #expect(try await rules(sql) == [])
    }

    @Test("knows rules of ours only")
    func namesOurRules() throws {
        for rule in OtherLinters.known { #expect(Rule.named(rule) != nil, "\(rule)") }
        let codes = try #require(OtherLinters.ignore(in: "eugene: ignore E5, E4"))
        #expect(codes.rules == ["change-column-type", "statement-after-access-exclusive"])
    }

    @Test("says whether another runner wraps the file")
    func knowsWrapping() async throws {
        var options = LintOptions()
        let sql = "CREATE INDEX CONCURRENTLY i ON a (id);"
        options.runner = .wrapping
        #expect(try await rules(sql, options).contains("concurrent-in-transaction"))
        #expect(
            !(try await rules("-- squawk-disable-assume-in-transaction\n" + sql, options)
                .contains("concurrent-in-transaction"))
        )
        options.runner = .unknown
        #expect(
            try await rules("-- squawk-enable-assume-in-transaction\n" + sql, options)
                .contains("concurrent-in-transaction")
        )
    }
}

/// With every rule, what is strict but not wrong is said; otherwise it is not.
@Suite("Judging with every rule")
struct StrictJudgementTests {
    private func rules(
        _ sql: String,
        after history: String = "",
        isStrict: Bool = true,
        _ runner: LintOptions.Runner = .unknown
    ) async throws -> Set<String> {
        var options = LintOptions()
        options.asksEveryRule = isStrict
        options.runner = runner
        options.settings["missing-lock-timeout"] = .on
        return Set(try await lint(sql, after: history, options).map(\.rule))
    }

    @Test("asks a lone drop for a guard, as a runner may record it in another transaction")
    func asksLoneDrop() async throws {
        let history = "CREATE TABLE t (id int);"
        for runner in [LintOptions.Runner.unknown, .wrapping] {
            #expect(try await rules("DROP TABLE t;", after: history, runner).contains("missing-existence-guard"))
        }
        #expect(!(try await rules("DROP TABLE t;", after: history, .lastro).contains("missing-existence-guard")))
        let wrapped = "BEGIN;\nDROP TABLE t;\nCOMMIT;"
        #expect(!(try await rules(wrapped, after: history).contains("missing-existence-guard")))
    }

    @Test("asks for IF EXISTS where nobody makes the table and nothing is guarded")
    func asksForTable() async throws {
        let change = "SELECT 1;\nALTER TABLE t ALTER COLUMN c SET NOT NULL;"
        #expect(try await rules(change).contains("missing-existence-guard"))
        #expect(!(try await rules(change, after: "CREATE TABLE t (c int);").contains("missing-existence-guard")))
        let guarded = "SELECT 1;\nALTER TABLE IF EXISTS t ALTER COLUMN c SET NOT NULL;"
        #expect(!(try await rules(guarded).contains("missing-existence-guard")))
    }

    @Test("takes what the file has made for seen, unless one transaction does it all")
    func knowsReaders() async throws {
        let sql = "CREATE TABLE t (id int);\nALTER TABLE t ADD COLUMN c text;"
        #expect(try await rules(sql).contains("missing-lock-timeout"))
        #expect(!(try await rules(sql, isStrict: false).contains("missing-lock-timeout")))
        #expect(!(try await rules("BEGIN;\n\(sql)\nCOMMIT;").contains("missing-lock-timeout")))
        let index = "CREATE TABLE t (id int);\nCREATE INDEX i ON t (id);"
        #expect(!(try await rules(index).contains("missing-lock-timeout")), "a dump does not keep an index waiting")
    }

    @Test("wants a limit for the lock beside one for the statement, and one for VACUUM")
    func wantsLockTimeout() async throws {
        let history = "CREATE TABLE t (id int);"
        let limited = "SET statement_timeout = '5s';\nALTER TABLE t ADD COLUMN c text;"
        #expect(try await rules(limited, after: history).contains("missing-lock-timeout"))
        #expect(!(try await rules(limited, after: history, isStrict: false).contains("missing-lock-timeout")))
        #expect(try await rules("VACUUM t;", after: history).contains("missing-lock-timeout"))
        // One that gives up leaves an index that is not valid.
        let build = "CREATE INDEX CONCURRENTLY i ON t (id);"
        #expect(!(try await rules(build, after: history).contains("missing-lock-timeout")))
    }

    @Test("takes a file for one transaction where that is worse")
    func sharesTransaction() async throws {
        let sql = "ALTER TABLE t ADD CONSTRAINT p CHECK (c > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT p;"
        let history = "CREATE TABLE t (c int);"
        #expect(try await rules(sql, after: history).contains("validate-in-same-transaction"))
        let apart = "BEGIN;\n" + sql.replacing("VALID;\n", with: "VALID;\nCOMMIT;\n")
        #expect(!(try await rules(apart, after: history).contains("validate-in-same-transaction")))
    }

    @Test("reads a word of the grammar in quotes as what is meant, and says that there is no such type")
    func readsQuotedWords() async throws {
        let found = try await rules("CREATE TABLE t (id bigint PRIMARY KEY, c \"character\"(255), n \"integer\");")
        #expect(found.isSuperset(of: ["type-char", "type-int", "type-may-not-exist"]))
        let own = try await rules(
            "CREATE TABLE t (id bigint PRIMARY KEY, c \"character\");",
            after: "CREATE DOMAIN \"character\" AS text;"
        )
        #expect(own.isDisjoint(with: ["type-char", "type-may-not-exist"]))
    }
}
