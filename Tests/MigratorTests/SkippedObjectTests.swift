import Postgres
import TestSupport
import Testing

@testable import Migrator

@Suite("An object that was there before its IF NOT EXISTS")
struct SkippedObjectTests {
    private static let table = "create table t (a int, b text, c timestamptz); create table u (a int); "

    @Test(
        "that is an index fails the migration where it is not as declared",
        arguments: [
            SkipCase(
                table + "create index i on u (a)",
                "create index if not exists i on t (a)",
                differs: ["of public.u"]
            ),
            SkipCase(
                table + "create index i on t (a)",
                "create index if not exists i on t (a, b)",
                differs: ["it is on (a), declared on (a, b)"],
                remedy: "DROP INDEX public.i;"
            ),
            SkipCase(
                table + "create index i on t (b, a)",
                "create index if not exists i on t (a, b)",
                differs: ["it is on"]
            ),
            SkipCase(
                table + "create index i on t (a)",
                "create unique index if not exists i on t (a)",
                differs: ["UNIQUE"]
            ),
            SkipCase(
                table + "create unique index i on t (a)",
                "create index if not exists i on t (a)",
                differs: ["it is UNIQUE, declared without"]
            ),
            SkipCase(
                table + "create index i on t (a)",
                "create index if not exists i on t (a) where a > 0",
                differs: ["it has no WHERE"]
            ),
            SkipCase(
                table + "create index i on t (a) where a > 1",
                "create index if not exists i on t (a) where a > 0",
                differs: ["its WHERE is (a > 1), declared a > 0"]
            ),
            SkipCase(
                table + "create index i on t (a) where a > 1",
                "create index if not exists i on t (a)",
                differs: ["it is partial"]
            ),
            SkipCase(
                table + "create index i on t (a)",
                "create index if not exists i on t (a desc)",
                differs: ["a is in ascending order"]
            ),
            SkipCase(
                table + "create index i on t (a)",
                "create index if not exists i on t (a nulls first)",
                differs: ["the nulls of a come last"]
            ),
            SkipCase(
                table + "create index i on t (lower(b))",
                "create index if not exists i on t (upper(b))",
                differs: ["its expression is lower(b)"]
            ),
            SkipCase(
                table + "create index i on t (b)",
                "create index if not exists i on t (b text_pattern_ops)",
                differs: ["the operator class of b is text_ops"]
            ),
            SkipCase(
                table + "create index i on t (b collate \"C\")",
                "create index if not exists i on t (b)",
                differs: ["the collation of b"]
            ),
            SkipCase(
                table + "create index i on t (a)",
                "create index if not exists i on t using hash (a)",
                differs: ["btree"]
            ),
            SkipCase(
                table + "create index i on t (a) include (c)",
                "create index if not exists i on t (a) include (b)",
                differs: ["it includes (c), declared (b)"]
            ),
            SkipCase(
                table + "create view i as select 1",
                "create index if not exists i on t (a)",
                differs: ["it is a view"]
            ),
        ]
    )
    func failsForIndexes(skip: SkipCase) async throws {
        try await expect(skip)
    }

    @Test("that is an index fails the migration where a cut build has left it invalid")
    func failsForInvalidIndexes() async throws {
        try await withStage(["0001_x.sql": "create index if not exists i on t (a)"]) { stage in
            try await stage.run("create table t (a int); insert into t values (1), (1)")
            await #expect(throws: PostgresError.self) {
                try await stage.run("create unique index concurrently i on t (a)")
            }
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .skippedStatement)
            #expect(error.message.contains("it is invalid: its build did not come to its end"), "\(error)")
            #expect(error.message.contains("it is UNIQUE, declared without"))
            #expect(error.next.contains("REINDEX INDEX public.i;"))
        }
    }

    @Test(
        "of another kind fails the migration where it is not as declared",
        arguments: [
            SkipCase(
                "create table s ()",
                "create sequence if not exists s",
                differs: ["it is a table, not a sequence"]
            ),
            SkipCase(
                "create sequence s as int increment 2 maxvalue 9 no cycle",
                "create sequence if not exists s as bigint increment 3 maxvalue 8 cache 5 start 4 cycle",
                differs: [
                    "is AS integer", "INCREMENT BY 2", "MAXVALUE 9", "CACHE 1", "START WITH 1", "does not cycle",
                ],
                remedy: "ALTER SEQUENCE public.s INCREMENT BY 3;"
            ),
            SkipCase(
                table + "create sequence s owned by t.a",
                "create sequence if not exists s owned by u.a",
                differs: ["is not owned by u.a"]
            ),
            SkipCase(
                table,
                "alter table t add column if not exists a bigint not null, add column if not exists d int",
                differs: ["column a is integer, declared bigint", "column a may be null"]
            ),
            SkipCase(
                table + "create table r (id int primary key)",
                "alter table t add column if not exists a int references r (id)",
                differs: ["it lacks FOREIGN KEY (a) REFERENCES r (id)"]
            ),
            SkipCase(
                "create type e as enum ('a', 'b', 'c')",
                "alter type e add value if not exists 'c' before 'a'",
                differs: ["it does not stand before 'a': the values are a, b, c"]
            ),
            SkipCase(
                "create materialized view m as select 1 as a",
                "create materialized view if not exists m as select 2 as a",
                differs: ["its query is another one"]
            ),
            SkipCase(
                "create table m (a int)",
                "create materialized view if not exists m as select 2 as a",
                differs: ["it is a table, not a materialized view"]
            ),
            SkipCase(
                table + "create statistics st (dependencies) on a, b from t",
                "create statistics if not exists st (ndistinct) on a, c from t",
                differs: ["they are of other kinds", "they are about other columns"]
            ),
            SkipCase(
                "select 1",
                "create schema if not exists public authorization current_user",
                differs: ["its owner is pg_database_owner, declared lastro"],
                remedy: "ALTER SCHEMA public OWNER TO lastro;"
            ),
        ]
    )
    func fails(skip: SkipCase) async throws {
        try await expect(skip)
    }

    @Test(
        "is well where it is as declared",
        arguments: [
            SkipCase(
                table + """
                    create unique index i on t (a desc, lower(b)) include (c) where a > 0 and b in ('x', 'y');
                    create index j on t using hash (b text_pattern_ops); create index k on t (b collate "C" nulls first)
                    """,
                """
                create unique index if not exists i on t (a desc, lower(b)) include (c) where a > 0 and b in ('x', 'y');
                create index if not exists j on t using hash (b text_pattern_ops);
                create index if not exists k on public.t (b collate "C" nulls first)
                """
            ),
            SkipCase(
                table + "create sequence s as int start 5 owned by t.a",
                "create sequence if not exists s start with 5 as integer owned by t.a; create sequence if not exists s"
            ),
            SkipCase(table, "alter table t add column if not exists a int, add if not exists b text"),
            SkipCase(
                "create type e as enum ('a', 'b', 'c')",
                "alter type e add value if not exists 'b' before 'c'; alter type e add value if not exists 'c' after 'a'"
            ),
            SkipCase(
                table + "create materialized view m as select a, lower(b) as b from t where b in ('x', 'y') order by a",
                """
                create materialized view if not exists m as
                    select t.a, lower(t.b) as b from public.t where t.b in ('x', 'y') order by 1 with no data
                """
            ),
            SkipCase(
                table + "create statistics st on a, b from t",
                "create statistics if not exists st on b, a from public.t"
            ),
            SkipCase("create schema x", "create schema if not exists x; create schema if not exists public"),
            SkipCase(
                "create collation c from \"C\"",
                "create collation if not exists c from \"C\"",
                notCompared: ["the attributes of a collation"]
            ),
        ]
    )
    func isWell(skip: SkipCase) async throws {
        try await expect(skip)
    }
}
