import SourceText
import Synchronization
import Testing

@testable import Linter

@Suite("What is kept of a lint run")
struct CacheTests {
    private final class Store: Sendable {
        let bytes = Mutex<[UInt8]?>(nil)
        let count = Mutex(0)

        var cache: LintCache {
            LintCache(bytes: bytes.withLock { $0 }) { new in
                self.bytes.withLock { $0 = new }
                self.count.withLock { $0 += 1 }
            }
        }
    }

    /// Files that make, rename, drop, guard and refer to what others made.
    private static let texts = [
        "CREATE SCHEMA app; CREATE TABLE app.a (id bigint PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', t text[]);",
        "CREATE TABLE IF NOT EXISTS b (id serial PRIMARY KEY, a bigint REFERENCES app.a, CHECK (a > 0));",
        "CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE DOMAIN small AS int CHECK (VALUE < 10); CREATE EXTENSION citext;",
        "CREATE TABLE p (id int, m mood) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);",
        "CREATE FUNCTION f(x int, y text DEFAULT '') RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;",
        "CREATE TRIGGER tr BEFORE UPDATE ON b FOR EACH ROW EXECUTE FUNCTION f(); CREATE POLICY own ON b USING (a > 1);",
        "CREATE VIEW v AS SELECT id, a FROM b; CREATE UNIQUE INDEX b_a_idx ON b (a, lower(a::text)) WHERE a > 0;",
        "ALTER TABLE b RENAME COLUMN a TO c; ALTER TABLE app.a RENAME TO z; DROP TABLE p1; CREATE TABLE \"Big\" (id int);",
        "INSERT INTO b (c) VALUES (1); DROP INDEX b_a_idx; ALTER TABLE b ADD COLUMN IF NOT EXISTS d small;",
        "CREATE INDEX ON b (c); CREATE INDEX ON b (a); ALTER TABLE v RENAME TO w; ALTER TYPE mood ADD VALUE 'new';",
        "CREATE TABLE IF NOT EXISTS b (id int, e text); ALTER TABLE app.a ADD COLUMN x int; DROP TYPE mood; SELECT * FROM big;",
        "DROP TRIGGER tr ON b; DROP POLICY own ON b; DROP VIEW w; DROP FUNCTION f(int, text); ALTER TABLE b DROP COLUMN c;",
    ]

    private func inputs(_ texts: [String] = texts, judgedFrom first: Int = 0) -> [LintInput] {
        texts.enumerated().map { index, sql in
            LintInput(
                LintText(path: "m/\(index).sql", sql: sql),
                isJudged: index >= first,
                down: index == 3 && index >= first ? LintText(path: "m/3.down.sql", sql: "DROP TABLE p1;") : nil
            )
        }
    }

    private func expectSame(_ kept: LintReport, _ anew: LintReport) {
        #expect(kept.findings == anew.findings)
        #expect(kept.fileCount == anew.fileCount)
        #expect(kept.statementCount == anew.statementCount)
        #expect(kept.allowedCount == anew.allowedCount)
    }

    @Test("gives the same findings, whatever file has changed")
    func isTheSame() async throws {
        let linter = Linter()
        let store = Store()
        let first = try await linter.lint(inputs(), cache: store.cache)
        #expect(first.findings.count > 10)
        expectSame(first, try await linter.lint(inputs()))
        #expect(store.count.withLock { $0 } == 1)
        let full = store.bytes.withLock { $0 }
        expectSame(try await linter.lint(inputs(), cache: store.cache), first)
        for index in Self.texts.indices {
            var changed = Self.texts
            changed[index] = "CREATE TABLE other (id int); " + changed[index]
            store.bytes.withLock { $0 = full }
            for from in [0, index] {
                let kept = try await linter.lint(inputs(changed, judgedFrom: from), cache: store.cache)
                expectSame(kept, try await linter.lint(inputs(changed, judgedFrom: from)))
            }
            let again = try await linter.lint(inputs(changed), cache: store.cache)
            expectSame(again, try await linter.lint(inputs(changed)))
        }
        store.bytes.withLock { $0 = full }
        #expect(try await linter.lint(inputs(Array(Self.texts.dropLast())), cache: store.cache).findings.count > 5)
        // What was not judged has no findings that are kept.
        let empty = Store()
        _ = try await linter.lint(inputs(judgedFrom: 11), cache: empty.cache)
        expectSame(try await linter.lint(inputs(), cache: empty.cache), first)
    }

    @Test("is enough for files that are not read, but where a message names their lines")
    func readsLate() async throws {
        let linter = Linter()
        let store = Store()
        let read = Mutex<Set<String>>([])
        func late(_ texts: [String]) -> [LintInput] {
            texts.enumerated().map { index, sql in
                let path = "m/\(index).sql"
                return LintInput(
                    LintText(unread: path, version: nil, key: sql) {
                        _ = read.withLock { $0.insert(path) }
                        return LintText(path: path, sql: sql)
                    }
                )
            }
        }
        _ = try await linter.lint(late(Self.texts), cache: store.cache)
        #expect(read.withLock { $0.count } == Self.texts.count)
        let last = Self.texts.count - 1
        let changes = [
            ("CREATE TABLE other (id int);", ["m/\(last).sql"]),
            ("CREATE TABLE b (id int);", ["m/1.sql", "m/\(last).sql"]),
        ]
        for (change, expected) in changes {
            var changed = Self.texts
            changed[last] = change
            read.withLock { $0 = [] }
            let kept = try await linter.lint(late(changed), cache: store.cache)
            #expect(read.withLock { $0.sorted() } == expected.sorted())
            expectSame(kept, try await linter.lint(inputs(changed).map { LintInput($0.text) }))
        }
    }

    @Test("is ignored where it is damaged, and for another path")
    func ignoresDamage() async throws {
        let linter = Linter()
        let store = Store()
        let first = try await linter.lint(inputs(), cache: store.cache)
        let full = try #require(store.bytes.withLock { $0 })
        for place in stride(from: 0, to: full.count, by: 397) {
            var damaged = full
            damaged[place] ^= 0x41
            expectSame(try await linter.lint(inputs(), cache: LintCache(bytes: damaged) { _ in }), first)
            let cut = Array(full.prefix(place))
            expectSame(try await linter.lint(inputs(), cache: LintCache(bytes: cut) { _ in }), first)
        }
        let moved = Self.texts.enumerated().map { LintInput(LintText(path: "n/\($0.offset).sql", sql: $0.element)) }
        let report = try await linter.lint(moved, cache: store.cache)
        #expect(report.findings.allSatisfy { $0.file.hasPrefix("n/") })
    }

    @Test("keeps what a file needed of the configuration's allowances")
    func keepsUsedAllowances() async throws {
        var linter = Linter()
        linter.options.judgesAll = true
        linter.options.allowances = ["drop-table", "rename-table"].map { rule in
            ConfiguredAllowance(
                rule: rule,
                path: nil,
                from: nil,
                through: nil,
                reason: "nobody uses it",
                location: SourceLocation(file: "lastro.yaml", position: SourcePosition(line: 3, column: 7)),
                excerpt: "    - rule: \(rule)"
            )
        }
        let store = Store()
        let first = try await linter.lint(inputs(), cache: store.cache)
        #expect(first.allowedCount > 0)
        var changed = Self.texts
        changed[11] += " SELECT 1;"
        for texts in [Self.texts, changed] {
            let kept = try await linter.lint(inputs(texts), cache: store.cache)
            expectSame(kept, try await linter.lint(inputs(texts)))
            #expect(!kept.findings.contains { $0.rule == "unused-allow" })
        }
    }

    @Test("tells other ways to judge apart")
    func hasAKey() {
        var options = LintOptions()
        let usual = options.key
        options.serverMajor = 12
        #expect(options.key != usual)
        options = LintOptions()
        options.settings["fk-without-index"] = .off
        #expect(options.key != usual)
        options = LintOptions()
        options.houseRules = [HouseRule(name: "plain", demand: .types([]))]
        let severe = HouseRule(name: "plain", demand: .types([]), severity: .error)
        let house = options.key
        #expect(house != usual)
        options.houseRules = [severe]
        #expect(options.key != house)
    }
}
