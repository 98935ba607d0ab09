extension MigrationFolder {
    /// The folders in it that hold a migration of Prisma's layout.
    func prismaFolders(among listing: FolderListing) -> [String] {
        (listing.folders + listing.links).filter { hasFile("\($0)/migration.sql") }
    }

    /// The migrations of Prisma's layout, in the order of their names.
    ///
    /// - Parameters:
    ///   - folders: the folders that hold one each.
    ///   - misfits: gets the other files of SQL in these folders.
    /// - Returns: the migrations.
    func prismaMigrations(in folders: [String], misfits: inout [String]) -> [MigrationFiles.Entry] {
        folders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { name in
            let digits = name.prefix { $0.isASCII && $0.isNumber }
            let files = Set(filesBelow(name))
            let known = ["migration", "down", "verify"].map { "\(name)/\($0).sql" }
            misfits += files.subtracting(known)
            return MigrationFiles.Entry(
                name: name,
                version: name.dropFirst(digits.count).first == "_" ? MigrationVersion(dotted: digits) : nil,
                fileName: known[0],
                down: files.contains(known[1]) ? known[1] : nil,
                verify: files.contains(known[2]) ? known[2] : nil
            )
        }
    }
}
