import SQLSyntax
import TestSupport
import Testing

@Suite("A name")
struct IdentifierTests {
    @Test(
        "is quoted only where it must be",
        arguments: [
            ("users", "users"), ("_a1", "_a1"), ("Users", "\"Users\""), ("1a", "\"1a\""), ("a b", "\"a b\""),
            ("", "\"\""),
            ("a\"b", "\"a\"\"b\""), ("select", "\"select\""), ("user", "\"user\""), ("between", "\"between\""),
            ("left", "\"left\""), ("name", "name"), ("begin", "begin"), ("größe", "\"größe\""), ("a$", "\"a$\""),
        ]
    )
    func quotes(name: String, quoted: String) {
        #expect(Identifier.quote(name) == quoted)
    }

    @Test("without quotes is folded and cut at a character's end")
    func folds() {
        #expect(Identifier.fold("UsersÄ") == "usersÄ")
        #expect(Identifier.fold(String(repeating: "A", count: 70)) == String(repeating: "a", count: 63))
        #expect(Identifier.truncate(String(repeating: "é", count: 40)) == String(repeating: "é", count: 31))
    }

    @Test(
        "of several parts is read as parse_ident reads it",
        arguments: [
            ("a", ["a"]), ("a.\"B c\".D", ["a", "B c", "d"]), (" a . b ", ["a", "b"]), ("\"a\"\"b.c\"", ["a\"b.c"]),
            ("É.x$1", ["É", "x$1"]),
        ]
    )
    func parses(name: String, parts: [String]) throws {
        #expect(try Identifier.parse(name) == parts)
    }

    @Test("that is none is refused with the place of the fault")
    func refusesNoNames() throws {
        let messages = ["", "a.", ".a", "a..b", "\"a", "\"\"", "a b", "1a", "a.b\"", "a;", "a.\n  1"].map { name in
            do throws(SQLSyntaxError) {
                return "\(try Identifier.parse(name))\n"
            } catch {
                return "\(error)\n"
            }
        }
        try expectGolden(messages.joined(), "name-errors.txt")
        #expect(throws: SQLSyntaxError.self) { try QualifiedName(parsing: "a.b.c.d") }
    }

    @Test("is printed so that it reads the same again")
    func printsAndReads() throws {
        #expect("\(try QualifiedName(parsing: "db.App.\"Users\""))" == "app.\"Users\"")
        forAll(
            count: fuzzRounds(300, long: 20_000),
            generate: { QualifiedName(schema: Bool.random(using: &$0) ? nil : randomName(&$0), name: randomName(&$0)) },
            holds: { name in try QualifiedName(parsing: "\(name)") == name }
        )
    }

    @Test("and a text constant are quoted and read as the server does it")
    func agreesWithServer() throws {
        var generator = SeededGenerator(seed: testSeed)
        let keywords = try SingleUserServer.with { server in try server.lines(of: "SELECT word FROM pg_get_keywords()")
        }
        let names =
            keywords + (0..<fuzzRounds(500, long: 20_000)).map { _ in randomName(&generator, maximumLength: 12) }
        let texts = names.indices.map { _ in randomText(&generator) }
        let answers = try SingleUserServer.with { server in
            try server.lines(
                of: """
                    SELECT quote_ident(name) || E'\\n' || quote_literal(text) || E'\\n' || (try_parse_ident(text))::text
                    FROM input ORDER BY id
                    """,
                after: [
                    """
                    CREATE FUNCTION try_parse_ident(text) RETURNS text LANGUAGE plpgsql AS $f$
                    BEGIN RETURN array_to_string(parse_ident($1), chr(1)); EXCEPTION WHEN OTHERS THEN RETURN '-'; END $f$
                    """,
                    "CREATE TABLE input (id int GENERATED ALWAYS AS IDENTITY, name text, text text)",
                ]
                    + zip(names, texts).map {
                        "INSERT INTO input (name, text) VALUES (\(StringLiteral.quote($0)), \(StringLiteral.quote($1)))"
                    }
            )
        }
        try #require(answers.count == names.count)
        for (answer, (name, text)) in zip(answers, zip(names, texts)) {
            let parts = (try? Identifier.parse(text))?.joined(separator: "\u{1}") ?? "-"  // refused, as by the server
            let ours = [Identifier.quote(name), StringLiteral.quote(text), parts].joined(separator: "\n")
            #expect(ours == answer, "repeat with LASTRO_SEED=\(testSeed)")
        }
    }
}

/// A name of characters that matter to quoting.
private func randomName(_ generator: inout SeededGenerator, maximumLength: Int = 8) -> String {
    let letters = Array("aabz_019$AZ\"'. é🙂-\\;")
    let length = Int.random(in: 1...maximumLength, using: &generator)
    return String((0..<length).map { _ in letters.randomElement(using: &generator) ?? "a" })
}

/// A text that is a qualified name more often than chance would have it.
private func randomText(_ generator: inout SeededGenerator) -> String {
    let pieces = ["a", "B", "\"", "\"\"", ".", " ", "é", "1", "_", "$", "'", "\\", "\"c d\"", "Users", "\t"]
    return (0..<Int.random(in: 0...6, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
        .joined()
}
