import Catalog
import Postgres
import Testing

@testable import SchemaDiff

@Suite("A list of what to ignore")
struct IgnoreListTests {
    private let catalog = Catalog(
        serverVersion: ServerVersion(number: 150_000),
        objects: [
            object(.table("keep"), ["owner": "app", "grants": .list(["=r/app", "report=r/app"])]),
            object(.table("legacy_a"), ["owner": "app"]), column("legacy_a", "x"),
            object(.view("watch"), ["owner": "monitoring"]),
            object(.function("f"), ["comment": "made (generated) by a tool"]),
        ]
    )

    private func names(_ list: String) throws -> [String] {
        try #require(IgnoreList(list)).applied(to: catalog).objects.map(\.identity.description)
    }

    @Test("leaves out objects by kind, name, owner and comment, with what belongs to them")
    func leavesOut() throws {
        #expect(try names("table:legacy_*") == ["function s.f()", "table s.keep", "view s.watch"])
        #expect(try names("name:s.legacy_?") == ["function s.f()", "table s.keep", "view s.watch"])
        #expect(try names("view:legacy_*").count == 5)
        #expect(try names("owner:monitoring, comment:*(generated)*").count == 3)
        #expect(try names("\n").count == 5)
    }

    @Test("leaves out attributes, and privileges by who has them")
    func reduces() throws {
        let list = try #require(IgnoreList("grantee:report, attribute:owner"))
        let table = try #require(list.applied(to: catalog)[.table("keep")])
        #expect(table.list(.grants) == ["=r/app"])
        #expect(table.text(.owner) == nil)
    }

    @Test("is refused where a pattern is none", arguments: ["legacy_*", "thing:x", "table:"])
    func refuses(text: String) {
        #expect(IgnoreList(text) == nil)
    }
}
