import CPgQuery
import SQLSyntax
import SourceText
import TestSupport
import Testing

@Suite("Whatever the text")
struct MutationTests {
    @Test("splitting ends, with ranges in their order or with a place in the text")
    func splitsAnything() {
        let texts = Fixture.all.map { Array($0.sql.utf8) }
        forAll(
            count: fuzzRounds(500, long: 300_000),
            generate: { Mutation.mutant(of: texts, using: &$0) },
            shrink: shorter,
            holds: isSplitSoundly
        )
    }

    @Test("the splitter agrees with the parser where the parser accepts it")
    func agreesWithParser() {
        let texts = Fixture.all.map { Array($0.sql.utf8) }
        forAll(
            count: fuzzRounds(500, long: 300_000),
            generate: { Mutation.mutant(of: texts, using: &$0) },
            shrink: shorter,
            holds: { text in
                // The parser reads up to a zero byte, and takes data of COPY for SQL.
                guard !text.contains(0), let count = countOfParser(text) else { return true }
                let script = try SQLScript(utf8: text)
                return script.statements.count == count || script.statements.contains { $0.copyData != nil }
            }
        )
    }

    @Test("parsing ends, and leaves nothing behind")
    func parsesAnything() throws {
        let texts = Fixture.all.map { Array($0.sql.utf8) }
        let longest = try #require(Fixture.all.map(\.sql).max { $0.utf8.count < $1.utf8.count })
        // Other tests of this process take memory too, now and then; a leak takes some in every round.
        var growth = Int.max
        for _ in 0..<3 {
            let before = try residentMemory()
            forAll(
                count: fuzzRounds(120, long: 20_000),
                generate: { Mutation.mutant(of: texts, using: &$0) },
                holds: isParsedSoundly
            )
            // A tree of this text takes some 200 kB: one in ten that is not freed would show.
            for _ in 0..<fuzzRounds(100, long: 4000) {
                _ = try SyntaxTree(longest).statements.map(\.node)
                _ = try SyntaxTree(longest + "; SELECT FROM WHERE").statements.map(\.refusal)
            }
            growth = min(growth, try residentMemory() - before)
        }
        #expect(growth < 4 << 20, "grew by \(growth >> 20) MiB in each round")
    }

    private func shorter(_ text: [UInt8]) -> [[UInt8]] {
        [64, 8, 1].flatMap { size in
            stride(from: 0, to: text.count, by: size).map { Array(text[..<$0] + text[min($0 + size, text.count)...]) }
        }
    }

    private func isSplitSoundly(_ text: [UInt8]) throws -> Bool {
        let script: SQLScript
        do {
            script = try SQLScript(utf8: text)
        } catch {
            return error.position != nil
        }
        var end = 0
        for statement in script.statements {
            guard statement.leadingComments.lowerBound >= end,
                statement.leadingComments.upperBound == statement.range.lowerBound,
                !statement.range.isEmpty
            else { return false }
            end = statement.copyData?.upperBound ?? statement.range.upperBound
            // Only at the beginning of a text is a byte order mark none of its words.
            guard !text[statement.range].starts(with: [0xEF, 0xBB, 0xBF]) else { continue }
            let alone = try SQLScript(utf8: Array(text[statement.range]))
            guard alone.statements.map(\.range) == [0..<statement.range.count] else { return false }
            _ = (statement.leadingWords, statement.transactionBehavior)
        }
        return end <= script.trailer.lowerBound && script.trailer.upperBound == text.count
            && script.comments().allSatisfy { $0.range.upperBound <= text.count }
    }

    private func isParsedSoundly(_ text: [UInt8]) throws -> Bool {
        guard let script = try? SQLScript(utf8: text) else { return true }  // that is the other test's business
        let tree = try SyntaxTree(script)
        for statement in tree.statements {
            guard statement.node != nil else {
                guard let refusal = statement.refusal, (refusal.offset ?? 0) <= text.count else { return false }
                continue
            }
            var isInside = true
            statement.forEachNode { node in
                guard let location = node.location else { return }
                isInside = isInside && statement.statement.range.contains(location)
            }
            guard isInside else { return false }
        }
        return tree.statements.count == script.statements.count
    }

    private func countOfParser(_ text: [UInt8]) -> Int? {
        let result = pg_query_split_with_parser((text + [0]).map { CChar(bitPattern: $0) })
        defer { pg_query_free_split_result(result) }
        return result.error == nil ? Int(result.n_stmts) : nil
    }
}
