import Postgres

/// What a database's history says ran, as files: in the recorded order, whatever order the folder has.
public struct RecordedHistory: Sendable {
    /// One migration that counts as run.
    public struct Record: Sendable {
        /// The file.
        public let migration: Migration
        /// Its row.
        public let entry: HistoryEntry
    }

    /// The migrations that count as run, in the order of their rows.
    public let records: [Record]
    /// The files that run around migrations.
    public let hooks: [MigrationSource]
    /// The role that owns the history, and so ran the migrations; nil without a history.
    public let owner: String?

    let directory: MigrationDirectory
}

extension Migrator {
    /// Reads which migrations count as run on the database, and finds their files.
    ///
    /// A row that another hand put into the history counts too: whoever runs the migrations relies on it.
    ///
    /// - Throws: ``MigratorError`` for a file that is gone or is not any more what ran; ``PostgresError``.
    public func recordedHistory() async throws -> RecordedHistory {
        try await withDatabase { connection in
            let (_, history) = try await HistoryStore.read(
                named: options.historyTable,
                in: options.schema,
                from: connection
            )
            guard let table = history.table else { return (history, String?.none) }
            let owner = try await connection.query(
                """
                SELECT pg_get_userbyid(c.relowner)::text FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
                """,
                table.schema,
                table.name
            ).single.decode(String.self)
            return (history, owner)
        } _: { _, files, read in
            try RecordedHistory(of: read.0, owner: read.1, in: files.acceptingFinalNewlines(since: read.0))
        }
    }

    /// Runs the migrations of a recorded history on this migrator's database, on which nothing ran yet.
    ///
    /// - Throws: as a run does.
    public func replay(_ recorded: RecordedHistory) async throws {
        try await withPostgresConnection(to: database) { connection in
            _ = try await apply(
                recorded.directory,
                since: .empty,
                to: .newest,
                on: connection,
                start: .now,
                emit: { _ in }
            )
        }
    }
}

extension MigrationDirectory {
    /// The squashed file for each migration that one stands for on a database: one that is recorded, or will be.
    fileprivate func squashes(in history: History) -> [MigrationKey: MigrationKey] {
        var squashes: [MigrationKey: MigrationKey] = [:]
        for migration in migrations where !migration.replaced.isEmpty {
            let isRecorded = history.entries(of: migration).contains(where: \.isInForce)
            if !isRecorded {
                guard case .whole = SquashStanding(of: migration, in: history) else { continue }
            }
            for replaced in migration.replaced { squashes[replaced.key] = MigrationKey(migration.name) }
        }
        return squashes
    }
}

extension RecordedHistory {
    fileprivate init(of history: History, owner: String?, in files: MigrationDirectory) throws(MigratorError) {
        let migrations = Dictionary(
            files.inOrder.map { (MigrationKey($0.name), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var records: [Record] = []
        var seen: Set<MigrationKey> = []
        var problems: [MigratorError] = []
        let squashes = files.squashes(in: history)
        for entry in history.entries where entry.isInForce {
            // A squashed file stands where the first of what it replaces ran, also if it was recorded much later.
            let key = squashes[MigrationKey(entry.name)] ?? MigrationKey(entry.name)
            if entry.outcome == .squashed, key == MigrationKey(entry.name) { continue }
            guard seen.insert(key).inserted else { continue }
            guard let migration = migrations[key] else {
                problems.append(.missing(entry))
                continue
            }
            if key != MigrationKey(entry.name) {
                records.append(Record(migration: migration, entry: history.entries(of: migration).last ?? entry))
                continue
            }
            let isChanged = entry.checksum.map { $0 != migration.checksum } ?? false
            if isChanged || entry.hasUnreadableChecksum {
                problems.append(.noLongerWhatRan(migration))
                continue
            }
            records.append(Record(migration: migration, entry: entry))
        }
        if let problem = problems.first { throw problems.count == 1 ? problem : .several(problems) }
        self.records = records
        self.owner = owner
        hooks = files.hooks.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value)
        directory = files.replaying(records.map(\.migration))
    }
}
