public import Postgres

/// Restores a snapshot, compares it, and throws it away: what makes a backup a backup.
///
/// On the private server what the snapshot holds is run as a role without special rights. Owners and privileges are left out.
public struct Drill: Sendable {
    private let repository: Repository
    private let identities: [AgeIdentity]
    /// How many sessions load data at once.
    public var jobs = 4
    /// A server to restore on; nil for a private one on this machine.
    public var scratch: ConnectionSettings?
    /// What has to be so in the restored database.
    public var checks: [DrillCheck] = []
    /// Whether what the server lacks is left out, together with what needs it; such a drill never passes.
    public var isPartialAllowed = false
    /// The schemas in which functions and views find names that they do not qualify.
    public var searchPath: [String] = []
    /// Is told what a user should know of.
    public var note: @Sendable (String) -> Void = { _ in }
    /// Settings that the private server is started with beside its own.
    var serverSettings: [String: String] = [:]

    /// Makes ready for a drill.
    ///
    /// - Parameters:
    ///   - repository: where the snapshot is.
    ///   - identities: who decrypts it.
    public init(of repository: Repository, with identities: [AgeIdentity]) {
        self.repository = repository
        self.identities = identities
    }

    /// What a drill has shown.
    public struct Result: Hashable, Sendable {
        /// What was restored.
        public let restoration: Restoration.Result
        /// How long the restore took, on this machine.
        public let duration: Duration
        /// When it was done, as ISO 8601.
        public let time: String
        /// What came of it: passed, or partial.
        public let outcome: DrillOutcome
        /// What the server lacked, or the role of the drill may not make.
        public let missing: [String]
        /// Of which kinds that is.
        let missingKinds: [String]
    }

    /// Drills a snapshot, and records in the repository what came of it.
    ///
    /// - Parameter name: the snapshot's name or the beginning of it; nil for the newest.
    /// - Returns: what the drill has shown.
    /// - Throws: ``BackupError`` if the snapshot cannot be restored to what it was; `LocalServerError`.
    public func callAsFunction(_ name: String? = nil) async throws -> Result {
        let id = try repository.snapshot(named: name)
        let index = try repository.index(of: id).index
        let start = ContinuousClock.now
        do {
            let manifest = try Manifest.read(of: index, in: repository, with: identities)
            let result = try await restored(manifest, index)
            try record(result, of: id)
            return result
        } catch let error as BackupError where error.isOutcomeOfDrill {
            try recordFailure(error.code, error.sqlState, of: id, since: start)
            throw error
        } catch let error as PostgresError where error.isOutcomeOfDrill {
            try recordFailure(.restoreFailed, error.sqlState, of: id, since: start)
            throw error
        }
    }

    /// Puts a failure on record, for whoever can read the store: the message, which may hold names and values, is left out.
    private func recordFailure(
        _ code: BackupError.Code,
        _ sqlState: SQLState?,
        of id: SnapshotID,
        since start: ContinuousClock.Instant
    ) throws {
        try repository.record(
            DrillRecord(
                snapshot: id,
                time: Timestamp.text(Timestamp.now),
                seconds: (ContinuousClock.now - start) / .seconds(1),
                rows: 0,
                result: .failed,
                failure: ([code.rawValue] + (sqlState.map { [$0.rawValue] } ?? [])).joined(separator: " ")
            )
        )
    }

    private func restored(_ manifest: Manifest, _ index: SnapshotIndex) async throws -> Result {
        if let scratch {
            return try await restored(manifest, index, on: DrillServer(administrator: scratch, builder: nil))
        }
        let version = ServerVersion(number: manifest.database.serverVersion)
        return try await DrillServer.withPrivate(for: version, serverSettings) {
            try await restored(manifest, index, on: $0)
        }
    }

    private func restored(_ manifest: Manifest, _ index: SnapshotIndex, on server: DrillServer) async throws -> Result {
        let reader = ChunkReader(of: index, in: repository, with: identities)
        let source = Restoration.Source(index: index, manifest: manifest, reader: reader)
        let lack = try await server.lacks(manifest, source.catalog())
        let words = lack.words
        if !words.isEmpty {
            guard isPartialAllowed, lack.locale == nil else { throw BackupError.lacking(words) }
            note("the server lacks \(words.joined(separator: ", ")): what needs it is left out")
        }
        try await server.makeRoles(SnapshotRoles(sql: source.roles()).names)
        // Its lock says that somebody works on it: the next run drops what a dead one has left.
        return try await withPostgresConnection(to: server.administrator.with(database: "postgres")) { administrator in
            try await administrator.script(SessionTimeouts.lifted)
            let draft = try await DraftDatabase(prefix: DraftDatabase.drillPrefix, on: administrator)
            do {
                let result = try await fill(draft.name, source, on: server, without: lack)
                try await draft.drop()
                return result
            } catch {
                try? await draft.drop()  // the first failure is the one to tell
                throw error
            }
        }
    }

    private func fill(
        _ database: String,
        _ source: Restoration.Source,
        on server: DrillServer,
        without lack: DrillServer.Lack
    ) async throws -> Result {
        var lack = lack
        let settings = server.settings(of: database)
        var restoration = Restoration(from: repository, with: identities, to: settings)
        restoration.jobs = jobs
        restoration.note = note
        restoration.options.keepsOwners = false
        restoration.options.searchPath = searchPath
        // A drill is to find what a restore does wrong, too.
        restoration.options.readsBack = true
        restoration.leavesOut = !lack.names.isEmpty
        let refusals = Refusals(areLeftOut: isPartialAllowed)
        restoration.refusals = refusals
        let missing = lack.extensions
        restoration.preparation = { manifest, database in
            if manifest.database.lacksPublicSchema == true { try await server.dropPublicSchema(in: database) }
            let present = manifest.database.extensions.filter { !missing.contains($0.name) }
            try await server.makeExtensions(present, in: database)
        }
        let start = ContinuousClock.now
        let restored = try await restoration(source.manifest.id.description)
        let duration = ContinuousClock.now - start
        lack.objects = refusals.all
        let isWhole = lack.names.isEmpty
        guard restored.schemaIsEqual || !isWhole else { throw BackupError.otherSchema(source.manifest.id) }
        if !checks.isEmpty {
            try await withPostgresConnection(to: settings) { connection in
                for check in checks { try await check.run(on: connection) }
            }
        }
        return Result(
            restoration: restored,
            duration: duration,
            time: Timestamp.text(Timestamp.now),
            outcome: isWhole ? .passed : .partial,
            missing: lack.names,
            missingKinds: lack.kinds
        )
    }

    private func record(_ result: Result, of id: SnapshotID) throws {
        try repository.record(
            DrillRecord(
                snapshot: id,
                time: result.time,
                seconds: result.duration / .seconds(1),
                rows: result.restoration.rows,
                result: result.outcome,
                missing: result.missingKinds.isEmpty ? nil : result.missingKinds
            )
        )
    }
}
