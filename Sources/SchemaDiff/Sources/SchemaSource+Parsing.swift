import Migrator
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SchemaSource {
    /// Understands a source as people write it: `empty`, a URL or a conninfo string, `git:REVISION:PATH`, a file, a folder.
    ///
    /// A folder is one of migrations if its files are named like migrations, else one of plain SQL; `migrations:PATH` and
    /// `sql:PATH` say which it is.
    ///
    /// - Parameter text: the source.
    /// - Throws: ``SchemaDiffError`` if it means nothing, or is not there; `PostgresError` for a URL with a mistake.
    public init(_ text: String) async throws {
        if text == "empty" {
            self = .empty
        } else if let rest = text.removing(prefix: "git:") {
            let parts = rest.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw SchemaDiffError.unknownSource(text) }
            self = .revision(String(parts[0]), path: String(parts[1]))
        } else if let path = text.removing(prefix: "migrations:") {
            self = .migrations(path)
        } else if let path = text.removing(prefix: "sql:") {
            self = .sql(path)
        } else if text.contains("://") || (text.contains("=") && !FileManager.default.fileExists(atPath: text)) {
            self = .database(try ConnectionSettings(text))
        } else {
            self = try await Self.file(text)
        }
    }

    /// What a path stands for.
    static func file(_ path: String) async throws -> SchemaSource {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw SchemaDiffError.unknownSource(path)
        }
        guard isFolder else { return path.hasSuffix(".json") ? .catalogFile(path) : .sql(path) }
        do {
            return try await MigrationDirectory(readingFrom: path).migrations.isEmpty ? .sql(path) : .migrations(path)
        } catch let error as MigratorError where error.code == .misnamedFile || error.code == .mixedLayouts {
            return .sql(path)
        }
    }
}

extension String {
    fileprivate func removing(prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
