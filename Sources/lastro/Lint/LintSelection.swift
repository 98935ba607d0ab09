import ArgumentParser
import Catalog
import Linter
import Migrator
import Postgres
import ProjectSettings
import SQLSyntax
import SchemaDiff

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The options that say what is judged, and after what.
struct LintSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("The files (default: all of the folder).", valueName: "file"))
    var files: [String] = []

    @Option(help: ArgumentHelp("Judge the migrations that are not as in a revision of git.", valueName: "revision"))
    var since: String?

    @Option(help: ArgumentHelp("Judge from this migration on.", valueName: "name"))
    var from: String?

    @Flag(help: "Judge SQL from standard input, after all migrations.")
    var stdin = false

    @Option(help: ArgumentHelp("Start from a catalog file, as `lastro inspect` writes it.", valueName: "file"))
    var catalog: String?

    @Flag(help: "With --database and files: judge those as well that have run there.")
    var applied = false

    /// Whether everything is judged that the folder holds.
    var isEverything: Bool { files.isEmpty && since == nil && from == nil && !stdin }

    func validate() throws {
        let given = [!files.isEmpty, since != nil, from != nil, stdin].count { $0 }
        if given > 1 { throw ValidationError("give files, --since, --from or --stdin, and only one of them") }
    }

    /// What is there before the first file.
    struct Start {
        let text: LintText
        /// The names of the migrations that have not run there; nil if that is not known.
        let pending: Set<String>?
    }

    /// What a database or a catalog file holds; nil if neither is given.
    func start(
        _ url: String?,
        _ settings: Settings,
        _ migratorOptions: MigratorOptions,
        _ options: inout LintOptions,
        isFixed: Bool
    ) async throws -> Start? {
        if let catalog {
            let catalog = try CatalogFile.read(path: catalog)
            if !isFixed { options.serverMajor = catalog.serverVersion.major }
            return Start(text: try Self.text(of: catalog), pending: nil)
        }
        guard url != nil else { return nil }
        let database = try await settings.database(.direct)
        let migrator = try await migratorOptions.migrator(for: settings, database: database)
        let isFolder = (try? await MigrationDirectory(readingFrom: settings.migrations, layout: settings.layout)) != nil
        let pending =
            isFolder
            ? Set(
                try await migrator.plan().statuses.filter { $0.state != .applied && $0.state != .changed }.map(\.name)
            ) : []
        let (catalog, rows) = try await withPostgresConnection(to: database) { connection in
            let counts = try await connection.query(
                """
                SELECT n.nspname::text, c.relname::text, greatest(c.reltuples, 0)::bigint
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384
                """
            )
            return (try await Catalog.read(on: connection), try counts.decode(as: (String, String, Int).self))
        }
        for (schema, name, count) in rows { options.rowCounts[QualifiedName(schema: schema, name: name)] = count }
        if !isFixed { options.serverMajor = catalog.serverVersion.major }
        return Start(text: try Self.text(of: catalog), pending: pending)
    }

    /// The SQL that makes what a catalog has.
    private static func text(of catalog: Catalog) throws -> LintText {
        let comparison = try SchemaComparison(
            from: .bare(serverVersion: catalog.serverVersion),
            to: catalog,
            options: PlanOptions(isOnline: false)
        )
        let statements = comparison.plan.steps.flatMap(\.statements).map { $0.sql + ";\n" }
        return LintText(path: "the database", sql: statements.joined())
    }

    // MARK: Files

    /// The files in the order in which they run, judged or not.
    ///
    /// - Parameters:
    ///   - settings: where they lie, and the values of their placeholders.
    ///   - first: the first version that is judged; nil for all.
    ///   - pending: the names of those that have not run; nil for all.
    ///   - judgesApplied: whether named files are judged that are none of those.
    ///   - isLate: whether a file is read only when what it does is not known.
    ///   - note: tells the user something beside the findings.
    /// - Returns: the files.
    /// - Throws: `ValidationError` for a selection that means nothing, `MigratorError` for a folder that cannot be read.
    func inputs(
        _ settings: Settings,
        from first: String?,
        pending: Set<String>?,
        judgesApplied: Bool,
        isLate: Bool,
        note: (String) -> Void
    ) async throws -> [LintInput] {
        // Git works while the folder is read.
        let changes = try since.map { try GitChanges(since: $0, in: settings.migrations) }
        let directory = try await directory(settings)
        let all = (directory?.migrations ?? []) + (directory?.repeatables ?? [])
        let migrations = pending.map { pending in all.filter { pending.contains($0.name) } } ?? all
        let placeholders = settings.placeholders
        let way = placeholders.map { "\($0.sorted { $0.key < $1.key })" } ?? ""
        func text(_ migration: Migration) throws -> LintText {
            @Sendable func read() throws -> LintText {
                LintText(
                    try MigrationText(of: migration.up, placeholders: placeholders),
                    kind: migration.kind,
                    version: migration.version
                )
            }
            guard isLate else { return try read() }
            let path = migration.path
            // The checksum is the same for other line endings, and the places of statements are not.
            var status = stat()
            let size = stat(path, &status) == 0 ? Int(status.st_size) : -1
            let key = "\(migration.checksum) \(size) \(migration.kind.rawValue) \(migration.up.section) \(way)"
            return LintText(unread: path, version: migration.version, key: key, read)
        }
        func input(_ migration: Migration, isJudged: Bool) throws -> LintInput {
            // A part of a file that is not there is no mistake of the way up.
            let down =
                isJudged
                ? migration.down.flatMap { try? MigrationText(of: $0, placeholders: placeholders) }.map {
                    LintText($0)
                } : nil
            return LintInput(try text(migration), isJudged: isJudged, down: down)
        }
        if stdin {
            let sql = String(decoding: StandardInput.read(), as: UTF8.self)
            return try migrations.map { LintInput(try text($0), isJudged: false) } + [
                LintInput(LintText(path: "<stdin>", sql: sql))
            ]
        }
        if !files.isEmpty {
            let judged = judgesApplied ? files : leavingOutApplied(files, among: all, pending: pending, note: note)
            return try inputs(for: judged, among: migrations, settings, text, input(_:isJudged:))
        }
        if let from {
            guard let first = directory?.migration(called: from), let place = migrations.firstIndex(of: first) else {
                throw ValidationError("--from \(from): there is no such migration in \(settings.migrations)")
            }
            return try migrations.enumerated().map { try input($1, isJudged: $0 >= place) }
        }
        if let changes {
            let changed = try changes.files()
            return try migrations.map { migration in
                // Who changes only what takes a migration back wants to know whether it still does.
                let files = [migration.up, migration.down].compactMap { $0?.fileName }
                return try input(migration, isJudged: files.contains(where: changed.contains))
            }
        }
        let first = first.flatMap { MigrationVersion(dotted: $0) }
        return try migrations.map { migration in
            let isJudged = first.map { first in migration.version.map { $0 >= first } ?? true } ?? true
            return try input(migration, isJudged: isJudged)
        }
    }

    /// The files that somebody named, without those that the database has run, which are told once.
    private func leavingOutApplied(
        _ files: [String],
        among migrations: [Migration],
        pending: Set<String>?,
        note: (String) -> Void
    ) -> [String] {
        guard let pending else { return files }
        let paths = migrations.filter { !pending.contains($0.name) }
            .flatMap { [$0.path, $0.down?.path, $0.verifyPath].compactMap(\.self) }
        let done = Set(paths.map(CheckoutPaths.absolute))
        let left = files.filter { !done.contains(CheckoutPaths.absolute($0)) }
        let applied = files.filter { done.contains(CheckoutPaths.absolute($0)) }
        if !applied.isEmpty {
            note(
                "\(applied.joined(separator: ", ")) \(applied.count == 1 ? "has" : "have") run on this database and "
                    + "\(applied.count == 1 ? "is" : "are") not judged; --applied judges \(applied.count == 1 ? "it" : "them") all the same"
            )
        }
        return left
    }

    private static func checkFile(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw ValidationError("\(path): there is no such file") }
            return
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            throw ValidationError("\(path) is a folder: give its files, or the folder with --migrations \(path)")
        }
    }

    private func directory(_ settings: Settings) async throws -> MigrationDirectory? {
        do {
            return try await MigrationDirectory(readingFrom: settings.migrations, layout: settings.layout)
        } catch let error as MigratorError where error.code == .noDirectory && !files.isEmpty {
            return nil
        }
    }

    /// Files that somebody named, each after the migrations of lower version.
    ///
    /// What takes a migration of the folder back, or checks it, stands for that migration.
    private func inputs(
        for files: [String],
        among migrations: [Migration],
        _ settings: Settings,
        _ text: (Migration) throws -> LintText,
        _ input: (Migration, Bool) throws -> LintInput
    ) throws -> [LintInput] {
        var owners: [String: Migration] = [:]
        for migration in migrations {
            for path in [migration.path, migration.down?.path, migration.verifyPath] {
                if let path { owners[CheckoutPaths.absolute(path)] = migration }
            }
        }
        var seen: Set<String> = []
        var named: [(path: String, version: MigrationVersion?, input: LintInput)] = []
        for path in files {
            let own = owners[CheckoutPaths.absolute(path)]
            guard seen.insert(CheckoutPaths.absolute(own?.path ?? path)).inserted else { continue }
            if own == nil { try Self.checkFile(path) }
            let judged =
                try own.map { try input($0, true) }
                ?? LintInput(
                    LintText(try MigrationText(of: MigrationSource(path: path), placeholders: settings.placeholders))
                )
            named.append((own?.path ?? path, own?.version ?? MigrationVersion(fileName: path.fileName), judged))
        }
        var inputs: [(version: MigrationVersion?, input: LintInput)] = []
        let highest = named.contains { $0.version == nil } ? nil : named.compactMap(\.version).max()
        for migration in migrations where migration.version != nil {
            // A file in the folder's place stands for the folder's own of that version.
            if named.contains(where: { $0.version == migration.version || $0.path == migration.path }) { continue }
            if let highest, let version = migration.version, version > highest { continue }
            inputs.append((migration.version, LintInput(try text(migration), isJudged: false)))
        }
        for file in named {
            let place =
                file.version.flatMap { version in
                    inputs.firstIndex { other in other.version.map { $0 > version } ?? true }
                } ?? inputs.endIndex
            inputs.insert((file.version, file.input), at: place)
        }
        return inputs.map(\.input)
    }
}

extension String {
    /// The last part of a path.
    fileprivate var fileName: String { split(separator: "/").last.map(String.init) ?? self }
}
