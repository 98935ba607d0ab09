import SQLSyntax
import Testing

@Suite("SyntaxTree: what a statement names")
struct SyntaxTreeWalkTests {
    @Test(
        "are its relations, and not its common table expressions",
        arguments: [
            ("select 1", ""), ("select * from a, s.b x join c using (d)", "a s.b c"),
            ("with a as (select * from b) select * from a", "b"), ("with a as (select * from a) select * from a", "a"),
            ("with recursive a as (select * from a) select * from a", ""),
            ("with a as (select * from b), b as (select * from a) select * from a, b, c", "b c"),
            (
                "with a as (select 1) select * from s.a, (with c as (select * from a) select * from c, d) e, c",
                "s.a d c"
            ),
            ("with x as (delete from a returning *) insert into b select * from x", "a b"),
            (
                "with x as (select 1) update a set b = (select 1 from x, c) from x where exists (select 1 from d)",
                "a c d"
            ),
            ("with x as (select 1) merge into a using x on true when matched then delete", "a"),
            ("select 1 from a union (with b as (select 1) select 1 from b) except select 1 from b", "a b"),
            ("create view v as select * from a", "v a"),
            ("create table t (a int references u, like w) inherits (p)", "t u w p"),
            ("create function f() returns int begin atomic select 1 from a; insert into b values (1); end", "a b"),
            ("create rule r as on insert to a do also (delete from b; select 1 from c)", "a b c"),
            ("drop table a, s.b", "a s.b"), ("drop trigger g on s.t", "s.t"), ("drop function a", ""),
            ("drop index i", "i"),
            ("comment on column s.t.c is 'x'", "s.t"), ("comment on policy p on t is 'x'", "t"),
            ("truncate a, b", "a b"), ("lock a", "a"), ("copy (select 1 from a) to stdout", "a"),
            ("vacuum a, b", "a b"),
            ("grant select on a to b", "a"), ("explain select 1 from a", "a"), ("prepare q as table a", "a"),
            ("alter table a attach partition b default", "a b"), ("do $$ select 1 from a $$", ""),
            ("create policy p on a using (exists (select 1 from b))", "a b"), ("select 1 into a from b", "a b"),
            ("create materialized view m as with a as (select 1) select * from a", "m"),
            ("select 1 from a for update of a", "a a"),
        ]
    )
    func findsRelations(sql: String, expected: String) throws {
        let names = try analysed(sql).relations.map { "\($0.name)" }
        #expect(names.sorted() == expected.split(separator: " ").map(String.init).sorted())
    }

    @Test("stands where it says, also behind other characters and statements")
    func knowsPlaces() throws {
        let script = try SQLScript(
            "select 'é💡';\nselect lower(t.née), count(*), cast(x as s.\"T\"), (select 1 from \"Ü\".u), now() at time zone 'UTC'\nfrom t where d = any (select current_date)"
        )
        let statement = SyntaxTree(of: script).statements[1]
        var found: [String] = []
        statement.forEachElement { element in
            func line(_ what: String, _ name: String, _ offset: Int?) -> String {
                let behind =
                    offset.map { String(decoding: script.bytes[$0...].prefix(name.utf8.count), as: UTF8.self) } ?? "-"
                return "\(what) \(name) \(behind)"
            }
            switch element {
            case .relation(let relation): found.append(line("relation", "\(relation.name)", relation.offset))
            case .function(let function): found.append(line("function", function.name.name, function.offset))
            case .column(let column): found.append(line("column", column.parts.joined(separator: "."), column.offset))
            case .type(let type): found.append(line("type", type.text, type.offset))
            case .subquery(let offset): found.append(line("subquery", "(select", offset))
            case .statement: found.append("statement")
            }
        }
        #expect(
            found.sorted() == [
                "column d d", "column t.née t.née", "column x x", "function count count",
                "function current_date current_date",
                "function lower lower", "function now now", "function timezone at time ", "relation \"Ü\".u \"Ü\".u",
                "relation t t",
                "subquery (select (select", "subquery (select = any (", "type s.\"T\" s.\"T\"",
            ]
        )
    }

    @Test("are also the statements inside of it")
    func findsInnerStatements() throws {
        let sql =
            "with a as (insert into t values (1) on conflict do nothing returning *), b as (delete from u returning *) select * from a, b"
        let inner = try analysed(sql).elements.compactMap { if case .statement(let node) = $0 { node } else { nil } }
        #expect(inner.count == 2)
        guard case .insert(let insert) = inner.first, case .delete(let delete) = inner.last else { throw Mismatch() }
        #expect(insert.onConflict == .doNothing && !delete.hasWhere)
        let explained = try analysed("explain analyze delete from t").elements
        #expect(explained.contains { if case .statement(.delete) = $0 { true } else { false } })
    }
}
