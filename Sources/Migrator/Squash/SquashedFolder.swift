#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Puts a squashed file in the place of those that it replaces.
///
/// The new file comes first, whole and on disk: from then on the folder has two files of one version, which every reader
/// refuses, until the last of the old ones is gone. Killed before, the folder is as it was; killed later, another call
/// finishes.
public enum SquashedFolder {
    /// What became of a folder.
    public struct Outcome: Hashable, Sendable {
        /// The squashed file, as a path from the folder.
        public let file: String
        /// The files that are gone, as paths from the folder.
        public let removed: [String]
    }

    /// Writes the file and deletes those that it replaces.
    ///
    /// - Parameters:
    ///   - draft: what it replaces.
    ///   - text: its text.
    ///   - keepsUncommitted: whether to refuse where git could not bring the files back.
    /// - Returns: what was done.
    /// - Throws: ``MigratorError`` if the folder is not any more what the draft was made of; nothing was changed then.
    public static func write(
        _ draft: SquashDraft,
        _ text: String,
        keepsUncommitted: Bool = false
    ) async throws -> Outcome {
        let path = draft.directory.path
        let lock = try FolderLock(of: path)
        try await lock.acquire()
        if keepsUncommitted { try draft.directory.checkCommitted(draft.files) }
        let outcome = try await replaceFiles(draft, text, in: path)
        _ = consume lock
        return outcome
    }

    private static func replaceFiles(_ draft: SquashDraft, _ text: String, in path: String) async throws -> Outcome {
        let now = try await MigrationDirectory(readingFrom: path, layout: draft.directory.layout)
        guard now.migrations == draft.directory.migrations else {
            throw MigratorError.cannotSquash(
                "the folder was changed meanwhile",
                next: "run the command again, which looks at the folder anew"
            )
        }
        let file = "\(path)/\(draft.fileName)"
        try NewFile.replace(file, text, isDurable: true)
        try NewFile.synchronize(path)
        let removed = try finish(path, layout: draft.directory.layout, keepsUncommitted: false)
        return Outcome(file: draft.fileName, removed: removed)
    }

    /// Finishes a squash that was stopped halfway.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - layout: how its files are named; nil to recognise it.
    ///   - keepsUncommitted: whether to refuse where git could not bring the files back.
    /// - Returns: what was done; nil if there was nothing to finish.
    /// - Throws: ``MigratorError`` if one of the files that are left is not what was squashed; no file was deleted then.
    public static func finish(
        in path: String,
        layout: MigrationLayout?,
        keepsUncommitted: Bool = false
    ) async throws -> Outcome? {
        let lock = try FolderLock(of: path)
        try await lock.acquire()
        let outcome = try finishIfBegun(path, layout: layout, keepsUncommitted: keepsUncommitted)
        _ = consume lock
        return outcome
    }

    private static func finishIfBegun(
        _ path: String,
        layout: MigrationLayout?,
        keepsUncommitted: Bool
    ) throws(MigratorError) -> Outcome? {
        let leftovers: [SquashLeftover]
        do {
            leftovers = try MigrationDirectory.read(path, layout: layout, pastLeftovers: true).leftovers
        } catch {
            // Whatever is wrong with the folder is told by who reads it whole.
            return nil
        }
        guard let first = leftovers.first else { return nil }
        let removed = try finish(path, layout: layout, keepsUncommitted: keepsUncommitted)
        let file = try MigrationDirectory.read(path, layout: layout, pastLeftovers: false).directory
            .migration(called: first.squash)?.up.fileName
        return Outcome(file: file ?? first.squash, removed: removed)
    }

    private static func finish(
        _ path: String,
        layout: MigrationLayout?,
        keepsUncommitted: Bool
    ) throws(MigratorError) -> [String] {
        let (directory, leftovers) = try MigrationDirectory.read(path, layout: layout, pastLeftovers: true)
        let folder = try MigrationFolder(path: path)
        for leftover in leftovers {
            let isSame = try folder.withContent(of: leftover.upFile) { leftover.replaced.checksum.isOf(Array($0)) }
            guard isSame else { throw .leftoverChanged("\(path)/\(leftover.upFile)", in: leftover.squash) }
        }
        if keepsUncommitted { try MigrationDirectory.checkCommitted(leftovers.flatMap(\.files), in: path) }
        if let sum = directory.sum {
            // Before the old files go, so that there is no moment with a folder that could run and a sum that forbids it.
            let found = try SumFile(
                of: directory.migrations,
                directory.repeatables,
                hooks: directory.hooks,
                in: folder
            )
            try sum.checkOthers(comparedWith: found, in: path)
            if sum.text != found.text {
                try NewFile.replace("\(path)/\(SumFile.fileName)", found.text, isDurable: true)
            }
        }
        // The squashed file may be the work of an earlier call that was killed before it was on disk.
        try NewFile.synchronize(path)
        var removed: [String] = []
        for file in leftovers.flatMap(\.files) {
            guard unlink("\(path)/\(file)") == 0 || errno == ENOENT else {
                throw .unwritableFile("\(path)/\(file)", errno)
            }
            removed.append(file)
        }
        try NewFile.synchronize(path)
        return removed
    }
}

extension SumFile {
    /// Refuses to write sums anew over a change that has nothing to do with the squash.
    fileprivate func checkOthers(comparedWith found: SumFile, in path: String) throws(MigratorError) {
        let checksums = Dictionary((found.chained + found.unchained).map { ($0.file, $0.checksum) }) { first, _ in first
        }
        for line in chained + unchained {
            guard let checksum = checksums[line.file], checksum != line.checksum else { continue }
            throw .differsFromSum("\(path)/\(line.file)", sum: line.checksum, found: checksum)
        }
    }
}
