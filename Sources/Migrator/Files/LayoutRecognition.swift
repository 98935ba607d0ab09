/// Which layout a folder has, from the names in it.
///
/// dbmate, goose and plain sqlx name their files as Lastro does: what tells the first two is a marker in each file.
enum LayoutRecognition {
    /// The layout that the names show; ``MigrationLayout/lastro`` stands for the four with `NNNN_name.sql`.
    ///
    /// - Throws: ``MigratorError`` with code `mixed-layouts`.
    static func layout(of listing: FolderListing, prismaFolders: [String], in path: String)
        throws(MigratorError) -> MigrationLayout
    {
        var found: [(layout: MigrationLayout, files: [String])] = []
        func add(_ layout: MigrationLayout, _ files: [String]) {
            if !files.isEmpty { found.append((layout, files.sorted())) }
        }
        add(.sqitch, listing.hasSqitchPlan ? ["sqitch.plan"] : [])
        add(.prisma, prismaFolders.isEmpty && listing.hasPrismaLock ? ["migration_lock.toml"] : prismaFolders)
        add(.flyway, listing.names { $0.isFlyway })
        add(.golangMigrate, listing.names { $0 == .up })
        add(.lastro, listing.names { $0 == .plain })
        if found.count > 1 { throw .mixedLayouts(found, in: path) }
        return found.first?.layout ?? .lastro
    }

    /// The layout that the markers in the files show.
    ///
    /// - Parameters:
    ///   - marks: each file with the layout of its first marker, if it has one.
    ///   - path: the folder, for errors.
    /// - Returns: dbmate, goose, or Lastro's own where no file has a marker.
    /// - Throws: ``MigratorError`` with code `mixed-layouts`.
    static func layout(
        ofMarked marks: [(file: String, layout: MigrationLayout?)],
        in path: String
    ) throws(MigratorError) -> MigrationLayout {
        guard marks.contains(where: { $0.layout != nil }) else { return .lastro }
        let found = [MigrationLayout.dbmate, .goose, .lastro].compactMap { layout in
            let files = marks.filter { ($0.layout ?? .lastro) == layout }.map(\.file)
            return files.isEmpty ? nil : (layout: layout, files: files)
        }
        if found.count > 1 { throw .mixedLayouts(found, in: path) }
        return found.first?.layout ?? .lastro
    }
}

extension FolderListing {
    fileprivate func names(where matches: (FileName.Form) -> Bool) -> [String] {
        files.filter { matches($0.form) }.map(\.text)
    }
}

extension FileName.Form {
    fileprivate var isFlyway: Bool {
        switch self {
        case .flyway, .flywayUndo, .flywayHook: true
        default: false
        }
    }
}
