import SQLSyntax
import SourceText
import TestSupport
import Testing

@Suite("Splitting")
struct SplittingTests {
    @Test("ends a statement at a semicolon, and drops empty ones")
    func splitsAtSemicolons() throws {
        #expect(try statements(of: " SELECT 1 ;; \n;SELECT 2") == ["SELECT 1", "SELECT 2"])
        #expect(try statements(of: "").isEmpty)
        #expect(try statements(of: " ; -- nothing\n ; /* at all */").isEmpty)
    }

    @Test(
        "sees no semicolon in quotes, comments and parentheses",
        arguments: [
            "SELECT ';'", "SELECT 'a'';'", #"SELECT ";""#, #"SELECT E'\';'"#, "SELECT $$;$$", "SELECT $a$;$$;$a$",
            "SELECT 1 /* ; /* ; */ ; */ + 1", "SELECT 1 -- ;\n + 1",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
            "SELECT U&';'", #"SELECT U&";""#, "SELECT E'a'\n'\\';'", "SELECT E'a' -- b\n\n '\\';'", "SELECT 1 +/*;*/ 2",
            #"SELECT '\', ';'"#, #"SELECT U&'\', ';'"#, "SELECT $é$;$é$", "SELECT $1, $$;$$",
            "SELECT :var, :'a;b', x::text", "SELECT $a$ $ab$a$",
        ]
    )
    func ignoresQuotedSemicolons(sql: String) throws {
        #expect(try statements(of: "\(sql);\n\(sql) ; SELECT 1") == [sql, sql, "SELECT 1"])
    }

    @Test(
        "takes a dollar sign in a name for a part of the name",
        arguments: ["SELECT a$b$", "SELECT a$$", "SELECT é$x$", "SELECT _$x$", "SELECT $1", "SELECT a1$"]
    )
    func keepsDollarsInNames(sql: String) throws {
        #expect(try statements(of: "\(sql);\(sql)") == [sql, sql])
    }

    @Test(
        "keeps the body of an SQL function together",
        arguments: [
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END",
            "create or replace procedure p() begin atomic select 1; end",
            "CREATE FUNCTION f() BEGIN/* ; */ATOMIC SELECT 1 AS end; SELECT a.end; END",
            "CREATE FUNCTION f() RETURNS void BEGIN ATOMIC END",
            "CREATE FUNCTION f() BEGIN ATOMIC BEGIN SELECT 1; END; SELECT 2; END",
            "CREATE FUNCTION f() BEGIN ATOMIC BEGIN ATOMIC SELECT 1; END; SELECT 2; END",
            "CREATE FUNCTION f() BEGIN ATOMIC CREATE FUNCTION g() BEGIN ATOMIC SELECT 1; END; END",
            "CREATE FUNCTION f(begin atomic) RETURNS int LANGUAGE sql AS ''",
            "CREATE TABLE begin (atomic int)", "SELECT begin atomic FROM t", "BEGIN", "END",
        ]
    )
    func keepsBodies(sql: String) throws {
        #expect(try statements(of: "\(sql); \(sql);SELECT 1") == [sql, sql, "SELECT 1"])
    }

    @Test("gives the range from the first token to the last, and the comments before it")
    func givesRanges() throws {
        let script = try SQLScript("-- head\nSELECT 1 /* in */ + 2 -- tail\n ; /* next */ SELECT 3 /* last */")
        let first = try #require(script.statements.first)
        let last = try #require(script.statements.last)
        #expect(script.text(in: script.header) == "-- head\n")
        #expect(script.text(in: first.leadingComments) == "-- head\n")
        #expect(first.text == "SELECT 1 /* in */ + 2")
        #expect(first.isTerminated)
        #expect(script.text(in: last.leadingComments) == " /* next */ ")
        #expect(last.text == "SELECT 3")
        #expect(!last.isTerminated)
        #expect(script.text(in: script.trailer) == " /* last */")
        #expect(script.position(ofByte: last.range.lowerBound) == SourcePosition(line: 3, column: 15))
        #expect(script.comments().map(\.text) == ["head", "in", "tail", "next", "last"])
        #expect(script.comments(in: script.header).map(\.isLineComment) == [true])
    }

    @Test("skips a byte order mark")
    func skipsByteOrderMark() throws {
        let script = try SQLScript("\u{FEFF}SELECT 1")
        #expect(script.statements.map(\.leadingWords) == [["SELECT"]])
        #expect(script.statements.map(\.range) == [3..<11])
    }

    @Test("gives a file of comments alone as its header")
    func givesHeaderOfComments() throws {
        let script = try SQLScript("-- only\n")
        #expect(script.header == 0..<8)
        #expect(script.trailer == 0..<8)
    }

    @Test("reads the data of COPY FROM STDIN as data")
    func readsCopyData() throws {
        let script = try SQLScript(
            "COPY t (a, b) FROM stdin;\n1\tit's ; -- $$\n\\N\t\\.x\n\\.\n\n-- Name: x\nSELECT 1;"
        )
        #expect(script.statements.map(\.text) == ["COPY t (a, b) FROM stdin", "SELECT 1"])
        #expect(script.statements[0].copyData.map(script.text) == "1\tit's ; -- $$\n\\N\t\\.x\n")
        #expect(script.text(in: script.statements[1].leadingComments) == "\n-- Name: x\n")
        #expect(script.statements.map { $0.copyLines?.count } == [22, nil])
        #expect(script.comments().map(\.text) == ["Name: x"])
    }

    @Test(
        "knows which COPY has data behind it",
        arguments: [
            ("COPY t FROM STDIN WITH (FORMAT csv); -- now\na\r\n\\.\r\nSELECT 1", "a\r\n"),
            ("COPY t FROM STDIN;\n\\.\nSELECT 1", ""),
            ("COPY t FROM STDIN;\nno end\n", "no end\n"),
            ("COPY t FROM STDIN;", ""),
            ("COPY t FROM STDIN", nil),
            ("COPY t FROM 'file';\nSELECT 1", nil),
            ("COPY stdin FROM 'file';\nSELECT 1", nil),
            ("COPY (SELECT * FROM stdin) TO STDOUT;\nSELECT 1", nil),
            ("COPY t TO STDOUT;\nSELECT 1", nil),
            ("SELECT 1 FROM stdin;\nSELECT 1", nil),
        ]
    )
    func knowsCopyData(sql: String, data: String?) throws {
        let script = try SQLScript(sql)
        #expect(script.statements.first?.copyData.map(script.text) == data)
    }

    @Test(
        "offers the leading words in upper case",
        arguments: [
            (
                "create /* x */ Unique index concurrently foo on t",
                ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", "FOO", "ON"]
            ),
            ("CREATE TABLE \"t\" (a int)", ["CREATE", "TABLE"]), ("((select 1))", ["SELECT"]),
            ("insert into a.b", ["INSERT", "INTO", "A"]),
            ("'text'", []), ("CREATE TABLE ünit (a int)", ["CREATE", "TABLE", "üNIT"]),
        ]
    )
    func offersLeadingWords(sql: String, words: [String]) throws {
        #expect(try SQLScript(sql).statements.map(\.leadingWords) == [words])
    }

    @Test("finds words outside of quotes and comments")
    func findsWords() throws {
        let statement = try #require(
            try SQLScript("DROP INDEX /* cascade */ \"restrict\" concurrently").statements.first
        )
        #expect(statement.contains(anyOf: "CONCURRENTLY"))
        #expect(statement.contains(anyOf: "absent", "drop"))
        #expect(!statement.contains(anyOf: "CASCADE", "RESTRICT", "concurrent"))
        #expect(statement.begins(with: "drop", "INDEX"))
        #expect(!statement.begins(with: "DROP", "TABLE"))
    }

    @Test("goes without the two commands of psql around a dump, and keeps every other line in its place")
    func blanksDumpFrames() throws {
        let dump =
            "--\n-- a dump\n--\n\n\\restrict aWord\r\nSELECT 1;\nCOPY t FROM stdin;\n\\N\n\\.\n\\unrestrict aWord\n\n"
        let blanked = DumpFrame.blanked(Array(dump.utf8))
        #expect(try SQLScript(utf8: blanked).statements.map(\.text) == ["SELECT 1", "COPY t FROM stdin"])
        let expected = dump.replacing("\\restrict aWord", with: String(repeating: " ", count: 15))
            .replacing("\\unrestrict aWord", with: String(repeating: " ", count: 17))
        #expect(String(decoding: blanked, as: UTF8.self) == expected)
        for other in [
            "", "\n", "SELECT 1", "SELECT 1;\n\\restrict a\n\\unrestrict a\n", "\\restrict a\nSELECT 1;",
            "\\restrict a\nSELECT 1;\n\\unrestrict b\n", "\\i a\n\\restrict a\n\\unrestrict a",
        ] {
            #expect(DumpFrame.blanked(Array(other.utf8)) == Array(other.utf8))
        }
    }

    @Test(
        "says what is wrong, where, and what to do",
        arguments: [
            "SELECT 1;\nSELECT 'open; x''", "SELECT \"open", "SELECT 1,\n  $tag$ open $$ $TAG$", "SELECT E'\\'",
            "SELECT 1 /* a /* b */", "SELECT 1);", "SELECT (1;\nSELECT 2;", "SELECT 1;\0",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 END; SELECT 2;", "COPY t FROM STDIN; SELECT 1;",
            "SELECT 1;\n\\echo done", "\\restrict abc\nSELECT 1", "SELECT 1 \\gexec", "\\i other.sql", "\\", "\\\n",
            "\\.",
            "é \\d+ t", "SELECT 1 \\; SELECT 2", "\\copy t from x", "\\c db", "\\if x", "\\set a b", "U&'",
            "SELECT 1 \\é",
        ]
    )
    func explainsErrors(sql: String) throws {
        let error = #expect(throws: SQLSyntaxError.self) { try SQLScript(sql, file: "a.sql") }
        #expect(error?.position != nil)
    }

    @Test("words its errors as documented")
    func wordsErrors() throws {
        let texts = [
            "SELECT 1;\nSELECT 'open; x''", "SELECT \"open", "SELECT 1,\n  $tag$ open $$ $TAG$",
            "SELECT 1 /* a /* b */",
            "SELECT 1);", "SELECT (1;\nSELECT 2;", "SELECT 1;\0", "COPY t FROM STDIN; SELECT 1;",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 END; SELECT 2;",
            "SELECT 1;\n\\echo done", "\\restrict abc\nSELECT 1", "SELECT 1 \\gexec", "\\i other.sql", "\\", "\\.",
            "SELECT 'é' \\d+ t", "SELECT 1 \\; SELECT 2", "\\copy t from x", "\\c db", "\\if x", "\\set a b",
        ]
        let messages = texts.map { text in
            do throws(SQLSyntaxError) {
                _ = try SQLScript(text, file: "a.sql")
                return "no error\n"
            } catch {
                return "\(error)\n"
            }
        }
        try expectGolden(messages.joined(), "splitting-errors.txt")
    }
}
