import SQLSyntax
import Testing

@testable import Migrator

@Suite("Where a script with IF NOT EXISTS has to stop")
struct GuardScanTests {
    /// The places in the form `statement reason: guarded`.
    private func places(_ sql: String) throws -> [String] {
        GuardScan(try SQLScript(sql)).checkpoints.map { "\($0.statement) \($0.reason): \($0.guarded)" }
    }

    @Test(
        "is told by its words",
        arguments: [
            ("create table t (); drop table if exists u", []),
            ("create table if not exists t (); create index if not exists i on t (a)", ["0 start: [0, 1]"]),
            ("create table u (); comment on table u is 'exists'; create table if not exists t ()", ["2 start: [2]"]),
            ("set lock_timeout = 1; create table if not exists t ()", ["1 start: [1]"]),
            ("set search_path = a; create table if not exists t ()", ["1 mayBeMade: [1]"]),
            ("create table t (); create table if not exists t ()", ["1 mayBeMade: [1]"]),
            ("create table if not exists t (); create table if not exists t ()", ["0 start: [0]", "1 mayBeMade: [1]"]),
            ("create table t (); create sequence if not exists t_a_seq", ["1 mayBeMade: [1]"]),
            ("create table t (); create index if not exists t_a_idx on t (a)", ["1 start: [1]"]),
            ("create index on t (a); create index if not exists t_a_idx on t (a)", ["1 mayBeMade: [1]"]),
            ("create table t (); alter table t add column if not exists a int", ["1 mayBeMade: [1]"]),
            ("drop table t; create table if not exists t ()", ["1 start: [1]"]),
            (
                "create table if not exists t (); drop table u; create table if not exists u ()",
                ["0 start: [0]", "2 mayBeChanged: [2]"]
            ),
            ("do 'x'; create table if not exists u ()", ["1 mayBeMade: [1]"]),
            (
                "alter table t add column if not exists a int; alter table t add column if not exists b int",
                ["0 start: [0]", "1 mayBeChanged: [1]"]
            ),
            (
                "alter table t add column if not exists a int, add b int; alter table t add column if not exists b int",
                ["0 start: [0]", "1 mayBeMade: [1]"]
            ),
            (
                "alter table t add column if not exists a int; alter table t add column if not exists a int",
                ["0 start: [0]", "1 mayBeMade: [1]"]
            ),
        ] as [(String, [String])]
    )
    func stops(sql: String, expected: [String]) throws {
        #expect(try places(sql) == expected)
    }

    @Test("is decided before it where nothing of the script makes what it guards")
    func isDecidedBefore() throws {
        func isDecided(_ sql: String) throws -> Bool { GuardScan(try SQLScript(sql)).isDecidedBefore }
        #expect(
            try isDecided("create table if not exists t (); alter table t add a int; create table if not exists u ()")
        )
        #expect(try isDecided("select 1"))
        #expect(try !isDecided("do 'x'; create table if not exists t ()"))
        #expect(try !isDecided("create schema if not exists authorization joe"))
    }
}
