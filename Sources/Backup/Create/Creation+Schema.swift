import Catalog
import Postgres

extension Creation {
    /// What a snapshot holds beside the data.
    struct ReadSchema: Sendable {
        let archive: [Manifest.Chunk]
        let roles: [Manifest.Chunk]
        let catalog: [Manifest.Chunk]
        let facts: DatabaseFacts
        let sequences: [Manifest.Sequence]
    }

    /// Reads the schema and the data, at once where the leader is not needed for both.
    func schemaAndData(
        _ work: Work,
        _ sessions: SnapshotSessions,
        _ writer: ChunkWriter,
        watcher: PostgresConnection,
        _ progress: CreationProgress
    ) async throws -> (ReadSchema, ReadData) {
        guard sessions.areAllLockedByWorkers else {
            let schema = try await schema(sessions, writer, watcher: watcher)
            return (schema, try await data(work, sessions, writer, progress))
        }
        return try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask { .schema(try await schema(sessions, writer, watcher: watcher)) }
            group.addTask { .data(try await data(work, sessions, writer, progress)) }
            var parts: (schema: ReadSchema?, data: ReadData?)
            // With the first error the other one is cancelled.
            while let part = try await group.next() {
                switch part {
                case .schema(let schema): parts.schema = schema
                case .data(let data): parts.data = data
                }
            }
            guard let schema = parts.schema, let data = parts.data else { throw CancellationError() }
            return (schema, data)
        }
    }

    private enum Part: Sendable {
        case schema(ReadSchema)
        case data(ReadData)
    }

    private func schema(
        _ sessions: SnapshotSessions,
        _ writer: ChunkWriter,
        watcher: PostgresConnection
    ) async throws -> ReadSchema {
        async let dumped = SchemaDump.archive(
            of: database,
            snapshot: sessions.name,
            server: sessions.leader.serverVersion,
            lockTimeout: lockTimeout
        )
        let stamp = try await DefinitionStamp.read(on: sessions.leader)
        let (facts, sequences) = try await Self.orChanged {
            (
                try await DatabaseFacts.read(on: sessions.leader, roles: SourceRoles(isFull: hasFullRoles, note: note)),
                try await SourceSequence.all(on: sessions.leader)
            )
        }
        let archive = try await dumped
        guard stamp.holds(in: try await DefinitionStamp.read(on: watcher)) else { throw BackupError.schemaChanged() }
        try await observe(.dumped, sessions)
        let compressor = try ZstdCompressor(level: 3)
        return ReadSchema(
            archive: try writer.write(archive, with: compressor),
            roles: try writer.write(Array(facts.roles.utf8), with: compressor),
            catalog: try writer.write(Array(CatalogFile.pieces(of: facts.catalog).joined()), with: compressor),
            facts: facts,
            sequences: sequences
        )
    }

    /// Reads what others may take away meanwhile.
    private static func orChanged<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as PostgresError where error.tellsOfChange {
            throw BackupError.schemaChanged(error.message)
        }
    }
}
