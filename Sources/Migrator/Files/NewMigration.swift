#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A migration that was made just now.
public struct NewMigration: Hashable, Sendable {
    /// The paths of its files.
    public let files: [String]
    /// What is odd about its version; nil if nothing is.
    public let warning: String?
}

extension MigrationDirectory {
    /// Makes the files of a new migration behind the newest one, and adds them to `lastro.sum` if there is one.
    ///
    /// The version continues the folder's way of counting: one more with the same number of digits, or the time in UTC
    /// for timestamps.
    ///
    /// - Parameters:
    ///   - title: what the migration does, in words; they become the file's name.
    ///   - hasDown: whether to make what takes it back too.
    ///   - names: the names of other files that it has to come behind, such as those on another branch.
    ///   - now: the time, for timestamps.
    /// - Returns: what was made.
    /// - Throws: ``MigratorError`` for a title without words, or a layout that cannot be added to; an error of the file
    ///   system, also for a file that is there.
    public func addMigration(
        titled title: String,
        hasDown: Bool,
        behind names: [String] = [],
        now: Date = Date()
    ) throws -> NewMigration {
        let words = title.fileNameWords
        guard !words.isEmpty else { throw MigratorError.unusableTitle(title) }
        guard layout != .sqitch else { throw MigratorError.cannotAdd(to: layout, in: path) }
        let newest = newestVersion(and: names)
        let version = nextVersion(after: newest, now: now)
        let drafts = drafts(version: version, words: words, title: title, hasDown: hasDown)
        var sum = sum
        for draft in drafts {
            let file = URL(filePath: "\(path)/\(draft.file)")
            if layout == .prisma, draft.isUp {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(),
                    withIntermediateDirectories: false
                )
            }
            // Never over a file that is there: somebody else may have taken the number a moment ago.
            try Data(draft.text.utf8).write(to: file, options: .withoutOverwriting)
            let checksum = Checksum(of: Array(draft.text.utf8))
            if draft.isUp { sum?.append(draft.file, checksum) } else { sum?.insert(draft.file, checksum) }
        }
        if let sum { _ = try write(sum) }
        return NewMigration(files: drafts.map { "\(path)/\($0.file)" }, warning: warning(about: newest, now: now))
    }

    /// A file to make.
    private struct Draft {
        let file: String
        let text: String
        var isUp = true
    }

    private func drafts(version: String, words: String, title: String, hasDown: Bool) -> [Draft] {
        let name = "\(version)_\(words)"
        let up = "-- \(title)\n\n"
        let down = "-- Takes back: \(title)\n\n"
        let isReversible = hasDown || migrations.last?.up.fileName.hasSuffix(".up.sql") == true
        switch layout {
        case .dbmate:
            return [
                Draft(file: "\(name).sql", text: "-- migrate:up\n\(up)" + (hasDown ? "-- migrate:down\n\(down)" : ""))
            ]
        case .goose:
            return [
                Draft(file: "\(name).sql", text: "-- +goose Up\n\(up)" + (hasDown ? "-- +goose Down\n\(down)" : ""))
            ]
        case .flyway:
            let undo = Draft(file: "U\(version)__\(words).sql", text: down, isUp: false)
            return [Draft(file: "V\(version)__\(words).sql", text: up)] + (hasDown ? [undo] : [])
        case .prisma:
            let back = Draft(file: "\(name)/down.sql", text: down, isUp: false)
            return [Draft(file: "\(name)/migration.sql", text: up)] + (hasDown ? [back] : [])
        case .golangMigrate:
            let back = Draft(file: "\(name).down.sql", text: down, isUp: false)
            return [Draft(file: "\(name).up.sql", text: up)] + (hasDown ? [back] : [])
        // sqlx has both files of each migration, or neither ending.
        case .sqlx where isReversible:
            let back = Draft(file: "\(name).down.sql", text: down, isUp: false)
            return [Draft(file: "\(name).up.sql", text: up), back]
        case .lastro, .sqlx, .sqitch:
            let back = Draft(file: "\(name).down.sql", text: down, isUp: false)
            return [Draft(file: "\(name).sql", text: up)] + (hasDown ? [back] : [])
        }
    }
}

extension String {
    /// The text in the characters of a file name: lower-case letters and digits with single underscores between.
    fileprivate var fileNameWords: String {
        lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
    }
}
