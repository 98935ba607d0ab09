import Catalog
import Migrator
public import Postgres

/// Looks whether a database still is what its migrations, or a catalog file, say.
public struct DriftCheck: Sendable {
    /// What the database is compared with.
    public enum Reference: Hashable, Sendable {
        /// What the applied migrations of a folder make.
        case migrations(String)
        /// A catalog file.
        case catalogFile(String)
    }

    /// The database; nothing is made on it.
    public let database: ConnectionSettings
    /// What it is compared with.
    public let reference: Reference
    /// How schemas are built, and migrations run.
    public var reader = SchemaReader()
    /// What is left out.
    public var ignored: [IgnoreList] = []
    /// What is looked at.
    public var scope = DriftScope.all
    /// How the repairs are planned.
    public var planOptions = PlanOptions()
    /// Whether what the migrations make is kept for the next check.
    public var usesCache = true

    /// Makes a check.
    public init(of database: ConnectionSettings, against reference: Reference) {
        self.database = database
        self.reference = reference
    }

    /// Compares.
    ///
    /// - Returns: what differs.
    /// - Throws: `MigratorError` for the folder and the history; ``SchemaDiffError``, `CatalogError`, `PostgresError`,
    ///   `LocalServerError`.
    public func callAsFunction() async throws -> Drift {
        async let reading = Catalog.read(from: database)
        switch reference {
        case .catalogFile(let path):
            let wanted = try CatalogFile.read(path: path)
            return try await drift(of: try await reading, from: wanted, recorded: nil, isCached: false)
        case .migrations(let folder):
            let migrator = Migrator(directory: folder, database: database, options: reader.migratorOptions)
            let recorded = try await migrator.recordedHistory()
            let live = try await reading
            let schema = WantedSchema(
                reader: reader,
                recorded: recorded,
                owner: reader.migratorOptions.role ?? recorded.owner,
                live: live,
                usesCache: usesCache
            )
            let (wanted, isCached) = try await schema.catalog()
            return try await drift(of: live, from: wanted, recorded: recorded, isCached: isCached)
        }
    }

    private func drift(
        of live: Catalog,
        from wanted: Catalog,
        recorded: RecordedHistory?,
        isCached: Bool
    ) async throws -> Drift {
        var (live, wanted) = scope.reduced(
            live: ignored.reduce(live) { $1.applied(to: $0) },
            wanted: ignored.reduce(wanted) { $1.applied(to: $0) }
        )
        var notCompared: [NotCompared] = []
        if Settlement.isNeeded(live, wanted) {
            let version = max(live.serverVersion, wanted.serverVersion)
            let (written, meant) = (live, wanted)
            let outcome = try await reader.withScratchServer(atLeast: version) { server in
                try await Settlement(server: server).reworded(written, as: meant)
            }
            (live, notCompared) = (outcome.catalog, outcome.notCompared)
        }
        var trail: DefinitionTrail?
        if let recorded, !CatalogChanges(from: live, to: wanted).isEmpty {
            trail = try DefinitionTrail(recorded, placeholders: reader.migratorOptions.placeholders)
        }
        return Drift(
            live: live,
            wanted: wanted,
            options: planOptions,
            trail: trail,
            hasHistory: recorded != nil,
            isCached: isCached,
            notCompared: notCompared
        )
    }
}
