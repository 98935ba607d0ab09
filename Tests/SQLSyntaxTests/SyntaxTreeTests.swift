import CPgQuery
import SQLSyntax
import SourceText
import TestSupport
import Testing

@Suite("SyntaxTree: a script")
struct SyntaxTreeTests {
    @Test("is analysed around the statements that the grammar does not know")
    func leavesOthersAnalysed() throws {
        let script = try SQLScript(
            """
            CREATE TABLE a (b int); -- é
            COMMENT ON TABLE a IS 'é💡';
              MERGE INTO é USING u ON é.a = u.a WHEN NOT MATCHED BY SOURCE THEN DELETE;
            CREATE TABLE é ("né" int, c int GENERATED ALWAYS AS (a * 2) VIRTUAL);
            COPY t FROM STDIN;
            1;
            \\.
            DROP TABLE é; CREATE TABLE;
            """
        )
        let tree = SyntaxTree(of: script)
        #expect(tree.statements.map(\.statement.range) == script.statements.map(\.range))
        let refusals = tree.statements.map { statement -> String? in
            guard case .notAnalysed(let refusal) = statement.analysis else { return nil }
            #expect(tree.position(ofByte: refusal.offset) == refusal.position)
            return "\(refusal.position): \(refusal.reason)"
        }
        #expect(
            refusals == [
                nil, nil, "3:54: syntax error at or near \"BY\"", "4:61: syntax error at or near \"VIRTUAL\"", nil, nil,
                "8:27: syntax error at end of input",
            ]
        )
        #expect(text(script, refusalOf: tree.statements[2]) == "BY SOURCE THEN DELETE")
        guard case .drop(let drop) = tree.statements[5].node else { throw Mismatch() }
        #expect(drop.objects.map(\.name) == [QualifiedName("é")])
    }

    private func text(_ script: SQLScript, refusalOf statement: AnalysedStatement) -> String? {
        guard case .notAnalysed(let refusal) = statement.analysis else { return nil }
        return String(decoding: script.bytes[refusal.offset..<statement.statement.range.upperBound], as: UTF8.self)
    }

    @Test("is analysed the same whatever stands behind it")
    func doesNotDependOnTheOthers() throws {
        for file in try Corpus.files() {
            let alone = SyntaxTree(of: try SQLScript(file)).statements
            let followed = SyntaxTree(of: try SQLScript(file + ";\ncreate table;")).statements.dropLast()
            #expect(alone.map(\.analysis) == followed.map(\.analysis))
            #expect(alone.map(\.elements) == followed.map(\.elements))
        }
    }

    @Test("of the study platform is analysed to the last statement")
    func analysesStudyPlatform() throws {
        var count = 0
        for file in try Corpus.files() {
            for statement in SyntaxTree(of: try SQLScript(file)).statements {
                let node = try #require(statement.node, "\(statement.statement.text)")
                if case .other(let kind) = node { Issue.record("\(kind): \(statement.statement.text)") }
                count += 1
            }
        }
        #expect(count > 100)
    }

    @Test("that is empty, or has a mark at its beginning, is no special case")
    func knowsEdges() throws {
        #expect(SyntaxTree(of: try SQLScript("-- nothing\n")).statements.isEmpty)
        let tree = SyntaxTree(of: try SQLScript("\u{FEFF}select a from t; create table"))
        #expect(tree.statements[0].relations.map(\.offset) == [17])
        let nul = SyntaxTree(of: try SQLScript("select 'a\0b'; select 2"))
        #expect(nul.statements.map { $0.node == nil } == [true, false])
    }

    @Test("has its names folded and cut as the server does it")
    func foldsNames() throws {
        let long = String(repeating: "é", count: 40)
        for name in ["Abc", "\"Abc\"", "ÉA", long, "\"\(long)\"", "u&\"\\00e9\""] {
            let relation = try #require(try analysed("table \(name)").relations.first)
            let isQuoted = name.contains("\"")
            let plain = name.replacing("\"", with: "")
            let expected = name.hasPrefix("u&") ? "é" : isQuoted ? Identifier.truncate(plain) : Identifier.fold(name)
            #expect(relation.name.name == expected)
        }
    }

    @Test("is analysed the same by eight tasks at once")
    func isSafeAcrossTasks() async throws {
        let scripts = try Corpus.files().map { try SQLScript($0 + "; create table; select 1") }
        let expected = scripts.map { SyntaxTree(of: $0).statements.map(\.analysis) }
        let shared = scripts.map { SyntaxTree(of: $0) }
        let elements = shared.map { $0.statements.map(\.elements) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<5).allSatisfy { _ in
                        scripts.map { SyntaxTree(of: $0).statements.map(\.analysis) } == expected
                            && shared.map { $0.statements.map(\.elements) } == elements
                    }
                }
            }
            for await isSame in group { #expect(isSame) }
        }
    }

    @Test("has kinds in the order of the parser's numbers")
    func agreesOnNumbers() {
        #expect(names(pg_query__object_type__descriptor).count == ObjectKind.allCases.count)
        #expect(names(pg_query__object_type__descriptor)[41] == "OBJECT_TABLE" && ObjectKind.allCases[41] == .table)
        let commands = AlterTableStatement.Command.Kind.allCases.map(\.rawValue)
        #expect(names(pg_query__alter_table_type__descriptor) == commands)
        #expect(names(pg_query__transaction_stmt_kind__descriptor).count == TransactionStatement.Kind.allCases.count)
    }

    /// The names of a set of numbers, without the one that stands for none.
    private func names(_ descriptor: ProtobufCEnumDescriptor) -> [String] {
        UnsafeBufferPointer(start: descriptor.values, count: Int(descriptor.n_values)).dropFirst()
            .map { String(cString: $0.name) }
    }
}
