import ArgumentParser
import Linter
import Migrator
import ProjectSettings
import SourceText

/// The options that say what of the findings is mended.
struct LintFixing: ParsableArguments {
    @Flag(help: "Show as a diff what would mend the findings that need no judgement.")
    var fix = false

    @Flag(help: "With --fix: write the files.")
    var write = false

    @Option(help: ArgumentHelp("With --fix: mend the findings of these rules alone.", valueName: "rules"))
    var fixOnly: String?

    @Flag(help: "With --fix: change also files that lastro.sum lists or that the database has run.")
    var force = false

    func validate() throws {
        if !fix, write || fixOnly != nil || force {
            throw ValidationError("--write, --fix-only and --force go with --fix")
        }
    }

    /// Mends the findings, or shows what would.
    ///
    /// - Parameters:
    ///   - linter: how files are judged.
    ///   - inputs: the files.
    ///   - start: what a database holds, and which migrations have not run there.
    ///   - settings: what is configured.
    ///   - writer: where results go.
    /// - Returns: what was found.
    /// - Throws: ``ConfigurationError`` for a file that cannot be written, ``MigratorError`` for one that changed
    ///   meanwhile.
    func run(
        _ linter: Linter,
        _ inputs: [LintInput],
        _ start: LintSelection.Start?,
        _ settings: Settings,
        _ writer: OutputWriter
    ) async throws -> LintFixes {
        let only = Set(fixOnly.flatMap { RuleNames(configString: $0) }?.names ?? [])
        for name in only where linter.options.rule(named: name) == nil {
            throw RulePages.unknown(name, among: linter.options.rules)
        }
        // A folder that is not there, or wrong, has been told of by who read the files.
        let directory = try? await MigrationDirectory(readingFrom: settings.migrations, layout: settings.layout)
        let recorded = RecordedFiles(directory, pending: start?.pending)
        let fixes = try await linter.fix(inputs, start: start?.text, only: only) { path in
            force ? nil : recorded.reason(against: path)
        }
        try writer.write(LintFixReport(fixes, isWritten: write))
        if write, !fixes.files.isEmpty {
            try await LintFixWriter(directory: directory).write(fixes.files)
            writer.note("wrote \(Words.count(fixes.files.count, "file"))")
            for file in fixes.files where recorded.hasRun(file.path) {
                writer.note(
                    "\(file.path) has run on this database: accept its new checksum there with `lastro repair`"
                )
            }
        }
        return fixes
    }
}

/// The files that others rely on as they are.
struct RecordedFiles {
    private let sum: SumFile?
    private let migrations: [String: Migration]
    private let pending: Set<String>?

    init(_ directory: MigrationDirectory?, pending: Set<String>?) {
        sum = directory?.sum
        let all = (directory?.migrations ?? []) + (directory?.repeatables ?? [])
        migrations = Dictionary(all.map { ($0.path, $0) }) { first, _ in first }
        self.pending = pending
    }

    /// Whether the database that was given has run it.
    func hasRun(_ path: String) -> Bool {
        guard let pending, let migration = migrations[path] else { return false }
        return !pending.contains(migration.name)
    }

    /// Why a file is not changed without more ado; nil if it may be.
    func reason(against path: String) -> String? {
        guard let migration = migrations[path], migration.kind == .versioned else { return nil }
        if hasRun(path) {
            return "the database has run it, and would refuse it with another checksum; --force changes it all the same"
        }
        guard let sum, sum.lists(migration.up.fileName, migration.checksum) else { return nil }
        return "\(SumFile.fileName) lists it as it is, so it may have run somewhere; --force changes it all the same"
    }
}

/// Writes mended files, each wholly or not at all.
struct LintFixWriter {
    let directory: MigrationDirectory?

    /// Writes the files.
    ///
    /// The sums come first: killed behind them, another call makes the files what they say.
    func write(_ files: [LintFixes.File]) async throws {
        guard let directory else { return try writeFiles(files) }
        try await withFolderLock(of: directory.path) {
            var sums: [String: Checksum] = [:]
            for file in files {
                let migration = (directory.migrations + directory.repeatables).first { $0.path == file.path }
                guard let migration, directory.sum?.lists(migration.up.fileName, migration.checksum) == true else {
                    continue
                }
                sums[migration.up.fileName] = Checksum(of: file.after)
            }
            if !sums.isEmpty, let sum = directory.sum?.replacing(sums) {
                _ = try AtomicFile.replace("\(directory.path)/\(SumFile.fileName)", with: sum.text)
            }
            try writeFiles(files)
        }
    }

    private func writeFiles(_ files: [LintFixes.File]) throws {
        for file in files {
            let present = try SettingsFile.read(file.path)
            let mark = present.starts(with: byteOrderMark) ? byteOrderMark : []
            guard present.dropFirst(mark.count).elementsEqual(file.before) else {
                throw ConfigurationError.changedMeanwhile(file.path)
            }
            _ = try AtomicFile.replace(file.path, with: String(decoding: mark + file.after, as: UTF8.self))
        }
    }
}
