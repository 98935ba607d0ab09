import SQLSyntax
import SourceText

/// One file that is to stand for the first migrations of a folder: what it replaces and is called, before it has a body.
public struct SquashDraft: Sendable {
    /// Its name, without `.sql`.
    public let name: String
    /// Its file, as a path from the folder.
    public let fileName: String
    /// The folder.
    public let directory: MigrationDirectory
    /// The migrations that it replaces, in order.
    public let migrations: [Migration]
    /// What it says that it replaces: with those that squashed files among them stand for.
    public let replaced: [ReplacedMigration]
    /// What the user should know before it is written.
    public let remarks: [String]

    /// Plans a squash.
    ///
    /// - Parameters:
    ///   - directory: the folder.
    ///   - name: the last migration to replace, by version or name.
    ///   - title: what the new file is called, in words.
    ///   - placeholders: the values of `${name}`; nil to leave such text as it is.
    /// - Throws: ``MigratorError`` for what one file in one transaction cannot stand for; nothing was changed then.
    public init(
        of directory: MigrationDirectory,
        to name: String,
        titled title: String,
        placeholders: [String: String]?
    ) throws {
        self.directory = directory
        guard ![.prisma, .sqitch].contains(directory.layout) else {
            throw MigratorError.cannotSquash(
                "in \(directory.layout.rawValue)'s layout migrations cannot be squashed: the tool keeps track of them itself",
                next:
                    "change the layout first: `lastro adopt` takes the history over, the files get names NNNN_name.sql"
            )
        }
        guard let last = directory.migration(called: name) else {
            throw MigratorError.unknownMigration(name, in: directory)
        }
        guard last.kind == .versioned, let place = directory.migrations.firstIndex(of: last) else {
            throw MigratorError.cannotSquash(
                "\(last.name) is repeatable: it runs again whenever it changes, behind all others",
                next: "name a versioned migration; repeatable ones stay as they are"
            )
        }
        guard place > 0 else {
            throw MigratorError.cannotSquash(
                "\(last.name) is the first migration: there is nothing to squash",
                next: "name a later one"
            )
        }
        if let problem = directory.sumProblems.first {
            throw directory.sumProblems.count == 1 ? problem : .several(directory.sumProblems)
        }
        migrations = Array(directory.migrations[...place])
        let version = last.version?.description ?? ""
        guard let file = directory.squashFile(version: version, title: title, inPlaceOf: last) else {
            throw MigratorError.unusableTitle(title)
        }
        (self.name, fileName) = file
        if let other = directory.migrations.first(where: { $0.isCalled(file.name) }) {
            throw MigratorError.cannotSquash(
                "a migration is called \(other.name) already",
                next: "give the new file another name with --name"
            )
        }
        let reader = ScriptReader(placeholders: placeholders, reserved: ReservedTables(history: nil))
        var remarks: [String] = []
        var problems: [MigratorError] = []
        for migration in migrations {
            do {
                let script = try reader.script(of: migration.up)
                if let problem = script.squashProblem { problems.append(problem) }
                if case .batches = script.form {
                    remarks.append("\(migration.name) is batched: of what it did to rows, the seed rows alone are kept")
                }
            } catch {
                problems.append(error)
            }
        }
        if let problem = problems.first { throw problems.count == 1 ? problem : .several(problems) }
        let checks = migrations.compactMap(\.verifyPath)
        if !checks.isEmpty {
            remarks.append("these checks go with their migrations: \(checks.joined(separator: ", "))")
        }
        self.remarks = remarks
        replaced = migrations.flatMap { migration in
            let parts = migration.replaced.map { part in
                ReplacedMigration(name: part.name, checksum: part.checksum, within: part.within ?? migration.name)
            }
            return parts + [ReplacedMigration(name: migration.name, checksum: migration.checksum)]
        }
    }

    /// The files that go, as paths from the folder.
    public var files: [String] {
        var files: [String] = []
        for source in migrations.flatMap({ [$0.up, $0.down, $0.verify] }) {
            if let source, !files.contains(source.fileName) { files.append(source.fileName) }
        }
        return files
    }

    /// The file's text.
    ///
    /// - Parameters:
    ///   - body: the statements that make the schema and its seed rows.
    ///   - schema: the schema that the migrations found first in the search path and made something in; nil for none. The
    ///     statements name it, so where another one comes first they would work in the wrong place.
    /// - Returns: the text, with what the layout and the history need above the statements.
    public func text(of body: String, madeIn schema: String? = nil) -> String {
        let marker: [String] =
            switch directory.layout {
            case .dbmate: ["-- migrate:up"]
            case .goose: ["-- +goose Up"]
            default: []
            }
        let head = [
            "-- The schema and the seed rows of \(migrations.count) migrations, up to \(migrations.last?.name ?? "").",
            "-- A database on which they ran records this file and does not run it.",
        ]
        let condition = schema.map { ["-- lastro: assert current_schema() = \(StringLiteral.quote($0))"] } ?? []
        let lines = marker + head + replaced.map(\.directive) + condition + ["", body]
        return lines.joined(separator: "\n") + "\n"
    }
}

extension MigrationDirectory {
    /// The name and the file of a squashed migration; nil for a title that gives no name.
    fileprivate func squashFile(
        version: String,
        title: String,
        inPlaceOf last: Migration
    ) -> (name: String, file: String)? {
        let words = title.fileNameWords
        guard !words.isEmpty else { return nil }
        switch layout {
        case .flyway: return ("V\(version)__\(words)", "V\(version)__\(words).sql")
        case .golangMigrate: return ("\(version)_\(words)", "\(version)_\(words).up.sql")
        case .sqlx where last.up.fileName.hasSuffix(".up.sql"):
            return ("\(version)_\(words)", "\(version)_\(words).up.sql")
        default: return ("\(version)_\(words)", "\(version)_\(words).sql")
        }
    }
}

extension MigrationScript {
    /// Why a squashed file cannot stand for it; nil if it can.
    fileprivate var squashProblem: MigratorError? {
        if let name = placeholders.keys.min() {
            return .cannotSquash(
                "${\(name)} stands for another value in each environment, and the squashed file would have one of them",
                at: SourceLocation(file: path),
                next: "squash up to the migration before it, or write the value into a migration of its own"
            )
        }
        for (index, statement) in source.statements.enumerated() {
            let leading = statement.leadingWords
            guard let words = Self.wholeServer.first(where: leading.starts), !leading.contains("MAPPING") else {
                continue
            }
            return .cannotSquash(
                "\(words.joined(separator: " ")) concerns more than this database's schema and rows, so no squashed file "
                    + "would have it",
                at: location(ofStatement: index),
                next: "squash up to the migration before it"
            )
        }
        return nil
    }

    /// How statements begin whose work is in no catalog of the database.
    private static let wholeServer = [
        ["CREATE", "ROLE"], ["ALTER", "ROLE"], ["DROP", "ROLE"], ["CREATE", "GROUP"], ["ALTER", "GROUP"],
        ["CREATE", "USER"], ["ALTER", "USER"], ["DROP", "USER"], ["CREATE", "DATABASE"], ["ALTER", "DATABASE"],
        ["DROP", "DATABASE"],
        ["ALTER", "SYSTEM"], ["CREATE", "TABLESPACE"], ["ALTER", "TABLESPACE"], ["DROP", "TABLESPACE"],
        ["CREATE", "SUBSCRIPTION"], ["COMMENT", "ON", "DATABASE"], ["COMMENT", "ON", "ROLE"],
    ]
}
