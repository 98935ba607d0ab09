#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lends a folder with the given files to a closure, and removes it behind it.
public func withTemporaryFolder<Result>(
    _ files: [String: String] = [:],
    _ body: (TemporaryFolder) async throws -> Result
) async throws -> Result {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for (name, text) in files { try folder.write(text, to: name) }
    return try await body(folder)
}

/// A folder for one test.
public struct TemporaryFolder: Sendable {
    /// The folder's path.
    public let path: String

    fileprivate init() throws {
        let name = "lastro-test-" + UUID().uuidString.lowercased().prefix(13)
        path = FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file of text.
    public func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    /// Writes a file of bytes.
    public func write(_ bytes: [UInt8], to name: String) throws {
        let url = URL(filePath: file(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
    }

    /// Reads a file of text.
    public func read(_ name: String) throws -> String {
        try String(contentsOf: URL(filePath: file(name)), encoding: .utf8)
    }

    /// Takes a file out.
    public func delete(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

    /// The names in it, sorted.
    public var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    /// The names in a folder of it, sorted.
    public func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: file(folder)).sorted()
    }

    fileprivate func remove() {
        try? FileManager.default.removeItem(atPath: path)  // a test's rubbish does not fail the test
    }
}
