import Migrator
import Postgres
import ProjectSettings
import SourceText
import SystemPackage

/// The databases of a file: one a line, as a URL or a conninfo string, with `NAME =` before it if it is to have a name.
///
/// Blank lines and those that begin with `#` are left out. What stands in a line never comes into an error: it may hold a
/// password.
struct DatabaseList {
    let targets: [FanOut.Target]

    init(file path: String) throws(ConfigurationError) {
        var bytes: [UInt8] = []
        do {
            // Not through a URL: it may be a pipe, `<(command)`, so that addresses with passwords stand in no file.
            let descriptor = try FileDescriptor.open(path, .readOnly)
            try descriptor.closeAfter {
                var buffer = [UInt8](repeating: 0, count: 1 << 16)
                while case let count = try buffer.withUnsafeMutableBytes({ try descriptor.read(into: $0) }), count > 0 {
                    bytes += buffer[..<count]
                }
            }
        } catch {
            throw .unreadableFile(path, why: "\(error)")
        }
        try self.init(String(decoding: bytes, as: UTF8.self), file: path)
    }

    init(_ text: String, file: String) throws(ConfigurationError) {
        var targets: [FanOut.Target] = []
        var lines: [String: Int] = [:]
        let rows = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, row) in rows.enumerated() {
            let line = row.trimmed
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let number = index + 1
            let target = try Self.target(line, file: file, line: number)
            if let earlier = lines.updateValue(number, forKey: target.name) {
                throw .repeatedDatabase(target.name, file: file, line: number, earlier: earlier)
            }
            targets.append(target)
        }
        guard !targets.isEmpty else { throw .emptyDatabaseList(file: file) }
        self.targets = targets
    }

    private static func target(
        _ line: String,
        file: String,
        line number: Int
    ) throws(ConfigurationError) -> FanOut.Target {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
        var failure: PostgresError?
        func settings(_ text: String) -> ConnectionSettings? {
            do throws(PostgresError) {
                return try ConnectionSettings(text)
            } catch {
                failure = error
                return nil
            }
        }
        // `host=db1 dbname=app` has the shape of a name with a value, too: what libpq understands is no name.
        let isWhole = line.hasPrefix("postgres://") || line.hasPrefix("postgresql://")
        let isNamedURL = !isWhole && parts.count == 2 && parts[1].contains("://")
        if !isNamedURL, let settings = settings(line),
            isWhole || !line.contains(where: \.isWhitespace) || parts.count == 2
        {
            return FanOut.Target(name: settings.shortName, settings: settings)
        }
        if !isWhole, parts.count == 2, !parts[0].isEmpty, !parts[0].contains(where: \.isWhitespace), !parts[1].isEmpty,
            let settings = settings(parts[1])
        {
            return FanOut.Target(name: parts[0], settings: settings)
        }
        throw .malformedDatabase(why: failure?.message, file: file, line: number)
    }
}

extension ConnectionSettings {
    /// Host and database in short: `db.example.com:5432/app`.
    fileprivate var shortName: String {
        let host = self["host"] ?? self["hostaddr"] ?? self["service"] ?? "localhost"
        let port = self["port"].map { ":\($0)" } ?? ""
        return host + port + "/" + (self["dbname"] ?? self["user"] ?? "")
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        let rest = drop(while: \.isWhitespace)
        let end = rest.lastIndex { !$0.isWhitespace }.map { rest.index(after: $0) } ?? rest.startIndex
        return String(rest[..<end])
    }
}

extension ConfigurationError {
    static func malformedDatabase(why: String?, file: String, line: Int) -> ConfigurationError {
        ConfigurationError(
            "the line names no database" + (why.map { ": \($0)" } ?? ""),
            at: SourceLocation(file: file, position: SourcePosition(line: line, column: 1)),
            next: "write a URL or a conninfo string, or `NAME = URL`; comments stand on lines of their own behind #"
        )
    }

    static func repeatedDatabase(_ name: String, file: String, line: Int, earlier: Int) -> ConfigurationError {
        ConfigurationError(
            "\(name) stands in line \(earlier) already",
            at: SourceLocation(file: file, position: SourcePosition(line: line, column: 1)),
            next: "take one of the lines out, or give them different names with `NAME = URL`"
        )
    }

    static func emptyDatabaseList(file: String) -> ConfigurationError {
        ConfigurationError(
            "the file names no database",
            at: SourceLocation(file: file),
            next: "write one on each line, as a URL or a conninfo string"
        )
    }
}
