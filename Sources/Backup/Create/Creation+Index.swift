import Postgres

extension Creation {
    /// What the newest snapshot of the database has, as far as it can be referenced.
    func earlierSnapshot(of database: String, recipients: String) async throws -> EarlierSnapshot {
        var search = EarlierSnapshot.Search(in: repository, keys: keys, now: now)
        search.recheckTime = recheckTime
        search.jobs = jobs
        search.note = note
        return try await search(for: database, recipients: recipients, isFull: isFull)
    }

    /// Writes the manifest, and says what the index is to hold.
    func index(
        of manifest: Manifest,
        _ written: (objects: [StoredObject], rawBytes: Int, addedBytes: Int),
        time: String,
        recipients name: String
    ) throws -> SnapshotIndex {
        let bytes = try manifest.encoded(for: recipients)
        try repository.store.put(manifest.id.manifestName, bytes)
        return SnapshotIndex(
            id: manifest.id,
            time: time,
            database: manifest.database.name,
            bytes: written.rawBytes,
            addedBytes: written.addedBytes + bytes.count,
            recipients: name,
            deduplicationKey: try keys.deduplicationFingerprint,
            manifest: StoredObject.File(name: manifest.id.manifestName, size: bytes.count, sha256: sha256(bytes)),
            objects: written.objects
        )
    }
}

/// Which database of which cluster it is.
struct BackupSource: Sendable {
    let database: String
    let encoding: String
    let system: String?

    static func read(on connection: PostgresConnection) async throws -> BackupSource {
        let (database, encoding, isAllowed) = try await connection.query(
            """
            SELECT datname::text, pg_encoding_to_char(encoding),
                has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
            FROM pg_database WHERE datname = current_database()
            """
        ).single.decode(String.self, String.self, Bool.self)
        guard isAllowed else { return BackupSource(database: database, encoding: encoding, system: nil) }
        let system = try await connection.query("SELECT system_identifier::text FROM pg_catalog.pg_control_system()")
        return BackupSource(database: database, encoding: encoding, system: try system.single.decode(String.self))
    }
}
