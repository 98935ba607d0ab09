import TestSupport
import Testing

@testable import Linter

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The cases of other linters' tests, in a folder beside the project or one that `LASTRO_LINT_CORPUS` names: they are no
/// part of it.
@Suite("The cases of other linters")
struct CorpusTests {
    private struct Case: Decodable {
        struct Settings: Decodable { let assume_in_transaction: Bool? }
        let id: String
        let sql: String
        let history: Texts?
        let pg_version: Text?
        let settings: Settings?
        let expect: [String]
        let absent: [String]
        let contested: Contest?
    }

    /// A text or several.
    private struct Texts: Decodable {
        let values: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            values = try (try? container.decode([String].self)) ?? [container.decode(String.self)]
        }
    }

    /// A text, or a number as a text.
    private struct Text: Decodable {
        let value: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value = try (try? container.decode(String.self)) ?? String(container.decode(Int.self))
        }
    }

    /// Whether the sources disagree, or why.
    private struct Contest: Decodable {
        let isOne: Bool

        init(from decoder: any Decoder) throws {
            isOne = (try? decoder.singleValueContainer().decode(Bool.self)) ?? true
        }
    }

    private struct Disagreement: Decodable {
        let reason: String
        let cases: [String]
    }

    private static let project = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized

    /// How many of a hundred must agree, and how many of a hundred names may be declined.
    private static let (bound, declinedBound) = (97.0, 10.0)

    @Test("are judged alike, but for those that are listed with a reason")
    func agrees() async throws {
        let folder =
            ProcessInfo.processInfo.environment["LASTRO_LINT_CORPUS"].map { URL(filePath: $0) }
            ?? Self.project.appending(path: "../shared/corpora/lint").standardized
        guard let content = FileManager.default.contents(atPath: folder.appending(path: "cases.jsonl").path) else {
            print("no case of another linter was judged: LASTRO_LINT_CORPUS names no folder with a cases.jsonl")
            return
        }
        let names = try Self.names()
        let reasons = try Self.reasons()
        var counts: [String: (agree: Int, listed: Int, all: Int)] = [:]
        var declined = 0
        var unlisted: [String] = []
        let cases = try content.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Case.self, from: Data($0))
        }
        for example in cases where example.contested?.isOne != true {
            let wanted = try example.expect.map { try #require(names[$0], "\($0)") }.filter { !$0.isEmpty }
            let unwanted = try Set(example.absent.flatMap { try #require(names[$0], "\($0)") })
            guard !wanted.isEmpty || !unwanted.isEmpty else {
                declined += 1
                continue
            }
            let found = try await Self.rules(in: example)
            let agrees = wanted.allSatisfy { !$0.isDisjoint(with: found) } && unwanted.isDisjoint(with: found)
            let kind = wanted.isEmpty ? "must not fire" : "must fire"
            counts[kind, default: (0, 0, 0)].all += 1
            if agrees {
                counts[kind]?.agree += 1
                #expect(reasons[example.id] == nil, "\(example.id) agrees, and is listed")
            } else if let reason = reasons[example.id] {
                counts[kind]?.listed += 1
                print("\(example.id): \(reason)")
            } else {
                unlisted.append("\(example.id): found \(found.sorted())")
            }
        }
        for line in unlisted { print("disagrees: \(line)") }
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
            let share = 100 * Double(count.agree) / Double(count.all - count.listed)
            print("\(kind): \(count.agree) of \(count.all) agree, \(count.listed) are listed with the reason")
            #expect(share >= Self.bound, "\(kind)")
        }
        print("\(declined) of \(cases.count) declined")
        #expect(100 * Double(declined) / Double(cases.count) <= Self.declinedBound)
        let ids = Set(cases.map(\.id))
        for id in reasons.keys { #expect(ids.contains(id), "there is no case \(id)") }
    }

    /// Our names for those of other tools; none for a rule that is declined.
    private static func names() throws -> [String: Set<String>] {
        let data = try #require(
            FileManager.default.contents(atPath: project.appending(path: "fixtures/lint/rule-names.json").path)
        )
        let names = try JSONDecoder().decode([String: Texts?].self, from: data)
        for name in names.values.compactMap({ $0 }).flatMap(\.values) {
            #expect(Rule.named(name) != nil, "there is no rule \(name)")
        }
        return names.mapValues { Set($0?.values ?? []) }
    }

    private static func reasons() throws -> [String: String] {
        let data = try #require(
            FileManager.default.contents(atPath: project.appending(path: "fixtures/lint/disagreements.json").path)
        )
        let groups = try JSONDecoder().decode([Disagreement].self, from: data)
        return Dictionary(uniqueKeysWithValues: groups.flatMap { group in group.cases.map { ($0, group.reason) } })
    }

    /// The rules that a case breaks.
    private static func rules(in example: Case) async throws -> Set<String> {
        var options = LintOptions()
        options.asksEveryRule = true
        options.runner = example.settings?.assume_in_transaction == true ? .wrapping : .unknown
        if let major = example.pg_version.flatMap({ Int($0.value.prefix { $0 != "." }) }) {
            options.serverMajor = major
        }
        let texts = (example.history?.values ?? []) + [example.sql]
        let inputs = texts.enumerated().map { index, sql in
            LintInput(LintText(path: "\(index + 1)_x.sql", sql: sql), isJudged: index == texts.count - 1)
        }
        return Set(try await Linter(options: options).lint(inputs).findings.map(\.rule))
    }
}
