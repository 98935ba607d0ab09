import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Pairs of schemas from other projects' tests, in a folder that `LASTRO_DIFF_CORPUS` names: it is no part of this one.
@Suite("A corpus of pairs of schemas", .serialized)
struct CorpusTests {
    private struct Pair: Decodable {
        let id: String
        let setup_sql: String
        let old_sql: String
        let new_sql: String
    }

    /// How many of a hundred must converge.
    private static let bound = 99.0

    @Test("converges in both directions", arguments: [false, true])
    func converges(takesRenames: Bool) async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let folder = environment["LASTRO_DIFF_CORPUS"] else {
            print("LASTRO_DIFF_CORPUS is not set: no corpus of schemas was compared")
            return
        }
        let content = try #require(FileManager.default.contents(atPath: folder + "/cases.jsonl"))
        var pairs = try content.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Pair.self, from: $0)
        }
        if let only = environment["LASTRO_DIFF_CASE"] {
            let names = only.split(separator: ",")
            pairs = pairs.filter { pair in names.contains { pair.id.contains($0) } }
        } else if let slice = environment["LASTRO_DIFF_SLICE"] {
            // "2/6": the second of six parts.
            let numbers = slice.split(separator: "/").compactMap { Int($0) }
            try #require(numbers.count == 2 && 1...numbers[1] ~= numbers[0])
            pairs = stride(from: numbers[0] - 1, to: pairs.count, by: numbers[1]).map { pairs[$0] }
        } else if !isLongTest {
            // Every so many, so that each source has its share.
            pairs = stride(from: 0, to: pairs.count, by: 25).map { pairs[$0] }
        }
        let server = try await ConvergenceServer()
        let outcomes = try await withThrowingTaskGroup(of: (String, Convergence.Outcome).self) { group in
            var waiting = pairs.makeIterator()
            func start(_ group: inout ThrowingTaskGroup<(String, Convergence.Outcome), any Error>) {
                guard let pair = waiting.next() else { return }
                group.addTask {
                    let pairing = Convergence(
                        setup: pair.setup_sql,
                        old: pair.old_sql,
                        new: pair.new_sql,
                        takesRenames: takesRenames
                    )
                    return (pair.id, try await pairing.check(on: server))
                }
            }
            for _ in 0..<3 { start(&group) }
            var outcomes: [String: Convergence.Outcome] = [:]
            while let (id, outcome) = try await group.next() {
                outcomes[id] = outcome
                start(&group)
            }
            return outcomes
        }
        var counted = 0
        var held = 0
        for (id, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
            switch outcome {
            case .alike: break
            case .doesNotLoad(let why): print("does not load: \(id): \(why)")
            case .converges:
                counted += 1
                held += 1
            case .fails(let why):
                counted += 1
                print("does not converge: \(id): \(why)")
            }
        }
        print(
            "\(held) of \(counted) pairs \(takesRenames ? "with renames " : "")converge in both directions (\(outcomes.count) were looked at)"
        )
        #expect(Double(held) >= Self.bound / 100 * Double(counted))
        #expect(counted > 0 || takesRenames)
    }
}
