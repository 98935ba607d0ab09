import Postgres
import SQLSyntax
import TestSupport
import Testing

@Suite("Names and constants")
struct IdentifierTests {
    @Test("are quoted as the server quotes them")
    func quotesLikeTheServer() async throws {
        var names = [
            "a", "A", "select", "name", "user", "timestamp", "between", "a b", "a\"b", "é", "1a", "_", "a$b", "", "\\",
            "'", "it's", "\\x'", "💡",
        ]
        var generator = SeededGenerator(seed: testSeed)
        let characters = Array("abAB01_ $\"'\\.é,;\n")
        for _ in 0..<300 {
            let count = Int.random(in: 1...12, using: &generator)
            names.append(String((0..<count).compactMap { _ in characters.randomElement(using: &generator) }))
        }
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                let expected = try await connection.query(
                    "SELECT quote_ident(name), quote_literal(name) FROM unnest($1::text[]) WITH ORDINALITY AS n (name, i) ORDER BY i",
                    names
                ).decode(as: (String, String).self)
                for (name, expected) in zip(names, expected) {
                    #expect(Identifier.quote(name) == expected.0)
                    #expect(Literal.quote(name) == expected.1.trimmingLeadingBlank)
                }
            }
        }
    }

    @Test("are folded and cut as the server does it")
    func foldsLikeTheServer() async throws {
        let names = [
            "Abc", "ÉA", String(repeating: "x", count: 70), String(repeating: "é", count: 40),
            "a" + String(repeating: "é", count: 40),
        ]
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                for name in names {
                    let column = try await connection.query("SELECT 1 AS \(name)").columns[0].name
                    #expect(Identifier.fold(name) == column)
                }
            }
        }
    }
}

extension String {
    /// `quote_literal` puts a blank before E'…' in old versions' form; the constant is the same.
    fileprivate var trimmingLeadingBlank: String { hasPrefix(" ") ? String(dropFirst()) : self }
}
