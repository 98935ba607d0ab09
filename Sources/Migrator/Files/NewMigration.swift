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

    /// What a migration does, as SQL.
    public struct Statements: Hashable, Sendable {
        /// The way up.
        public let up: String
        /// The way down.
        public let down: String

        /// Takes SQL, or nothing for what a person writes.
        public init(up: String = "", down: String = "") {
            self.up = up
            self.down = down
        }
    }
}

extension MigrationDirectory {
    /// Reads a folder and makes the files of a new migration in it, while no other process does the same.
    ///
    /// It comes behind the newest migration of the folder and of the base branch.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - layout: how its files are named; nil to recognise it.
    ///   - title: what the migration does, in words; they become the file's name.
    ///   - hasDown: whether to make what takes it back too.
    ///   - statements: what it does, as SQL; empty to leave that to a person.
    /// - Returns: what was made.
    /// - Throws: ``MigratorError`` for a folder or a title that cannot be used; then nothing was made.
    public static func addMigration(
        to path: String,
        layout: MigrationLayout? = nil,
        titled title: String,
        hasDown: Bool,
        statements: NewMigration.Statements = NewMigration.Statements()
    ) async throws -> NewMigration {
        let lock = try FolderLock(of: path)
        try await lock.acquire()
        let directory = try await MigrationDirectory(readingFrom: path, layout: layout)
        let new = try directory.addMigration(
            titled: title,
            hasDown: hasDown,
            statements: statements,
            behind: BaseBranch.names(in: path)
        )
        _ = consume lock
        return new
    }

    /// Makes the files of a new migration behind the newest one, and adds them to `lastro.sum` if there is one.
    ///
    /// The version continues the folder's way of counting: one more with the same number of digits, or the time in UTC
    /// for timestamps.
    ///
    /// - Parameters:
    ///   - title: what the migration does, in words; they become the file's name.
    ///   - hasDown: whether to make what takes it back too.
    ///   - statements: what it does, as SQL; empty to leave that to a person.
    ///   - names: the names of other files that it has to come behind, such as those on another branch.
    ///   - now: the time, for timestamps.
    /// - Returns: what was made.
    /// - Throws: ``MigratorError`` for a title without words or of too many, a layout that cannot be added to, and a
    ///   file that cannot be made or is there; then none was made.
    public func addMigration(
        titled title: String,
        hasDown: Bool,
        statements: NewMigration.Statements = NewMigration.Statements(),
        behind names: [String] = [],
        now: Date = Date()
    ) throws -> NewMigration {
        let words = title.fileNameWords
        guard !words.isEmpty else { throw MigratorError.unusableTitle(title) }
        guard layout != .sqitch else { throw MigratorError.cannotAdd(to: layout, in: path) }
        let newest = newestVersion(and: names)
        let version = nextVersion(after: newest, now: now)
        let drafts = drafts(version: version, words: words, title: title.asComment, hasDown: hasDown, statements)
        // Also with .down.sql behind it, which may be wanted later.
        let longest = "\(version)__\(words).verify.sql".utf8.count
        guard longest <= 255 else { throw MigratorError.titleTooLong(bytes: longest) }
        var made: [String] = []
        do {
            try make(drafts, made: &made)
        } catch {
            NewFile.remove(made)
            throw error
        }
        return NewMigration(files: drafts.map { "\(path)/\($0.file)" }, warning: warning(about: newest, now: now))
    }

    private func make(_ drafts: [Draft], made: inout [String]) throws(MigratorError) {
        var sum = sum
        for draft in drafts {
            let file = "\(path)/\(draft.file)"
            if layout == .prisma, draft.isUp, let slash = file.lastIndex(of: "/") {
                try NewFile.makeFolder(String(file[..<slash]))
                made.append(String(file[..<slash]))
            }
            // Never over a file that is there: somebody else may have taken the number a moment ago.
            try NewFile.make(file, draft.text)
            made.append(file)
            let checksum = Checksum(of: Array(draft.text.utf8))
            if draft.isUp { sum?.append(draft.file, checksum) } else { sum?.insert(draft.file, checksum) }
        }
        if let sum { _ = try write(sum) }
    }

    /// A file to make.
    private struct Draft {
        let file: String
        let text: String
        var isUp = true
    }

    private func drafts(
        version: String,
        words: String,
        title: String,
        hasDown: Bool,
        _ statements: NewMigration.Statements
    ) -> [Draft] {
        let name = "\(version)_\(words)"
        let up = "-- \(title)\n\(statements.up)\n"
        let down = "-- Takes back: \(title)\n\(statements.down)\n"
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
    var fileNameWords: String {
        lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
    }

    /// The text as one line of a comment that is no more than that: line ends would end it, and some words are
    /// directives of Lastro or of another tool.
    fileprivate var asComment: String {
        let scalars = unicodeScalars.map { $0.properties.generalCategory == .control || $0 == "\u{2028}" ? " " : $0 }
        var line = ""
        line.unicodeScalars.append(contentsOf: scalars)
        let words = line.split(separator: " ").joined(separator: " ")
        let isDirective = ["lastro:", "migrate:", "+"].contains { words.lowercased().hasPrefix($0) }
        return isDirective ? "\"\(words)\"" : words
    }
}
