/// The migrations of a folder, in the order of their versions.
///
/// `NNNN_name.sql` is a migration and `NNNN_name.down.sql` takes it back. Hidden files and files that do not end in
/// `.sql` are left alone; a file of SQL whose name fits nothing is an error, since it would be forgotten in silence.
public struct MigrationDirectory: Sendable {
    /// The folder, as the user named it.
    public let path: String
    /// The migrations, by version.
    public let migrations: [Migration]

    /// Reads a folder: the names of its files, and each migration's content for its checksum.
    ///
    /// - Throws: ``MigratorError`` naming every file that is wrong, before anything could run: names that fit
    ///   nothing, two files of one version, a down file without its migration, content that is not UTF-8.
    public init(readingFrom path: String) async throws {
        self.path = path
        let folder = try MigrationFolder(path: path)
        let files = try MigrationFiles(fileNames: folder.names(), path: path)
        migrations = try await Self.read(files, from: folder)
    }

    /// The migration that a version or a name stands for.
    public func migration(called name: String) -> Migration? {
        if let version = MigrationVersion(name) { return migrations.first { $0.version == version } }
        return migrations.first { $0.isCalled(name) }
    }

    @concurrent
    private static func read(_ files: MigrationFiles, from folder: MigrationFolder) async throws -> [Migration] {
        var migrations: [Migration] = []
        migrations.reserveCapacity(files.versioned.count)
        var failures: [MigratorError] = []
        for (name, version) in files.versioned {
            let fileName = name + ".sql"
            let path = "\(folder.path)/\(fileName)"
            do {
                let checksum = try folder.withContent(of: fileName, at: path) { Checksum(of: $0) }
                let downPath = files.downs.contains(name) ? "\(folder.path)/\(name).down.sql" : nil
                migrations.append(
                    Migration(name: name, version: version, path: path, checksum: checksum, downPath: downPath)
                )
            } catch {
                failures.append(error)
            }
        }
        if let failure = failures.first { throw failures.count == 1 ? failure : .several(failures) }
        return migrations
    }
}

/// The names in a migrations folder, sorted out.
struct MigrationFiles {
    let versioned: [(name: String, version: MigrationVersion)]
    let downs: Set<String>

    /// Sorts out a folder's file names.
    init(fileNames: [String], path: String) throws(MigratorError) {
        var versioned: [(name: String, version: MigrationVersion)] = []
        var downs: Set<String> = []
        var misnamed: [String] = []
        for fileName in fileNames where fileName.hasSuffix(".sql") && !fileName.hasPrefix(".") {
            let name = String(fileName.dropLast(4))
            let stem = name.hasSuffix(".down") ? String(name.dropLast(5)) : name
            guard let version = MigrationVersion(fileName: stem), !stem.hasSuffix(".verify") else {
                misnamed.append(fileName)
                continue
            }
            if stem == name { versioned.append((name, version)) } else { downs.insert(stem) }
        }
        // Numbers are sorted and not the files: those would be copied many times over, with a count of references each.
        let order = versioned.indices.sorted { left, right in
            let (left, right) = (versioned[left], versioned[right])
            return left.version == right.version ? left.name < right.name : left.version < right.version
        }
        versioned = order.map { versioned[$0] }
        if !misnamed.isEmpty { throw .misnamedFiles(misnamed.sorted(), in: path) }
        let duplicates = zip(versioned, versioned.dropFirst()).filter { $0.version == $1.version }
        if let (first, second) = duplicates.first {
            throw .duplicateVersion(first.version, files: [first.name + ".sql", second.name + ".sql"], in: path)
        }
        let orphans = downs.subtracting(versioned.map(\.name)).sorted()
        if !orphans.isEmpty { throw .downWithoutMigration(orphans.map { $0 + ".down.sql" }, in: path) }
        self.versioned = versioned
        self.downs = downs
    }
}
