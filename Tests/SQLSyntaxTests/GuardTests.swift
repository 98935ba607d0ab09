import SQLSyntax
import Testing

@Suite("IF NOT EXISTS, read without parsing")
struct GuardTests {
    private func guards(_ sql: String) throws -> [StatementGuard] { try SQLScript(sql).statements[0].guards }

    @Test(
        "names what it guards",
        arguments: [
            ("create table if not exists T (a int)", .relation(QualifiedName(name: "t"))),
            (
                "CREATE /* IF */ UNLOGGED TABLE IF NOT -- x\n EXISTS a.\"B c\" ()",
                .relation(QualifiedName(schema: "a", name: "B c"))
            ),
            ("create foreign table if not exists f (a int) server s", .relation(QualifiedName(name: "f"))),
            ("create materialized view if not exists m as select 1", .relation(QualifiedName(name: "m"))),
            ("create sequence if not exists s", .relation(QualifiedName(name: "s"))),
            (
                "create unique index concurrently if not exists i on only a.t (b)",
                .index("i", on: QualifiedName(schema: "a", name: "t"))
            ),
            ("create index if not exists \"i\"\"\" on \"T\" (b)", .index("i\"", on: QualifiedName(name: "T"))),
            ("create schema if not exists s", .schema("s")),
            ("create schema if not exists authorization joe", .other),
            ("create extension if not exists \"uuid-ossp\" schema x", .extension("uuid-ossp")),
            ("create statistics if not exists s on a, b from t", .statistics(QualifiedName(name: "s"))),
            ("create collation if not exists c from \"C\"", .collation(QualifiedName(name: "c"))),
            ("create server if not exists s foreign data wrapper w", .server("s")),
            ("create user mapping if not exists for public server s", .userMapping("public", server: "s")),
            (
                "alter type a.mood add value if not exists 'it''s' before 'x'",
                .enumValue("it's", of: QualifiedName(schema: "a", name: "mood"))
            ),
            ("alter table if exists only t add column if not exists c int", .column("c", of: QualifiedName(name: "t"))),
            ("alter table t add if not exists \"C\" int", .column("C", of: QualifiedName(name: "t"))),
        ] as [(String, StatementGuard.Subject)]
    )
    func names(sql: String, subject: StatementGuard.Subject) throws {
        #expect(try guards(sql) == [StatementGuard(subject: subject, isTemporary: false)])
    }

    @Test("is found for each column, and of temporary tables")
    func findsAll() throws {
        let columns = try guards(
            "alter table t add column if not exists a int default (1), drop b, add if not exists c int"
        )
        #expect(columns.map(\.subject) == ["a", "c"].map { .column($0, of: QualifiedName(name: "t")) })
        #expect(try guards("create temp table if not exists t ()").first?.isTemporary == true)
    }

    @Test(
        "is not seen where there is none",
        arguments: [
            "create table t (a int)", "drop table if exists t", "select if not exists",
            "create table \"if not exists\" ()",
            "do $$ begin create table if not exists t (); end $$", "alter table if exists t add a int",
            "insert into t values ('create table if not exists')",
        ]
    )
    func findsNone(sql: String) throws {
        #expect(try guards(sql).isEmpty)
    }

    @Test("An element of a list ends at the comma or the parenthesis behind it")
    func readsElements() throws {
        let sql = "create table t (a numeric(1, 2) default f(1, 2), -- , \n b int[] check (b <> array[1,2]) )"
        let statement = try SQLScript(sql).statements[0]
        let offsets = ["a num", "b int"].compactMap { sql.firstRange(of: $0)?.lowerBound.utf16Offset(in: sql) }
        #expect(
            offsets.map(statement.element) == ["a numeric(1, 2) default f(1, 2)", "b int[] check (b <> array[1,2])"]
        )
        #expect(statement.element(at: 1000).isEmpty)
    }

    @Test(
        "A query stands behind AS, up to WITH DATA",
        arguments: [
            ("create table t as select 1 as a", " select 1 as a"),
            ("create materialized view m (a) with (x = 1) as (select 1) with no data", " (select 1) "),
            ("create materialized view m as table t with data", " table t "), ("create table t as execute p", nil),
            ("create table t (a int)", nil),
        ]
    )
    func findsQueries(sql: String, query: String?) throws {
        #expect(try SQLScript(sql).statements[0].queryBehindAs == query)
    }

    @Test("An outline says the same of the same words, and nothing of their places")
    func outlines() throws {
        func outline(_ sql: String) throws -> String? {
            try ParsedStatement(SQLScript(sql).statements[0]).syntax?.outline
        }
        #expect(try outline("select a,  1 + 2") == outline("SELECT  a, 1+2"))
        #expect(try outline("select a") != outline("select \"A\""))
        #expect(try outline("select 1") != outline("select '1'"))
        #expect(try outline("select a from t where b") != outline("select a from t group by b"))
        #expect(try outline("select a order by 1 desc") != outline("select a order by 1"))
    }
}
