public import Postgres
import SQLSyntax
import SystemPackage

/// Restores a snapshot.
///
/// A database is built under another name, checked, and given its own name in the end: what has that name is whole. What goes
/// into a database that is there goes there in one transaction.
public struct Restoration: Sendable {
    let repository: Repository
    let identities: [AgeIdentity]
    let target: ConnectionSettings
    /// How many sessions load data, and make indexes, at once.
    public var jobs = 4
    /// What is restored, and how.
    public var options = RestoreOptions()
    /// Is told what a user should know of.
    public var note: @Sendable (String) -> Void = { _ in }
    /// Whether what the server cannot make is left out, with all that needs it.
    var leavesOut = false
    /// Knows the objects that who restores may not make; nil if the first one ends it.
    var refusals: Refusals?
    /// Makes what only a superuser may make, in the database under its first name; those extensions are there then.
    var preparation: (@Sendable (Manifest, _ database: String) async throws -> Void)?
    /// Is called when a phase has ended.
    var observe: @Sendable (Phase) async throws -> Void = { _ in }
    /// From which size on a table is worth sessions of its own for what is else done for many at once.
    var largeTableBytes = 32 << 20
    /// How long sessions of a database that is replaced are waited for when they do not end.
    public var patience: Duration = .seconds(60)

    /// What ends one after the other.
    enum Phase: Hashable, Sendable {
        /// The database is there, and nothing in it.
        case created
        /// What comes before the data is made.
        case prepared
        /// The rows are there, and compared.
        case loaded
        /// All is there.
        case completed
        /// A step of the exchange with an old database.
        case exchange(DatabaseExchange.Step)
    }

    /// Makes ready to restore.
    ///
    /// - Parameters:
    ///   - repository: where the snapshot is.
    ///   - identities: who decrypts it.
    ///   - target: the database to make, to replace or to add to; its server has to be there.
    public init(from repository: Repository, with identities: [AgeIdentity], to target: ConnectionSettings) {
        self.repository = repository
        self.identities = identities
        self.target = target
    }

    /// What was restored.
    public struct Result: Hashable, Sendable {
        /// The snapshot.
        public let snapshot: Snapshot
        /// The database that was made.
        public let database: String
        /// How many tables there are.
        public let tables: Int
        /// How many rows were loaded.
        public let rows: Int
        /// Whether the schema reads the same as that of the database that was backed up; so is one that was not compared.
        public let schemaIsEqual: Bool
        /// Whether something was left out, so that the schema could not be compared.
        public var isPartial = false
        /// The name under which a database is kept that was replaced.
        public var previous: String?
    }

    /// Restores a snapshot.
    ///
    /// - Parameter name: the snapshot's name or the beginning of it; nil for the newest.
    /// - Returns: what was restored, after every table was compared with the manifest.
    /// - Throws: ``BackupError``, `PostgresError` or `CancellationError`; then the server's databases are as they were.
    public func callAsFunction(_ name: String? = nil) async throws -> Result {
        try options.check()
        let index = try repository.index(of: repository.snapshot(named: name)).index
        let manifest = try selected(from: Manifest.read(of: index, in: repository, with: identities))
        let database = target["dbname"] ?? manifest.database.name
        let source = Source(
            index: index,
            manifest: manifest,
            reader: ChunkReader(of: index, in: repository, with: identities)
        )
        return try await withPostgresConnection(to: target.with(database: "postgres")) { administrator in
            try await administrator.script(SessionTimeouts.lifted)
            // First, since a killed run's session goes with both its locks: its draft is not taken for somebody's then.
            guard try await administrator.lock("database \(database)", waitingUpTo: .seconds(3)) else {
                throw BackupError.busyDatabase(database)
            }
            if let finished = try await tidyUp(source, database, on: administrator) { return finished }
            let old = try await DatabaseExchange.old(database, on: administrator, checking: options.replaces)
            if options.isDataOnly, old == nil { throw BackupError.noDatabase(database) }
            if old != nil, options.isAddition { return try await add(source, to: database) }
            guard old == nil || options.replaces else { throw BackupError.databaseExists(database) }
            try await provideRoles(source, on: administrator)
            return try await build(source, database, old, on: administrator)
        }
    }

    /// What is restored from.
    struct Source: Sendable {
        let index: SnapshotIndex
        let manifest: Manifest
        let reader: ChunkReader

        func bytes(of chunks: [Manifest.Chunk]) throws -> [UInt8] {
            try chunks.reduce(into: []) { $0 += try reader.content(of: $1) }
        }

        /// The SQL that makes the roles.
        func roles() throws -> String { String(decoding: try bytes(of: manifest.roles), as: UTF8.self) }
    }

    /// The manifest with the tables that were asked for.
    private func selected(from manifest: Manifest) throws -> Manifest {
        var manifest = manifest
        if !options.restoresRows {
            for index in manifest.tables.indices {
                manifest.tables[index].units = []
                manifest.tables[index].rows = 0
            }
        }
        return manifest
    }

    private func provideRoles(_ source: Source, on administrator: PostgresConnection) async throws {
        guard options.keepsOwners else { return }
        for line in try await SnapshotRoles(sql: source.roles()).provide(options, on: administrator) { note(line) }
    }

    /// Builds a database, and gives it its name.
    private func build(
        _ source: Source,
        _ database: String,
        _ old: DatabaseExchange.OldDatabase?,
        on administrator: PostgresConnection
    ) async throws -> Result {
        let draft = try await DraftDatabase(on: administrator)
        let record = DraftRecord(snapshot: source.index.id, database: database)
        do {
            // Neither needs the other.
            async let listings = listings(of: source)
            try await draft.create(like: source.manifest.database, record)
            try await observe(.created)
            var result = try await fill(draft.name, source, database, await listings)
            try await observe(.completed)
            if let old {
                result.previous = try await exchange(draft, with: old, result, record)
            } else {
                let isAsItWas = options.keepsOwners && !options.leavesOut
                if isAsItWas { try await give(draft, whatHas: source.manifest.database) }
                let comment = isAsItWas ? source.manifest.database.attributes?.comment : nil
                try await draft.rename(to: database, comment: comment)
            }
            return result
        } catch {
            try? await draft.drop()  // the first failure is the one to tell
            throw error
        }
    }

    /// Puts the draft into the old database's place.
    ///
    /// - Returns: what the old one is called now.
    private func exchange(
        _ draft: DraftDatabase,
        with old: DatabaseExchange.OldDatabase,
        _ result: Result,
        _ record: DraftRecord
    ) async throws -> String {
        let administrator = draft.administrator
        let kept = try await DatabaseExchange.keptName(
            for: record.database,
            at: Timestamp.text(Timestamp.now),
            on: administrator
        )
        var record = record
        let details = DraftRecord.Exchange(
            old: old.oid,
            keptAs: kept,
            allowedConnections: old.allowsConnections,
            tables: result.tables,
            rows: result.rows,
            schemaIsEqual: result.schemaIsEqual,
            comment: old.comment
        )
        record.exchange = details
        for statement in try await DatabaseExchange.attributes(of: old.oid, for: draft.name, on: administrator) {
            try await administrator.script(statement)
        }
        try await observe(.exchange(.ready))
        let exchange = DatabaseExchange(
            draft: draft.name,
            record: record,
            exchange: details,
            administrator: administrator,
            patience: patience
        )
        do {
            try await exchange.close()
            try await observe(.exchange(.closed))
            guard try await exchange.finish({ try await observe(.exchange($0)) }) else {
                throw BackupError.otherDatabaseMeanwhile(record.database)
            }
        } catch {
            await administrator.rollBack()
            try? await exchange.reopen()  // the first failure is the one to tell
            throw error
        }
        try await observe(.exchange(.exchanged))
        return kept
    }

    /// Restores schema and data, and compares.
    private func fill(
        _ draft: String,
        _ source: Source,
        _ database: String,
        _ listings: SchemaReader.Listings
    ) async throws -> Result {
        let settings = target.with(database: draft)
        try await preparation?(source.manifest, draft)
        if source.manifest.database.lacksPublicSchema == true { try await dropPublicSchema(in: settings) }
        let schema = try await schema(of: source, listings, settings)
        let run = run(on: settings)
        try await run.beforeData(schema.before)
        try await run.tryOut(schema.behind)
        try refusals?.check()
        var manifest = schema.manifest
        if leavesOut || refusals?.all.isEmpty == false { manifest = try await manifest.present(in: settings) }
        let preparation = options.restoresRows ? try await run.session { try await prepare(manifest, on: $0) } : nil
        try await observe(.prepared)
        let plan = SchemaRun.plan(options.point == .postData ? schema.behind : [])
        var analysed: Set<String> = []
        if options.restoresRows {
            analysed = try await tables(of: manifest, source.reader, schema, plan, run, preparation?.rights)()
        } else {
            try await run.sideBySide(plan.indexes, sizes: schema.sizes)
        }
        let objects = largeObjects(of: source, settings)
        try await objects?.run()
        try await observe(.loaded)
        if let preparation {
            try await run.session { connection in
                try await preparation.rights.takeBack(on: connection)
                try await preparation.checks.makeAnew(on: connection, isLenient: options.isLenient, note: note)
            }
        }
        try await run.behindIndexes(plan, sizes: schema.sizes)
        try refusals?.check()
        let isEqual = try await finish(manifest, source, settings, analysed: analysed)
        let areEqual = if let objects { try await objects.compare() || !objects.asOwners } else { true }
        return Result(
            snapshot: Snapshot(source.index),
            database: database,
            tables: manifest.tables.count,
            rows: manifest.tables.reduce(0) { $0 + $1.rows },
            schemaIsEqual: isEqual && areEqual,
            isPartial: options.leavesOut
        )
    }

    /// Has tables made ready for their rows.
    private func prepare(
        _ manifest: Manifest,
        on connection: PostgresConnection
    ) async throws -> (checks: LateChecks, rights: LoadRights) {
        let checks = try await LateChecks.takeAway(on: connection)
        guard options.keepsOwners else { return (checks, LoadRights()) }
        return (checks, try await LoadRights.lend(for: manifest.tables, on: connection))
    }

    private func run(on settings: ConnectionSettings) -> SchemaRun {
        var run = SchemaRun(settings: settings, jobs: jobs, leavesOut: leavesOut, searchPath: options.searchPath)
        run.refusals = refusals
        if options.isLenient { run.noteUnfilled = note }
        return run
    }

    /// What makes the large objects, which belong to a database as a whole.
    private func largeObjects(of source: Source, _ settings: ConnectionSettings) -> LargeObjectLoad? {
        guard options.restoresRows, !options.isAddition, let objects = source.manifest.largeObjects else { return nil }
        return LargeObjectLoad(
            objects: objects,
            reader: source.reader,
            settings: settings,
            asOwners: options.keepsOwners && options.roleMap.isEmpty,
            jobs: jobs
        )
    }

    private func tables(
        of manifest: Manifest,
        _ reader: ChunkReader,
        _ schema: Schema,
        _ plan: SchemaRun.Plan,
        _ run: SchemaRun,
        _ rights: LoadRights?
    ) async throws -> TableRestore {
        let target = try await withPostgresConnection(to: run.settings) {
            try await LoadTarget.read(for: manifest, on: $0)
        }
        if let words = target.text.words(for: manifest.tables) { note(words) }
        return TableRestore(
            load: DataLoad(
                manifest: manifest,
                reader: reader,
                owner: { rights?.owner(of: $0) },
                jobs: jobs,
                target: target,
                readsBack: options.readsBack
            ),
            run: run,
            entries: plan.indexes,
            later: plan.middle + plan.rest,
            numbers: schema.numbers,
            partitions: schema.partitions,
            settings: run.settings,
            largeBytes: largeTableBytes,
            analyses: options.analyses
        )
    }

    /// Sets sequences, has tables analysed, and compares the schema.
    private func finish(
        _ manifest: Manifest,
        _ source: Source,
        _ settings: ConnectionSettings,
        analysed: Set<String>
    ) async throws -> Bool {
        try await withPostgresConnection(to: settings) { connection in
            if options.restoresRows { try await connection.setSequences(manifest.sequences) }
            async let analysis: Void = analyse(settings, but: analysed)
            let isEqual = try await schemaIsEqual(source, on: connection)
            try await analysis
            return isEqual
        }
    }
}

extension PostgresConnection {
    /// Puts sequences where they stood.
    func setSequences(_ sequences: [Manifest.Sequence]) async throws {
        for start in stride(from: 0, to: sequences.count, by: 500) {
            let calls = sequences[start..<min(start + 500, sequences.count)].map { sequence in
                let name = Identifier.quote(sequence.schema) + "." + Identifier.quote(sequence.name)
                return "SELECT pg_catalog.setval(\(StringLiteral.quote(name))::pg_catalog.regclass, "
                    + "\(sequence.lastValue), \(sequence.isCalled))"
            }
            try await script(calls.joined(separator: ";\n"))
        }
    }
}
