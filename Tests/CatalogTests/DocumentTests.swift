import Postgres
import TestSupport
import Testing

@testable import Catalog

@Suite("A catalog as a document")
struct DocumentTests {
    private static let catalog: Catalog = {
        let position = AttributeName(rawValue: "position")
        let type = AttributeName(rawValue: "type")
        func table(_ name: String, _ comment: String? = nil) -> CatalogObject {
            CatalogObject(
                ObjectIdentity(.table, schema: "app", name),
                attributes: [.owner: .text("owner")].merging(comment.map { [.comment: .text($0)] } ?? [:]) { $1 },
                dependencies: [ObjectIdentity(.schema, "app")]
            )
        }
        func column(_ table: String, _ number: Int, _ name: String, _ sql: String, null: Bool = false) -> CatalogObject
        {
            var attributes: [AttributeName: AttributeValue] = [position: .number(number), type: .text(sql)]
            if !null { attributes[.notNull] = .flag(true) }
            if number == 2 { attributes[.default] = .text("'a|b'::text") }
            return CatalogObject(ObjectIdentity(.column, schema: "app", parent: table, name), attributes: attributes)
        }
        func constraint(_ table: String, _ name: String, _ definition: String) -> CatalogObject {
            CatalogObject(
                ObjectIdentity(.constraint, schema: "app", parent: table, name),
                attributes: [.definition: .text(definition)]
            )
        }
        return Catalog(
            serverVersion: ServerVersion(number: 150018),
            objects: [
                CatalogObject(
                    ObjectIdentity(.schema, "app"),
                    attributes: [.comment: .text("What the *application* owns\nand uses"), .owner: .text("owner")]
                ),
                table("users", "People"), column("users", 1, "id", "bigint"), column("users", 2, "e <mail>", "text"),
                constraint("users", "users_pkey", "PRIMARY KEY (id)"),
                constraint("users", "users_mail", "UNIQUE (\"e <mail>\")"),
                table("Odd \"jobs"), column("Odd \"jobs", 1, "id", "bigint"),
                column("Odd \"jobs", 2, "user", "numeric(10,2)", null: true),
                constraint("Odd \"jobs", "jobs_pkey", "PRIMARY KEY (id)"),
                constraint(
                    "Odd \"jobs",
                    "jobs_user",
                    "FOREIGN KEY (\"user\") REFERENCES app.users(id) ON DELETE CASCADE"
                ),
                constraint("Odd \"jobs", "jobs_self", "FOREIGN KEY (id) REFERENCES app.\"Odd \"\"jobs\"(id)"),
                CatalogObject(
                    ObjectIdentity(.function, schema: "app", "f", signature: "integer"),
                    attributes: [.definition: .text("CREATE FUNCTION …\n```\n"), .untrackedBody: .flag(true)]
                ),
                CatalogObject(
                    ObjectIdentity(.enumeration, schema: "app", "mood"),
                    attributes: [.labels: .list(["it's", "a\"b\\c\nd\u{1}"])]
                ),
                CatalogObject(ObjectIdentity(.publication, "everything")),
            ],
            notModelled: ["2 large objects, with owners, privileges and comments"]
        )
    }()

    @Test("is a file that reads back the same")
    func isAFile() throws {
        let text = CatalogFile.text(of: Self.catalog)
        try expectGolden(text, "catalog.json")
        #expect(try CatalogFile.read(Array(text.utf8), name: "catalog.json") == Self.catalog)
    }

    @Test("is refused when it is no whole catalog file", arguments: ["", "[]", "{\"format\": 1}", "{\"format\": 99}"])
    func refusesOtherFiles(text: String) throws {
        let error = #expect(throws: CatalogError.self) { try CatalogFile.read(Array(text.utf8), name: "x.json") }
        #expect(error?.message.hasPrefix("x.json: ") == true)
    }

    @Test("is Markdown")
    func isMarkdown() throws {
        try expectGolden(MarkdownDocument(of: Self.catalog).text, "catalog.md")
    }

    @Test("is a diagram in three languages")
    func isADiagram() throws {
        let diagram = EntityDiagram(of: Self.catalog)
        try expectGolden(diagram.mermaid, "catalog.mmd")
        try expectGolden(diagram.dot, "catalog.dot")
        try expectGolden(diagram.svg, "catalog.svg")
    }

    @Test("is a diagram without any table too")
    func isAnEmptyDiagram() {
        let diagram = EntityDiagram(of: .empty(serverVersion: ServerVersion(number: 150018)))
        #expect(diagram.mermaid == "erDiagram\n")
        #expect(diagram.svg.hasSuffix("</svg>\n"))
    }

    @Test("has a fingerprint that any change of an object changes, and its server's version does not")
    func hasAFingerprint() {
        let catalog = Self.catalog
        #expect(
            Catalog(serverVersion: ServerVersion(number: 180000), objects: catalog.objects).fingerprint
                == catalog.fingerprint
        )
        for (index, object) in catalog.objects.enumerated() {
            var objects = catalog.objects
            objects[index] = CatalogObject(
                object.identity,
                attributes: object.attributes.merging([.owner: .text("another")]) { $1 },
                dependencies: object.dependencies
            )
            let changed = Catalog(serverVersion: catalog.serverVersion, objects: objects)
            #expect(changed.fingerprint != catalog.fingerprint)
        }
        #expect(catalog.schemaFingerprints.keys.sorted() == ["app"])
    }
}
