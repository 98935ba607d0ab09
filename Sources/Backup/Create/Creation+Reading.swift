import Postgres

extension Creation {
    /// What there is to read, the largest first.
    struct Work: Sendable {
        let tables: [SourceTable]
        let units: [WorkUnit]
        let encoding: String
    }

    /// Plans what the workers read.
    func work(of sessions: SnapshotSessions, encoding: String) async throws -> Work {
        let tables = try await withForms(sessions.tables, encoding: encoding, on: sessions.leader)
        for table in tables where table.isAbsent {
            note("\(table.quotedName) is not logged, and its rows are on the primary alone: without them")
        }
        // In the snapshot, as everything: what others make or remove meanwhile is not seen.
        let objects = try await LargeObjectRange.all(on: sessions.leader).map { WorkUnit($0) }
        let units = WorkUnit.plan(tables, server: sessions.leader.serverVersion) + objects
        return Work(tables: tables, units: units.sorted { $0.bytes > $1.bytes }, encoding: encoding)
    }

    /// Reads all data, the workers side by side.
    func data(
        _ work: Work,
        _ sessions: SnapshotSessions,
        _ writer: ChunkWriter,
        _ progress: CreationProgress
    ) async throws -> ReadData {
        progress.begin(totalBytes: work.units.reduce(0) { $0 + $1.bytes })
        showProgress(progress)
        let pipeline = try ChunkPipeline(
            to: writer,
            compression: compression,
            sessions: sessions.workers.count,
            bufferSize: ChunkCutter().maximum + 64 * 1024
        )
        do {
            let queue = WorkQueue(work.units)
            let results = try await withTaskCancellationHandler {
                try await self.results(of: queue, sessions, pipeline, progress, encoding: work.encoding)
            } onCancel: {
                progress.stop()
            }
            let efforts = try await pipeline.finish()
            return ReadData(
                tables: Self.tables(work.tables, results),
                largeObjects: Self.largeObjects(results),
                efforts: efforts
            )
        } catch {
            progress.stop()
            await pipeline.abandon()
            throw error
        }
    }

    /// Reads all units, as long as there is somebody to read.
    private func results(
        of queue: WorkQueue<WorkUnit>,
        _ sessions: SnapshotSessions,
        _ pipeline: ChunkPipeline,
        _ progress: CreationProgress,
        encoding: String
    ) async throws -> [(WorkUnit, UnitReader.Result)] {
        let refused = WorkQueue<WorkUnit>([])
        var workers = sessions.workers
        var results: [(WorkUnit, UnitReader.Result)] = []
        // More than once only if a worker was lost when the others had nothing to do any more.
        while !queue.isEmpty {
            guard !workers.isEmpty else { throw BackupError.workersLost() }
            let shares = try await withThrowingTaskGroup(of: Share.self) { group in
                for (index, worker) in workers.enumerated() {
                    let reading = Reading(
                        sessions: sessions,
                        connection: worker,
                        reader: UnitReader(pipeline, progress: .init(progress: progress, number: index + 1)),
                        encoding: encoding
                    )
                    group.addTask { try await share(of: queue, reading, refused: refused) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            workers = shares.filter { !$0.isLost }.map(\.worker)
            results += shares.flatMap(\.results)
        }
        let reader = UnitReader(pipeline, progress: .init(progress: progress, number: 1))
        while let unit = refused.next() {
            // The leader has it locked since before anybody began to wait.
            results.append((unit, try await reader.read(unit, on: sessions.leader, encoding: encoding)))
        }
        return results
    }

    /// Reads units until none is left; those of a worker that lost its connection are read by the others.
    private func share(
        of queue: WorkQueue<WorkUnit>,
        _ reading: Reading,
        refused: WorkQueue<WorkUnit>
    ) async throws -> Share {
        var share = Share(worker: reading.connection)
        while let unit = queue.next() {
            do {
                if let result = try await reading.result(of: unit) {
                    share.results.append((unit, result))
                } else {
                    refused.putBack(unit)
                }
            } catch let error as PostgresError where error.code == .connectionLost {
                queue.putBack(unit)
                note("a connection that read \(unit.name) was lost; the others read on")
                share.isLost = true
                return share
            }
        }
        return share
    }

    /// What a worker has read.
    private struct Share: Sendable {
        let worker: PostgresConnection
        var results: [(WorkUnit, UnitReader.Result)] = []
        var isLost = false
    }

    /// One session that reads.
    private struct Reading: Sendable {
        let sessions: SnapshotSessions
        let connection: PostgresConnection
        let reader: UnitReader
        let encoding: String

        /// Reads a unit; nil if it is of a table that is not locked yet, and that somebody waits for who wants all of it.
        func result(of unit: WorkUnit) async throws -> UnitReader.Result? {
            guard let table = unit.table, !sessions.isLockedByWorkers(table) else {
                return try await reader.read(unit, on: connection, encoding: encoding)
            }
            // The server would not notice that this waits for who waits for the leader.
            let isLocked = try await connection.lockInSavepoint(table)
            let result = isLocked ? try await reader.read(unit, on: connection, encoding: encoding) : nil
            try await connection.script("ROLLBACK TO SAVEPOINT unit; RELEASE SAVEPOINT unit")
            return result
        }
    }

    /// What was read.
    struct ReadData {
        let tables: [Manifest.Table]
        let largeObjects: Manifest.LargeObjects?
        let efforts: [CompressionEffort: Int]
    }

    /// What the manifest says of large objects; nil if there are none.
    private static func largeObjects(_ results: [(WorkUnit, UnitReader.Result)]) -> Manifest.LargeObjects? {
        let units = results.compactMap { unit, result in
            if case .largeObjects(let range) = unit.source { (range, result) } else { nil }
        }
        guard !units.isEmpty else { return nil }
        var (entries, content) = (LineSum(), LineSum())
        for (_, result) in units {
            entries.add(result.entries)
            content.add(result.sum)
        }
        return Manifest.LargeObjects(
            count: entries.count,
            units: units.sorted { $0.0.first < $1.0.first }.map(\.1.unit),
            entrySum: entries.digits,
            contentSum: content.digits
        )
    }

    /// What the manifest says of the tables.
    private static func tables(
        _ tables: [SourceTable],
        _ results: [(WorkUnit, UnitReader.Result)]
    ) -> [Manifest.Table] {
        let byTable = Dictionary(grouping: results) { $0.0.tableIndex }
        return tables.enumerated().filter(\.element.holdsData).map { index, table in
            let units = (byTable[index] ?? []).map(\.1).sorted { ($0.pages.first ?? -1) < ($1.pages.first ?? -1) }
            var sum = LineSum()
            for unit in units { sum.add(unit.sum) }
            return Manifest.Table(
                schema: table.schema,
                name: table.name,
                columns: table.columns,
                units: units.map(\.unit),
                rows: sum.count,
                lineSum: sum.digits,
                condition: table.condition,
                owner: table.owner,
                form: table.isBinary ? .binary : nil,
                isPartitioned: table.isPartitioned ? true : nil
            )
        }
    }
}

extension PostgresConnection {
    /// Locks a table against changes of its schema, until the savepoint `unit` is rolled back to.
    fileprivate func lockInSavepoint(_ table: SourceTable) async throws -> Bool {
        try await script("SAVEPOINT unit")
        do {
            try await script("LOCK TABLE \(table.reference) IN ACCESS SHARE MODE NOWAIT")
            return true
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            return false
        }
    }
}
