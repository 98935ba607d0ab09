import Dispatch
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
        let files = try MigrationFiles(in: path)
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
        // Reading is a few system calls a file; two lanes halve the wait over thousands of files.
        let results = Mutex([Result<Checksum, any Error>?](repeating: nil, count: names.count))
        let stride = 64
        DispatchQueue.concurrentPerform(iterations: (names.count + stride - 1) / stride) { part in
            let range = part * stride..<min((part + 1) * stride, names.count)
            let part = range.map { index in
                Result { try MigrationFile(path: "\(path)/\(names[index].name).sql").checksum }
            }
            results.withLock { $0.replaceSubrange(range, with: part) }
        }
        var migrations: [Migration] = []
        var failures: [any Error] = []
        for (file, result) in zip(names, results.withLock { $0 }) {
            guard let result else { continue }
            switch result {
            case .success(let checksum):
                migrations.append(
                    Migration(
                        name: file.name,
                        version: file.version,
                        path: "\(path)/\(file.name).sql",
                        checksum: checksum,
                        downPath: files.downs.contains(file.name) ? "\(path)/\(file.name).down.sql" : nil
                    )
                )
            case .failure(let error): failures.append(error)
            }
        }
        if let error = failures.first { throw failures.count == 1 ? error : MigratorError.several(failures) }
        return migrations
    }
}

/// The names in a migrations folder, sorted out.
struct MigrationFiles {
    let versioned: [(name: String, version: MigrationVersion)]
    let downs: Set<String>

    /// Lists a folder.
    init(in path: String) throws(MigratorError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .noDirectory(path)
        }
        try self.init(fileNames: names, path: path)
    }

    /// Sorts out a folder's file names.
    init(fileNames: [String], path: String) throws(MigratorError) {
        var versioned: [(name: String, version: MigrationVersion)] = []
        var downs: Set<String> = []
        var misnamed: [String] = []
        for fileName in fileNames.sorted() where fileName.hasSuffix(".sql") && !fileName.hasPrefix(".") {
            let name = String(fileName.dropLast(4))
            let stem = name.hasSuffix(".down") ? String(name.dropLast(5)) : name
            guard let version = MigrationVersion(fileName: stem), !stem.hasSuffix(".verify") else {
                misnamed.append(fileName)
                continue
            }
            if stem == name { versioned.append((name, version)) } else { downs.insert(stem) }
        }
        versioned.sort { ($0.version, $0.name) < ($1.version, $1.name) }
        if !misnamed.isEmpty { throw .misnamedFiles(misnamed, in: path) }
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
