#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension MigrationDirectory {
    /// Makes the files of a new migration behind the newest one.
    ///
    /// The version continues the folder's way of counting: one more with the same number of digits, or the time for
    /// timestamps.
    ///
    /// - Parameters:
    ///   - title: what the migration does, in words; they become the file's name.
    ///   - hasDown: whether to make a down file too.
    ///   - now: the time, for timestamps.
    /// - Returns: the paths of the files.
    /// - Throws: ``MigratorError`` for a title without words; an error of the file system, also for a file that is there.
    public func addMigration(titled title: String, hasDown: Bool, now: Date = Date()) throws -> [String] {
        let words = title.fileNameWords
        guard !words.isEmpty else { throw MigratorError.unusableTitle(title) }
        let name = "\(nextVersion(now: now))_\(words)"
        var files = [("\(path)/\(name).sql", "-- \(title)\n\n")]
        if hasDown { files.append(("\(path)/\(name).down.sql", "-- Takes back: \(title)\n\n")) }
        for (file, text) in files {
            // Never over a file that is there: somebody else may have taken the number a moment ago.
            try Data(text.utf8).write(to: URL(filePath: file), options: .withoutOverwriting)
        }
        return files.map(\.0)
    }

    private func nextVersion(now: Date) -> String {
        guard let newest = migrations.last?.version.description else { return "0001" }
        if newest.count >= 12 {
            let stamp = now.formatted(.iso8601.timeZoneSeparator(.omitted)).filter(\.isNumber).prefix(newest.count)
            let padded = stamp + String(repeating: "0", count: newest.count - stamp.count)
            if let version = MigrationVersion(padded), let last = migrations.last?.version, version > last {
                return String(padded)
            }
        }
        return newest.nextNumber
    }
}

extension String {
    /// The decimal number behind this one, of any length, with as many digits at least.
    fileprivate var nextNumber: String {
        let nines = reversed().prefix { $0 == "9" }.count
        let zeros = String(repeating: "0", count: nines)
        let head = dropLast(nines)
        guard let digit = head.last?.wholeNumberValue else { return "1" + zeros }
        return "\(head.dropLast())\(digit + 1)\(zeros)"
    }

    /// The text in the characters of a file name: lower-case letters and digits with single underscores between.
    fileprivate var fileNameWords: String {
        lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
    }
}
