/// A migration whose files are still there though a squashed file replaces it: the squash, or a merge, stopped halfway.
struct SquashLeftover {
    /// The squashed file's name.
    let squash: String
    let replaced: ReplacedMigration
    /// The file that runs.
    let upFile: String
    /// All its files, in the order in which they go: the one that runs last, since it is what makes the folder unreadable.
    let files: [String]

    /// Finds them.
    ///
    /// - Returns: them in the order in which they go. The one that has the squashed file's version is last: two files of one
    ///   version are refused by every release that reads the folder, also by one that knows nothing of squashed files.
    static func all(
        among files: MigrationFiles,
        _ listing: FolderListing,
        replacedBy squashes: [String: [ReplacedMigration]]
    ) -> [SquashLeftover] {
        guard !squashes.isEmpty else { return [] }
        let entries = Dictionary(files.versioned.map { (MigrationKey($0.name), $0) }) { first, _ in first }
        var leftovers: [SquashLeftover] = []
        var last: [SquashLeftover] = []
        for (squash, replaced) in squashes.sorted(by: { $0.key < $1.key }) {
            let version = entries[MigrationKey(squash)]?.version
            for migration in replaced {
                guard let entry = entries[migration.key], entry.name != squash else { continue }
                let companions = listing.files.filter { $0.isCompanion(of: entry) }.map(\.text).sorted()
                let leftover = SquashLeftover(
                    squash: squash,
                    replaced: migration,
                    upFile: entry.fileName,
                    files: companions + [entry.fileName]
                )
                if entry.version == version { last.append(leftover) } else { leftovers.append(leftover) }
            }
        }
        return leftovers + last
    }
}

extension FileName {
    /// Whether it takes back or checks a migration.
    fileprivate func isCompanion(of entry: MigrationFiles.Entry) -> Bool {
        switch form {
        case .down, .verify: name == entry.name
        case .flywayUndo: version == entry.version
        default: false
        }
    }
}
