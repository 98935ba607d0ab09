import Postgres

/// What a snapshot holds: its tables only for who can decrypt it.
public struct SnapshotDescription: Hashable, Sendable {
    /// A table, with the size of its data.
    public struct Table: Hashable, Sendable {
        /// The schema.
        public let schema: String
        /// The name.
        public let name: String
        /// The number of rows.
        public let rows: Int
        /// The size of the data, as text.
        public let bytes: Int
    }

    /// The migrations that were applied.
    public struct Migrations: Hashable, Sendable {
        /// The table that says so, as SQL names it.
        public let table: String
        /// How many.
        public let count: Int
        /// The one that was applied last.
        public let last: String?
    }

    /// What is known without a key.
    public let snapshot: Snapshot
    /// Who signed it.
    public let signer: String
    /// The server that it comes from; nil without a key.
    public let serverVersion: String?
    /// Where the server's log was when the snapshot was taken; nil without a key, and where the server does not tell.
    public let logPosition: String?
    /// Which migrations the database had; nil without a key, and where no table says so.
    public let migrations: Migrations?
    /// The tables; nil without a key.
    public let tables: [Table]?
}

extension Repository {
    /// Describes a snapshot.
    ///
    /// - Parameters:
    ///   - name: the snapshot's name or the beginning of it; nil for the newest.
    ///   - identities: who decrypts it; nobody for what can be known without a key.
    /// - Returns: the description.
    /// - Throws: ``BackupError`` if there is no such snapshot, or if it cannot be believed or decrypted.
    public func description(of name: String?, with identities: [AgeIdentity]) throws -> SnapshotDescription {
        let id = try snapshot(named: name)
        let signed = try index(of: id)
        let manifest = identities.isEmpty ? nil : try Manifest.read(of: signed.index, in: self, with: identities)
        return SnapshotDescription(
            snapshot: Snapshot(signed.index, drills: try drills()[id] ?? []),
            signer: signed.signer.description,
            serverVersion: manifest.map { "\(ServerVersion(number: $0.database.serverVersion))" },
            logPosition: manifest?.database.logPosition,
            migrations: manifest?.migrations.map {
                SnapshotDescription.Migrations(table: $0.table, count: $0.count, last: $0.last)
            },
            tables: manifest?.tables.map { table in
                SnapshotDescription.Table(
                    schema: table.schema,
                    name: table.name,
                    rows: table.rows,
                    bytes: table.units.flatMap(\.chunks).reduce(0) { $0 + $1.size }
                )
            }
        )
    }
}
