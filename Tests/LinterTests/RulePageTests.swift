import Testing

@testable import Linter

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("The pages of the rules")
struct RulePageTests {
    private let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs").standardized

    @Test("are those of the rules")
    func areCurrent() throws {
        var expected = Rule.pages.map { ("rules/\($0.key)", $0.value) }
        expected.append(("rules.md", Rule.index))
        let folder = docs.appending(path: "rules")
        if ProcessInfo.processInfo.environment["LASTRO_UPDATE_GOLDEN"] == "1" {
            if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (name, text) in expected { try Data(text.utf8).write(to: docs.appending(path: name)) }
        }
        for (name, text) in expected {
            let content = FileManager.default.contents(atPath: docs.appending(path: name).path)
            #expect(content == Data(text.utf8), "docs/\(name) is not current: LASTRO_UPDATE_GOLDEN=1 writes it")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == Rule.all.count)
    }
}
