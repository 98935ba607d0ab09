import Catalog
import Testing

@testable import SchemaDiff

@Suite("A plan's order")
struct PlannerTests {
    @Test("creates what is needed first, and a table with its columns")
    func createsInOrder() throws {
        let to = [
            table("t"), column("t", "a", needs: .enumeration("mood")), object(.enumeration("mood")),
            object(.view("a_view"), needs: .column("t", "a")),
            object(.constraint("t", "c"), needs: .column("t", "a"), .function("f")), object(.function("f")),
        ]
        #expect(
            try words(from: [], to: to) == [
                "create enum s.mood", "create function s.f()", "create table s.t (a)", "create view s.a_view",
                "create constraint s.t.c",
            ]
        )
    }

    @Test("drops what needs something before it, and children with what they belong to")
    func dropsInOrder() throws {
        let from = [
            table("t"), column("t", "a"), object(.index("t", "i"), needs: .column("t", "a")),
            object(.view("v"), needs: .column("t", "a")), object(.view("w"), needs: .view("v")),
        ]
        #expect(try words(from: from, to: []) == ["drop view s.w", "drop view s.v", "drop table s.t"])
    }

    @Test("says nothing of what is equal, and of columns in another order")
    func leavesEqual() throws {
        let from = [table("t"), column("t", "a", ["position": .number(1)])]
        let to = [table("t"), column("t", "a", ["position": .number(2)])]
        #expect(try words(from: from, to: to) == [])
    }

    @Test("rebuilds all that needs what is rebuilt, as far as it is wanted")
    func rebuildsDependants() throws {
        func objects(_ version: AttributeValue) -> [CatalogObject] {
            [
                object(.function("f"), ["rebuild": version]), table("t"), column("t", "a"),
                object(.view("v"), needs: .function("f")), object(.view("w"), needs: .view("v")),
                object(.trigger("t", "g"), needs: .function("f")),
            ]
        }
        let from = objects("1") + [object(.view("gone"), needs: .view("w"))]
        #expect(
            try words(from: from, to: objects("2")) == [
                "drop trigger s.t.g", "drop view s.gone", "drop view s.w", "drop view s.v", "drop function s.f()",
                "create function s.f()", "create view s.v", "create view s.w", "create trigger s.t.g",
            ]
        )
    }

    @Test("takes a default off a column while its function is rebuilt, and keeps the column")
    func keepsColumns() throws {
        func objects(_ version: AttributeValue) -> [CatalogObject] {
            [
                object(.function("f"), ["rebuild": version]), table("t"),
                column("t", "a", ["default": "s.f()", "type": "integer"], needs: .function("f")),
            ]
        }
        #expect(
            try words(from: objects("1"), to: objects("2")) == [
                "alter column s.t.a: default", "drop function s.f()", "create function s.f()",
                "alter column s.t.a: default",
            ]
        )
    }

    @Test("lifts a view off a column that is altered, and leaves the index to the server")
    func liftsDependants() throws {
        func objects(_ version: AttributeValue) -> [CatalogObject] {
            [
                table("t"), column("t", "a", ["lifts": version]), object(.index("t", "i"), needs: .column("t", "a")),
                object(.view("v"), needs: .column("t", "a")), object(.view("w"), needs: .view("v")),
            ]
        }
        #expect(
            try words(from: objects("1"), to: objects("2")) == [
                "drop view s.w", "drop view s.v", "alter column s.t.a: lifts", "create view s.v", "create view s.w",
            ]
        )
    }

    @Test("lifts what lies on the columns of an altered type, and an index that holds a value of it")
    func liftsBehindColumns() throws {
        func objects(_ version: AttributeValue) -> [CatalogObject] {
            [
                object(.enumeration("mood"), ["lifts": version]), table("t"),
                column("t", "a", ["type": "s.mood"], needs: .enumeration("mood")),
                object(.index("t", "plain"), needs: .column("t", "a")),
                object(.index("t", "partial"), needs: .column("t", "a"), .enumeration("mood")),
                object(.view("v"), needs: .column("t", "a")),
            ]
        }
        #expect(
            try words(from: objects("1"), to: objects("2")) == [
                "drop index s.t.partial", "drop view s.v", "alter enum s.mood: lifts", "create view s.v",
                "create index s.t.partial",
            ]
        )
    }

    @Test("lifts a foreign key only where both of its ends are altered")
    func liftsForeignKeys() throws {
        func objects(_ a: AttributeValue, _ b: AttributeValue) -> [CatalogObject] {
            [
                table("t"), column("t", "a", ["lifts": a]), table("u"), column("u", "b", ["lifts": b]),
                object(
                    .constraint("t", "fk"),
                    ["definition": "FOREIGN KEY (a) REFERENCES s.u(b)"],
                    needs: .column("t", "a"),
                    .column("u", "b")
                ),
            ]
        }
        #expect(try words(from: objects("1", "1"), to: objects("2", "1")) == ["alter column s.t.a: lifts"])
        #expect(
            try words(from: objects("1", "1"), to: objects("2", "2")) == [
                "drop constraint s.t.fk", "alter column s.t.a: lifts", "alter column s.u.b: lifts",
                "create constraint s.t.fk",
            ]
        )
    }

    @Test("alters an object before it drops what it no longer needs, and after it created what it needs now")
    func altersBetween() throws {
        let from = [object(.function("old")), object(.view("v"), ["definition": "1"], needs: .function("old"))]
        let to = [object(.function("new")), object(.view("v"), ["definition": "2"], needs: .function("new"))]
        #expect(
            try words(from: from, to: to) == [
                "create function s.new()", "alter view s.v: definition", "drop function s.old()",
            ]
        )
    }

    @Test("frees a name before another kind of object takes it")
    func freesNames() throws {
        let from = [table("name"), column("name", "a")]
        let to = [object(.view("name"))]
        #expect(try words(from: from, to: to) == ["drop table s.name", "create view s.name"])
        #expect(try words(from: to, to: from) == ["drop view s.name", "create table s.name (a)"])
        let key = object(.constraint("t", "k"), ["definition": "PRIMARY KEY (a)"], needs: .column("t", "a"))
        let index = object(.index("t", "k"), needs: .column("t", "a"))
        let base = [table("t"), column("t", "a")]
        #expect(try words(from: base + [index], to: base + [key]) == ["drop index s.t.k", "create constraint s.t.k"])
    }

    @Test("lets a column own its sequence after both are there")
    func createsSerials() throws {
        let to = [
            table("t"), column("t", "id", ["default": "nextval"], needs: .sequence("q")),
            object(.sequence("q"), ["owned_by": "id"], needs: .column("t", "id")),
        ]
        #expect(
            try words(from: [], to: to) == [
                "create sequence s.q", "create table s.t (id default nextval)", "alter sequence s.q: owned_by",
            ]
        )
        #expect(try words(from: to, to: []) == ["drop table s.t"])
    }

    @Test("takes the default off a serial column before its sequence goes and an identity takes the name")
    func turnsSerialsIntoIdentities() throws {
        let serial = [
            table("t"), column("t", "id", ["default": "nextval"], needs: .sequence("t_id_seq")),
            object(.sequence("t_id_seq"), ["owned_by": "id"], needs: .column("t", "id")),
        ]
        let identity = [table("t"), column("t", "id", ["identity": "always"])]
        #expect(
            try words(from: serial, to: identity) == [
                "alter column s.t.id: default", "drop sequence s.t_id_seq", "alter column s.t.id: identity",
            ]
        )
        #expect(
            try words(from: identity, to: serial) == [
                "alter column s.t.id: identity", "create sequence s.t_id_seq", "alter sequence s.t_id_seq: owned_by",
                "alter column s.t.id: default",
            ]
        )
    }

    @Test("opens the circle of a table and the function in its default")
    func opensDefaults() throws {
        let objects = [
            table("t"), column("t", "a", ["default": "s.f(NULL)", "type": "integer"], needs: .function("f", "s.t")),
            object(.function("f", "s.t"), needs: .table("t")),
        ]
        #expect(
            try words(from: [], to: objects) == [
                "create table s.t (a)", "create function s.f(s.t)", "alter column s.t.a: default",
            ]
        )
        #expect(
            try words(from: objects, to: []) == [
                "alter column s.t.a: default", "drop function s.f(s.t)", "drop table s.t",
            ]
        )
    }

    @Test("lets a foreign key part first where two tables hold each other")
    func opensForeignKeys() throws {
        let from = [
            table("a"), column("a", "x"), table("b"), column("b", "y"),
            object(.constraint("a", "k"), needs: .column("a", "x"), .column("b", "y")),
            object(.constraint("b", "l"), needs: .column("b", "y"), .column("a", "x")),
        ]
        #expect(
            try words(from: from, to: []) == [
                "drop constraint s.b.l", "drop constraint s.a.k", "drop table s.b", "drop table s.a",
            ]
        )
    }

    @Test("makes a view of nothing first where a function takes its rows and it calls the function")
    func opensViews() throws {
        let objects = [
            object(.view("v"), ["definition": "SELECT s.f(NULL)"], needs: .function("f", "s.v")),
            object(ObjectIdentity(.viewColumn, schema: "s", parent: "v", "a"), ["type": "integer"]),
            object(.function("f", "s.v"), needs: .view("v")),
        ]
        #expect(
            try words(from: [], to: objects) == [
                "create view s.v", "create function s.f(s.v)", "create view s.v",
                "create view column s.v.a",
            ]
        )
        #expect(
            try words(from: objects, to: []) == [
                "create view s.v", "drop function s.f(s.v)", "drop view s.v",
            ]
        )
    }

    @Test("is refused where a circle cannot be opened, and names it")
    func refusesCircles() throws {
        let to = [object(.view("v"), needs: .view("w")), object(.view("w"), needs: .view("v"))]
        let error = try #require(throws: SchemaDiffError.self) { try words(from: [], to: to) }
        #expect(error.code == .dependencyCycle)
        #expect(error.message.contains("create view s.v, create view s.w"))
    }

    @Test("is the same for the same catalogs")
    func isDeterministic() throws {
        let to =
            (0..<40).flatMap { number in
                [
                    table("t\(number)"), column("t\(number)", "a", needs: .function("f\(number % 7)")),
                    object(.view("v\(number)"), needs: .column("t\(number)", "a"), .table("t\((number + 3) % 40)")),
                ]
            } + (0..<7).map { object(.function("f\($0)")) }
        let first = try words(from: [], to: to)
        #expect(first.count == 87)
        #expect(try words(from: [], to: to.reversed()) == first)
    }
}

@Suite("An expression that the server printed")
struct ArrayCastTests {
    @Test("is written so that it is read back as the same")
    func keepsCasts() {
        let printed = "((a)::text = ANY ((ARRAY['x'::character varying, '])::text[]'::character varying])::text[]))"
        let written =
            "((a)::text = ANY ((ARRAY['x'::character varying, '])::text[]'::character varying]::character varying[])::text[]))"
        #expect(printed.withSettledArrayCasts == written)
        let restored =
            "((a)::text = ANY (ARRAY[('x'::character varying)::text, ('])::text[]'::character varying)::text]))"
        #expect(printed.withSpreadArrayCasts == restored)
        #expect(restored.withSpreadArrayCasts == restored)
    }

    @Test(
        "stays as it is without such a cast",
        arguments: [
            "(a = ANY (ARRAY[1, 2]))", "'(ARRAY[''x''::character varying])::text[]'::text", "(ARRAY[", "x",
            "((a)::text = ANY (ARRAY[('x'::character varying)::text]))",
        ]
    )
    func leavesOthers(text: String) {
        #expect(text.withSettledArrayCasts == text)
    }
}
