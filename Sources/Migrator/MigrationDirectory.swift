import Dispatch
import Synchronization

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
        let files = try MigrationFiles(fileNames: try MigrationFolder(path: path).names(), path: path)
        migrations = try await Self.read(files, in: path)
    }

    /// The migration that a version or a name stands for.
    public func migration(called name: String) -> Migration? {
        if let version = MigrationVersion(name) { return migrations.first { $0.version == version } }
        return migrations.first { $0.isCalled(name) }
    }

    @concurrent
    private static func read(_ files: MigrationFiles, in path: String) async throws -> [Migration] {
        let names = files.versioned
        // A file is three system calls: two lanes, since there are hardly fewer cores, halve the wait over thousands.
        let results = Mutex([Result<Checksum, MigratorError>?](repeating: nil, count: names.count))
        let stride = 128
        DispatchQueue.concurrentPerform(iterations: (names.count + stride - 1) / stride) { part in
            let range = part * stride..<min((part + 1) * stride, names.count)
            let part = checksums(of: names[range], in: path)
            results.withLock { $0.replaceSubrange(range, with: part) }
        }
        var migrations: [Migration] = []
        migrations.reserveCapacity(names.count)
        var failures: [MigratorError] = []
        for (file, result) in zip(names, results.withLock { $0 }) {
            switch result {
            case .success(let checksum)?:
                migrations.append(
                    Migration(
                        name: file.name,
                        version: file.version,
                        path: "\(path)/\(file.name).sql",
                        checksum: checksum,
                        downPath: files.downs.contains(file.name) ? "\(path)/\(file.name).down.sql" : nil
                    )
                )
            case .failure(let failure)?: failures.append(failure)
            case nil: break
            }
        }
        if let failure = failures.first { throw failures.count == 1 ? failure : .several(failures) }
        return migrations
    }
}

/// The checksums of some of a folder's files, or why there is none.
private func checksums(
    of files: ArraySlice<(name: String, version: MigrationVersion)>,
    in path: String
) -> [Result<Checksum, MigratorError>] {
    do throws(MigratorError) {
        let folder = try MigrationFolder(path: path)
        return files.map { file in
            do throws(MigratorError) {
                let fileName = file.name + ".sql"
                return .success(
                    try folder.withContent(of: fileName, at: "\(path)/\(fileName)") { Checksum(of: $0) }
                )
            } catch {
                return .failure(error)
            }
        }
    } catch {
        return files.map { _ in .failure(error) }
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
