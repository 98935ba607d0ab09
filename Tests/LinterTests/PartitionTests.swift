import Postgres
import TestSupport
import Testing

@testable import Linter

@Suite("Partitions of one table")
struct PartitionTests {
    private static let byRange = "CREATE TABLE p (a int, b int) PARTITION BY RANGE (a); "
    private static let byDate = "CREATE TABLE p (a date, b int) PARTITION BY RANGE (a); "
    private static let byTwo = "CREATE TABLE p (a int, b int) PARTITION BY RANGE (a, b); "
    private static let byList = "CREATE TABLE p (a text, b int) PARTITION BY LIST (a); "
    private static let byHash = "CREATE TABLE p (a int, b int) PARTITION BY HASH (a); "

    /// Two partitions, with whether the second one is refused.
    static let cases: [(table: String, first: String, second: String, overlaps: Bool)] = [
        (byRange, "FOR VALUES FROM (0) TO (10)", "FOR VALUES FROM (0) TO (10)", true),
        (byRange, "FOR VALUES FROM (0) TO (10)", "FOR VALUES FROM (9) TO (11)", true),
        (byRange, "FOR VALUES FROM (0) TO (10)", "FOR VALUES FROM (10) TO (20)", false),
        (byRange, "FOR VALUES FROM (5) TO (20)", "FOR VALUES FROM (10) TO (12)", true),
        (byRange, "FOR VALUES FROM (MINVALUE) TO (-5)", "FOR VALUES FROM (-6) TO (0)", true),
        (byRange, "FOR VALUES FROM (MINVALUE) TO (-5)", "FOR VALUES FROM (-5) TO (MAXVALUE)", false),
        (byRange, "FOR VALUES FROM (9) TO (10)", "FOR VALUES FROM (10) TO (MAXVALUE)", false),
        (byRange, "DEFAULT", "DEFAULT", true),
        (byRange, "DEFAULT", "FOR VALUES FROM (0) TO (10)", false),
        (
            byDate, "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
            "FOR VALUES FROM ('2026-01-31') TO ('2026-03-01')", true
        ),
        (
            byDate, "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
            "FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')", false
        ),
        (byTwo, "FOR VALUES FROM (0, 0) TO (0, 5)", "FOR VALUES FROM (0, 5) TO (1, 0)", false),
        (byTwo, "FOR VALUES FROM (0, 0) TO (0, 5)", "FOR VALUES FROM (0, 0) TO (9, 9)", true),
        (byList, "FOR VALUES IN ('x', 'y')", "FOR VALUES IN ('y', 'z')", true),
        (byList, "FOR VALUES IN ('x', NULL)", "FOR VALUES IN ('z')", false),
        (byHash, "FOR VALUES WITH (MODULUS 4, REMAINDER 1)", "FOR VALUES WITH (MODULUS 8, REMAINDER 5)", true),
        (byHash, "FOR VALUES WITH (MODULUS 4, REMAINDER 1)", "FOR VALUES WITH (MODULUS 8, REMAINDER 6)", false),
    ]

    @Test("may not take each other's rows", arguments: cases)
    func overlaps(table: String, first: String, second: String, overlaps: Bool) async throws {
        let history = table + "CREATE TABLE one PARTITION OF p \(first); "
        let rules: Set = overlaps ? ["object-already-exists"] : []
        try await check("CREATE TABLE two PARTITION OF p \(second);", after: history, rules)
        try await check(
            "ALTER TABLE p ATTACH PARTITION two \(second);",
            after: history + "CREATE TABLE two (LIKE p);",
            rules
        )
        try await check(
            "ALTER TABLE p DETACH PARTITION one; CREATE TABLE two PARTITION OF p \(second);",
            after: history,
            []
        )
    }

    @Test("have no children by INHERITS, and neither has the table")
    func haveNoHeirs() async throws {
        let history = Self.byRange + "CREATE TABLE one PARTITION OF p FOR VALUES FROM (0) TO (10); "
        try await check("CREATE TABLE c () INHERITS (one);", after: history, ["wrong-kind"])
        try await check("CREATE TABLE c () INHERITS (p);", after: history, ["wrong-kind"])
        try await check("ALTER TABLE c INHERIT one;", after: history + "CREATE TABLE c (a int, b int);", ["wrong-kind"])
    }

    /// Whether the linter finds these, and the server refuses a migration where there are any.
    private func check(_ sql: String, after history: String, _ rules: Set<String>) async throws {
        let found = try await lint(sql, after: history).filter { $0.category == .existence && $0.severity > .warning }
        #expect(Set(found.map(\.rule)) == rules, "\(sql) after \(history)")
        let runs = try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script(history)
                return (try? await connection.script(sql)) != nil
            }
        }
        #expect(runs == rules.isEmpty, "\(sql) after \(history)")
    }
}
