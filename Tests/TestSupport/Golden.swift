public import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Compares a text with the file of that name in `Golden/` beside the calling test.
///
/// With `LASTRO_UPDATE_GOLDEN=1` in the environment the file is written instead, and the test fails once, so that
/// an update never passes for a check.
public func expectGolden(
    _ text: String,
    _ name: String,
    testFile: String = #filePath,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws {
    let file = URL(filePath: testFile).deletingLastPathComponent().appending(path: "Golden/\(name)")
    if ProcessInfo.processInfo.environment["LASTRO_UPDATE_GOLDEN"] == "1" {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
        Issue.record("wrote Golden/\(name); run again without LASTRO_UPDATE_GOLDEN", sourceLocation: sourceLocation)
        return
    }
    guard let expected = try? String(contentsOf: file, encoding: .utf8) else {  // absent: the test says how to make it
        Issue.record("no Golden/\(name); LASTRO_UPDATE_GOLDEN=1 writes it", sourceLocation: sourceLocation)
        return
    }
    #expect(text == expected, "differs from Golden/\(name)", sourceLocation: sourceLocation)
}
