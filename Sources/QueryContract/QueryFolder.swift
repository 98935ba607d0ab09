import SQLSyntax
import SourceText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The queries of a folder.
public struct QueryFolder: Sendable {
    /// The queries, in the order of their files and of their places.
    public let queries: [Query]

    /// Reads the files of a folder, and of the folders in it, whose names end in `.sql`.
    ///
    /// - Throws: ``QueryContractError``, for a folder that is not there, a file that cannot be read or split, a statement that
    ///   no name belongs to, and a name that two queries have.
    public init(readingFrom path: String) throws(QueryContractError) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder,
            // Of a folder that cannot be listed, nothing is there for us.
            let entries = try? FileManager.default.subpathsOfDirectory(atPath: path)
        else { throw .noFolder(path) }
        var queries: [Query] = []
        for entry in entries.sorted()
        where entry.hasSuffix(".sql") && !entry.split(separator: "/").contains(where: \.isHidden) {
            let file = path + "/" + entry
            guard let content = FileManager.default.contents(atPath: file) else { throw .unreadable(file) }
            queries += try Self.queries(in: Array(content), file: file)
        }
        var places: [String: SourceLocation] = [:]
        for query in queries {
            if let first = places.updateValue(query.location, forKey: query.name) {
                throw .duplicate(query.name, at: query.location, first: first)
            }
        }
        self.queries = queries
    }

    /// The queries of one file.
    static func queries(in content: [UInt8], file: String) throws(QueryContractError) -> [Query] {
        guard String(validating: content, as: UTF8.self) != nil else { throw .noText(file) }
        let script: SQLScript
        do { script = try SQLScript(utf8: content, file: file) } catch { throw .cannotSplit(error) }
        func place(_ offset: Int) -> SourceLocation {
            SourceLocation(file: file, position: script.position(ofByte: offset))
        }
        // What stands before the first name holds for every query of the file.
        var shared = QueryDirectives()
        var named: [(name: String, start: Int, directives: QueryDirectives)] = []
        for comment in script.comments() {
            if comment.isLineComment, comment.text.hasPrefix("name:") {
                // Behind the name may stand what sqlc and its like read: `:one`.
                let words = comment.text.dropFirst(5).split(whereSeparator: \.isWhitespace)
                guard let name = words.first else { throw .noName(at: place(comment.range.lowerBound)) }
                named.append((String(name), comment.range.lowerBound, shared))
            } else if let last = named.indices.last {
                _ = named[last].directives.take(comment)
            } else {
                _ = shared.take(comment)
            }
        }
        if named.isEmpty, !script.statements.isEmpty {
            let name = file.split(separator: "/").last?.dropLast(4) ?? ""
            named.append((String(name), 0, shared))
        }
        let first = named.first?.start ?? script.utf8.count
        if let stray = script.statements.first, stray.range.lowerBound < first {
            throw .noName(at: place(stray.range.lowerBound))
        }
        var queries: [Query] = []
        for (index, entry) in named.enumerated() {
            let end = index + 1 < named.count ? named[index + 1].start : script.utf8.count
            let statements = script.statements.filter { (entry.start..<end).contains($0.range.lowerBound) }
            guard !statements.isEmpty else { throw .noStatement(entry.name, at: place(entry.start)) }
            queries.append(
                Query(
                    name: entry.name,
                    location: place(entry.start),
                    script: script,
                    statements: statements,
                    directives: entry.directives
                )
            )
        }
        return queries
    }
}

extension Substring {
    fileprivate var isHidden: Bool { hasPrefix(".") }
}
