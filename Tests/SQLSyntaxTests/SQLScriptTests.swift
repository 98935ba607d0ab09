import CPgQuery
import SQLSyntax
import SourceText
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A script")
struct SQLScriptTests {
    @Test(
        "is split where statements end, and nowhere else",
        arguments: [
            ("select 1; select 2", ["select 1", "select 2"]), ("", []), (";;\n;", []), ("-- only words", []),
            ("select ';'; select \";\"", ["select ';'", "select \";\""]), ("select 'it''s;'", ["select 'it''s;'"]),
            (#"select E'\';'; select 'a\'; select 1"#, [#"select E'\';'"#, #"select 'a\'"#, "select 1"]),
            ("select $$;$$; select $a$ $$;$b$; $a$; x", ["select $$;$$", "select $a$ $$;$b$; $a$", "x"]),
            ("select a$b$; select $1;", ["select a$b$", "select $1"]), ("/* ; /* ; */ ; */ select 1", ["select 1"]),
            ("select 1 -- ; no\n; select 2", ["select 1", "select 2"]), ("select 1+--;\n2", ["select 1+--;\n2"]),
            (
                "create rule r as on insert to t do also (select 1; select 2); x",
                ["create rule r as on insert to t do also (select 1; select 2)", "x"]
            ),
            (
                "create function f() returns int begin atomic; select case when true then 1 end; select 2; end; x",
                ["create function f() returns int begin atomic; select case when true then 1 end; select 2; end", "x"]
            ),
            (
                "create or replace procedure p() begin atomic select 1 as end; end; x",
                ["create or replace procedure p() begin atomic select 1 as end; end", "x"]
            ),
            ("begin; select 1; end; x", ["begin", "select 1", "end", "x"]),
            (
                "create function begin() returns int language sql as 'select 1'; x",
                ["create function begin() returns int language sql as 'select 1'", "x"]
            ),
            (
                "select U&'\\0061;', U&\"d;\", n'x;', b'0', x'f'; y",
                ["select U&'\\0061;', U&\"d;\", n'x;', b'0', x'f'", "y"]
            ),
            ("\u{FEFF}select é; select 'é';", ["select é", "select 'é'"]),
            ("select 1;\r\nselect 2;\r\n", ["select 1", "select 2"]),
        ] as [(String, [String])]
    )
    func splits(text: String, expected: [String]) throws {
        let script = try SQLScript(text)
        #expect(script.statements.map(\.text) == expected)
        for statement in script.statements { #expect(Array(script.bytes[statement.range]) == Array(statement.bytes)) }
    }

    @Test("takes the data behind a COPY for what it is")
    func keepsCopyData() throws {
        let script = try SQLScript(
            "copy t (a) from stdin;\n1;\n'x\n\\.\nselect 1;\nCOPY u FROM STDIN WITH (format csv);\n\\.\ncopy v from stdin;\nlast"
        )
        #expect(
            script.statements.map(\.text) == [
                "copy t (a) from stdin", "select 1", "COPY u FROM STDIN WITH (format csv)", "copy v from stdin",
            ]
        )
        let data = script.statements.map { $0.copyData.map { String(decoding: script.bytes[$0], as: UTF8.self) } }
        #expect(data == ["1;\n'x\n", nil, "", "last"])
        #expect(try SQLScript("copy (select 1 from stdin) to stdout; x").statements.allSatisfy { $0.copyData == nil })
    }

    @Test(
        "says where something begins that does not end, or that only psql reads",
        arguments: [
            ("select 'open", "1:8"), ("select 1;\n  \"open", "2:3"), ("select 1 /* /* */", "1:10"),
            ("é $x$ $y$", "1:3"),
            ("select E'\\'", "1:9"), ("select (1; select 2", "1:8"),
            ("create function f() returns int begin atomic select 1;", "1:33"),
            ("select 1;\n\\i x.sql", "2:1"), ("select 1 \\gexec", "1:10"), ("select \0", "1:8"),
            ("\\restrict abc", "1:1"),
        ]
    )
    func refuses(text: String, place: String) {
        let error = #expect(throws: SQLSyntaxError.self) { try SQLScript(text) }
        #expect(error.map { "\($0.position)" } == place)
    }

    @Test("says in words what is wrong and what to do")
    func speaks() throws {
        let texts = ["select 'open", "\\i x.sql", "\\copy t from 'x'", "a\0b", "create function f() begin atomic"]
        let errors = texts.map { text in
            do { return "\(try SQLScript(text).statements.count)" } catch { return "\(error)" }
        }
        try expectGolden(errors.joined(separator: "\n") + "\n", "script-errors.txt")
    }

    @Test("has the first words of a statement at hand, and whether a word stands in it")
    func knowsWords() throws {
        let script = try SQLScript(
            "/* c */ Create -- x\n unique INDEX \"a\" on concurrently; select 'concurrently', \"concurrently\""
        )
        #expect(script.statements[0].leadingWords() == ["CREATE", "UNIQUE", "INDEX"])
        #expect(script.statements[0].contains(word: "CONCURRENTLY"))
        #expect(!script.statements[1].contains(word: "CONCURRENTLY"))
    }

    @Test("of two scripts behind each other has the statements of both")
    func concatenates() throws {
        let parts = try Corpus.statements()
        forAll(
            generate: { generator in
                (parts.randomElement(using: &generator) ?? "", parts.randomElement(using: &generator) ?? "")
            },
            holds: { first, second in
                let texts = { (sql: String) in try SQLScript(sql).statements.map(\.text) }
                return try texts(first + ";" + second) == texts(first) + texts(second)
            }
        )
    }

    @Test("has the statements that the server's own parser finds")
    func agreesWithTheParser() throws {
        for file in try Corpus.files() {
            let script = try SQLScript(file)
            #expect(script.statements.map(\.text) == Corpus.parserStatements(file))
        }
    }

    @Test("ends and keeps its ranges in order, whatever the text")
    func survivesMutations() throws {
        let files = try Corpus.files().map { Array($0.utf8) }
        let pieces = [
            "'", "\"", "$$", "$a$", "\\", "/*", "*/", "--", "(", ")", ";", "\n", "begin atomic", "end",
            "copy t from stdin;", "\0", "é",
        ]
        var generator = SeededGenerator(seed: testSeed)
        let count = ProcessInfo.processInfo.environment["LASTRO_FUZZ"] == "long" ? 200_000 : 2000
        for _ in 0..<count {
            let file = files.randomElement(using: &generator) ?? []
            let start = Int.random(in: 0...max(0, file.count - 1), using: &generator)
            var bytes = Array(file[start..<min(file.count, start + 600)])
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0...bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.insert(contentsOf: (pieces.randomElement(using: &generator) ?? "").utf8, at: place)
                case 1 where place < bytes.count: bytes.remove(at: place)
                default: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
                }
            }
            guard let script = try? SQLScript(utf8: bytes) else { continue }
            var end = 0
            for statement in script.statements {
                #expect(
                    statement.range.lowerBound >= end && statement.range.upperBound <= bytes.count
                        && !statement.range.isEmpty,
                    "repeat with LASTRO_SEED=\(testSeed)"
                )
                end = statement.copyData?.upperBound ?? statement.range.upperBound
                _ = statement.transactionBehaviour
            }
        }
    }
}

/// Real SQL to work on: the study platform's.
enum Corpus {
    static func files() throws -> [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "migrations").path)
        return try names.filter { $0.hasSuffix(".sql") }.sorted().map { name in
            try String(contentsOf: folder.appending(path: "migrations/\(name)"), encoding: .utf8)
        }
    }

    static func statements() throws -> [String] {
        try files().flatMap { try SQLScript($0).statements.map(\.text) }
    }

    /// The statements as libpg_query splits them.
    static func parserStatements(_ sql: String) -> [String] {
        let result = pg_query_split_with_parser(sql)
        defer { pg_query_free_split_result(result) }
        let bytes = Array(sql.utf8)
        return (0..<Int(result.n_stmts)).compactMap { index in
            guard let statement = result.stmts[index]?.pointee else { return nil }
            let start = Int(statement.stmt_location)
            let text = String(decoding: bytes[start..<start + Int(statement.stmt_len)], as: UTF8.self)
            // The parser counts comments before a statement to it.
            return (try? SQLScript(text).statements.first?.text) ?? nil
        }
    }
}
