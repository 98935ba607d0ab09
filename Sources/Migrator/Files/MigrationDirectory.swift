/// The migrations of a folder, in order, whatever the tool whose way of naming files it follows.
///
/// Hidden entries and files that do not end in `.sql` are left alone; a file of SQL whose name fits nothing is an
/// error, since it would be forgotten in silence.
public struct MigrationDirectory: Sendable {
    /// The folder, as the user named it.
    public let path: String
    /// How its files are named and ordered.
    public let layout: MigrationLayout
    /// The versioned migrations, in order.
    public private(set) var migrations: [Migration]
    /// The repeatable ones, by name.
    public private(set) var repeatables: [Migration]
    /// What runs around migrations.
    public let hooks: [MigrationHook: MigrationSource]
    /// The checksums that `lastro.sum` demands; nil if there is no such file, or if it cannot be read.
    public let sum: SumFile?
    /// What is not as `lastro.sum` says; while there is anything, nothing runs.
    public private(set) var sumProblems: [MigratorError]

    /// Reads a folder: the names of its files, and each migration's content for its checksum.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - layout: how its files are named; nil to recognise it.
    /// - Throws: ``MigratorError`` naming every file that is wrong, before anything could run: names that fit
    ///   nothing or mix layouts, two files of one version, a down file without its migration, content that is not
    ///   UTF-8.
    public init(readingFrom path: String, layout: MigrationLayout? = nil) async throws {
        self = try await Self.read(path, layout: layout)
    }

    private init(
        _ files: MigrationFiles,
        of folder: MigrationFolder,
        layout: MigrationLayout,
        contents: Contents,
        hasSumFile: Bool
    ) throws(MigratorError) {
        let (path, up) = (folder.path, layout.upSection)
        func migration(_ entry: MigrationFiles.Entry, _ kind: MigrationKind, _ checksum: Checksum) -> Migration {
            let section = kind == .versioned ? up : .whole
            func source(_ file: String?, _ section: MigrationSource.Section) -> MigrationSource? {
                file.map { MigrationSource(folder: path, fileName: $0, section: section) }
            }
            return Migration(
                name: entry.name,
                version: entry.version,
                kind: kind,
                checksum: checksum,
                up: MigrationSource(folder: path, fileName: entry.fileName, section: section),
                down: kind == .repeatable
                    ? nil
                    : layout.downSection.map { MigrationSource(folder: path, fileName: entry.fileName, section: $0) }
                        ?? source(entry.down, section),
                verify: source(entry.verify, layout == .sqitch ? .rolledBack : .whole),
                tags: entry.tags
            )
        }
        self.path = path
        self.layout = layout
        migrations = zip(files.versioned, contents.checksums).map { migration($0, .versioned, $1) }
        for index in migrations.indices { migrations[index].replaced = contents.replaced[migrations[index].name] ?? [] }
        repeatables = zip(files.repeatables, contents.repeatableChecksums).map { migration($0, .repeatable, $1) }
        hooks = files.hooks.mapValues { MigrationSource(folder: path, fileName: $0, section: .whole) }
        if hasSumFile {
            let check = SumFile.Check(of: migrations, repeatables, hooks: hooks, in: folder)
            (sum, sumProblems) = (check.sum, check.problems)
        } else {
            (sum, sumProblems) = (nil, [])
        }
    }

    /// The migration that a version, a name or a tag stands for; nil for none, and for a version that several have.
    public func migration(called name: String) -> Migration? {
        if let migration = migrations.first(where: { $0.isCalled(name) || $0.up.fileName == name }) { return migration }
        if let migration = repeatables.first(where: { $0.isCalled(name) }) { return migration }
        if let migration = migrations.first(where: { $0.tags.contains(name) }) { return migration }
        guard let version = MigrationVersion(dotted: name) else { return nil }
        let found = migrations.filter { $0.version == version }
        return found.count == 1 ? found.first : nil
    }

    /// All migrations in the order in which they run.
    var inOrder: [Migration] { repeatables.isEmpty ? migrations : migrations + repeatables }

    /// The directory with these of its migrations alone, in an order that others gave them; hooks stay.
    func replaying(_ migrations: [Migration]) -> MigrationDirectory {
        var copy = self
        copy.migrations = migrations
        copy.repeatables = []
        copy.sumProblems = []
        return copy
    }

    /// The directory in which files that a run applied count as unchanged if all that was done since is to add or to
    /// take out a newline at their end.
    func acceptingFinalNewlines(since history: History) -> MigrationDirectory {
        var copy = self
        for index in copy.migrations.indices { copy.migrations[index].acceptFinalNewline(since: history) }
        for index in copy.repeatables.indices { copy.repeatables[index].acceptFinalNewline(since: history) }
        return copy
    }
}

extension Migration {
    fileprivate mutating func acceptFinalNewline(since history: History) {
        guard let applied = history.entries(of: self).last(where: \.isInForce)?.checksum, applied != checksum,
            let content = try? MigrationFolder.content(of: path)  // unreadable by now: then it has changed
        else { return }
        if applied.isOf(content) { checksum = applied }
    }
}

extension MigrationDirectory {
    /// What reading the files gave.
    private struct Contents {
        var checksums: [Checksum] = []
        var repeatableChecksums: [Checksum] = []
        /// The files with the layouts of their markers, where those are looked for.
        var marks: [(file: String, layout: MigrationLayout?)] = []
        /// What squashed files stand for, by their names.
        var replaced: [String: [ReplacedMigration]] = [:]
    }

    @concurrent
    private static func read(_ path: String, layout: MigrationLayout?) async throws -> MigrationDirectory {
        try read(path, layout: layout, pastLeftovers: false).directory
    }

    /// Reads a folder.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - layout: how its files are named; nil to recognise it.
    ///   - pastLeftovers: whether to read it as it will be when the files are gone that a squashed one replaces.
    /// - Returns: the folder, and the replaced files that are still there.
    /// - Throws: ``MigratorError``; with code `squash-unfinished` for replaced files unless it reads past them.
    static func read(
        _ path: String,
        layout: MigrationLayout?,
        pastLeftovers: Bool
    ) throws(MigratorError) -> (directory: MigrationDirectory, leftovers: [SquashLeftover]) {
        let folder = try MigrationFolder(path: path)
        var listing = folder.listing()
        let prismaFolders = folder.prismaFolders(among: listing)
        let shown =
            if let layout {
                layout
            } else {
                try LayoutRecognition.layout(of: listing, prismaFolders: prismaFolders, in: path)
            }
        var files = try MigrationFiles(listing, layout: shown, prismaFolders: prismaFolders, folder: folder)
        var failures = files.failures
        let isRecognised = layout == nil && shown == .lastro
        var contents = read(files, from: folder, markingSections: isRecognised, failures: &failures)
        let leftovers = SquashLeftover.all(among: files, listing, replacedBy: contents.replaced)
        if let first = leftovers.first {
            guard pastLeftovers else {
                let names = leftovers.filter { $0.squash == first.squash }.map(\.replaced.name)
                throw .squashUnfinished(first.squash, leftovers: names, in: path)
            }
            listing = listing.without(Set(leftovers.flatMap(\.files)))
            files = try MigrationFiles(listing, layout: shown, prismaFolders: prismaFolders, folder: folder)
            failures = files.failures
            contents = read(files, from: folder, markingSections: isRecognised, failures: &failures)
        }
        let found = isRecognised ? try LayoutRecognition.layout(ofMarked: contents.marks, in: path) : shown
        let misplaced = found == shown ? [] : files.versioned.compactMap(\.down)
        if !misplaced.isEmpty { failures.append(.misnamedFiles(misplaced, layout: found, in: path)) }
        if let failure = failures.first { throw failures.count == 1 ? failure : .several(failures) }
        let directory = try MigrationDirectory(
            files,
            of: folder,
            layout: found,
            contents: contents,
            hasSumFile: listing.hasSumFile
        )
        return (directory, leftovers)
    }

    private static func read(
        _ files: MigrationFiles,
        from folder: MigrationFolder,
        markingSections: Bool,
        failures: inout [MigratorError]
    ) -> Contents {
        var contents = Contents()
        contents.checksums.reserveCapacity(files.versioned.count)
        for entry in files.versioned {
            do {
                let (checksum, mark, replaced) = try folder.withContent(of: entry.fileName) { content in
                    (
                        Checksum(of: content), markingSections ? SectionMarker.layout(of: content) : nil,
                        ReplacedMigration.all(in: content)
                    )
                }
                contents.checksums.append(checksum)
                if !replaced.isEmpty { contents.replaced[entry.name] = replaced }
                if markingSections { contents.marks.append((entry.fileName, mark)) }
            } catch {
                failures.append(error)
            }
        }
        for entry in files.repeatables {
            do {
                contents.repeatableChecksums.append(
                    try folder.withContent(of: entry.fileName) { Checksum(of: $0) }
                )
            } catch {
                failures.append(error)
            }
        }
        return contents
    }
}
