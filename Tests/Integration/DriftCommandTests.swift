import Postgres
import StudyPlatform
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("lastro drift")
struct DriftCommandTests {
    private static let files = [
        "m/0001_people.sql": "CREATE TABLE people (\n    id bigint PRIMARY KEY,\n    name text\n);\n",
        "m/0002_names.sql": "\nCREATE VIEW names AS SELECT name FROM people;\n",
    ]

    @Test("is silent over what the migrations made, and explains what they did not make")
    func journey() async throws {
        try await withProject(Self.files) { lastro, folder, url in
            _ = try await lastro("migrate")
            let none = try await lastro("drift")
            #expect(none.status == 0, "\(none.text)")
            #expect(none.output == "the database is what the applied migrations make\n")

            try await run("ALTER TABLE people ADD phone text; COMMENT ON VIEW names IS 'all of them'", on: url)
            let found = try await lastro("drift")
            #expect(found.status == 1, "\(found.text)")
            #expect(found.output.contains("+ column public.people.phone is there and should not be"))
            #expect(found.output.contains("no applied migration names it: it came by another hand"))
            #expect(found.output.contains("~ view public.names differs\n      comment: all of them → (none)"))
            #expect(found.output.contains("last defined at m/0002_names.sql:2:1, applied 20"))
            #expect(found.output.contains("by lastro; the history has no entry of what differs"))
            #expect(found.output.contains("ALTER TABLE public.people DROP COLUMN phone"))
            #expect(found.output.contains("ALTER TABLE public.people ADD COLUMN phone text"))

            let comments = try await lastro("drift", "--only", "comments", "--format", "github")
            #expect(comments.status == 1)
            #expect(
                comments.output.hasPrefix(
                    "::error file=m/0002_names.sql,line=2,col=1,title=Drift::view public.names: comment is all of them"
                ),
                "\(comments.output)"
            )
            let ignored = try await lastro("drift", "--ignore", "column:people.phone,attribute:comment")
            #expect(ignored.status == 1, "a name with a dot begins with the schema")
            let ignoredAll = try await lastro("drift", "--ignore", "column:public.people.phone,attribute:comment")
            #expect(ignoredAll.status == 0, "\(ignoredAll.text)")

            let written = try await lastro("drift", "--write", "adopt phone")
            #expect(written.status == 0, "\(written.text)")
            #expect(try folder.read("m/0003_adopt_phone.sql").contains("ADD COLUMN phone text"))
            _ = try await lastro("mark", "0003_adopt_phone", "--reason", "it is live")
            let after = try await lastro("drift")
            #expect(after.status == 0, "\(after.text)")
        }
    }

    @Test("prints one object of JSON, a suite of JUnit, Markdown and a page")
    func formats() async throws {
        try await withProject(Self.files) { lastro, _, url in
            _ = try await lastro("migrate")
            try await run("DROP VIEW names", on: url)
            let json = try await lastro("drift", "--format", "json")
            #expect(json.status == 1)
            let report = try JSONDecoder().decode(Printed.self, from: Data(json.output.utf8))
            let change = try #require(report.changes.first { $0.kind == "view" })
            #expect(change.object == "public.names")
            #expect(change.change == "create")
            #expect(change.statements.first?.sql.hasPrefix("CREATE VIEW public.names") == true)
            #expect(change.last_defined?.migration == "0002_names")
            #expect(change.last_defined?.line == 2)
            #expect(change.last_defined?.applied_by == "lastro")
            #expect(report.adopting.statements.map(\.sql) == ["DROP VIEW public.names"])

            let junit = try await lastro("drift", "--format", "junit")
            #expect(junit.output.contains("<testcase classname=\"drift\" name=\"view public.names\">"))
            let markdown = try await lastro("drift", "--format", "markdown")
            #expect(
                markdown.output.contains("| view `public.names` | is missing | last defined at m/0002_names.sql:2:1")
            )
            let page = try await lastro("drift", "--format", "html")
            #expect(page.output.contains("<span class=\"create\">missing</span> view <code>public.names</code>"))

            try await run("ALTER TABLE people RENAME COLUMN name TO title", on: url)
            let words = "column public.people.title may be what is wanted as name"
            for (format, begin) in [("github", "::notice title=Drift::"), ("junit", "<system-out>")] {
                let renamed = try await lastro("drift", "--format", format)
                #expect(renamed.output.contains("\(begin)\(words)"), "\(renamed.text)")
            }
        }
    }

    @Test("refuses what cannot be built again, and compares with a catalog file")
    func refusals() async throws {
        try await withProject(Self.files) { lastro, folder, url in
            _ = try await lastro("migrate")
            try folder.write(try await lastro("inspect", "--format", "json").output, to: "schema.json")
            try folder.write("CREATE TABLE people ();", to: "m/0001_people.sql")
            let changed = try await lastro("drift")
            #expect(changed.status == 1)
            #expect(changed.errors.contains("m/0001_people.sql:1:1: changed after it was applied"))
            let against = try await lastro("drift", "--against", "schema.json")
            #expect(against.status == 0, "\(against.text)")
            try await run("DROP VIEW names", on: url)
            let found = try await lastro("drift", "--against", "schema.json")
            #expect(found.status == 1)
            #expect(found.output.contains("- view public.names is missing"))
            let wrong = try await lastro("drift", "--only", "everything")
            #expect(wrong.status == 2)
        }
    }

    @Test("finds none in the study platform's migrations, and has them in its cache the second time")
    func studyPlatform() async throws {
        try await withProject([:]) { lastro, _, _ in
            _ = try await lastro("migrate", "--migrations", StudyPlatform.migrations)
            let first = try await lastro("drift", "--migrations", StudyPlatform.migrations)
            #expect(first.status == 0, "\(first.text)")
            let second = try await lastro("drift", "--migrations", StudyPlatform.migrations, "--format", "json")
            #expect(second.status == 0, "\(second.text)")
            #expect(second.output.contains("\"cached\":true"))
        }
    }
}

/// The part of the JSON that the tests look at.
private struct Printed: Decodable {
    let changes: [Change]
    let adopting: Adopting

    struct Adopting: Decodable {
        let statements: [Statement]
    }

    struct Change: Decodable {
        let kind: String
        let object: String
        let change: String
        let statements: [Statement]
        let last_defined: Definition?
    }

    struct Statement: Decodable {
        let sql: String
    }

    struct Definition: Decodable {
        let migration: String
        let line: Int
        let applied_by: String
    }
}
