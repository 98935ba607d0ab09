import Postgres

/// Fills the tables: loads their rows, makes their keys and indexes, gathers statistics and compares, each as soon as it can be done.
struct TableRestore: Sendable {
    private let load: DataLoad
    private let run: SchemaRun
    /// Keys and indexes that need nothing but a table with its rows.
    private let entries: [SchemaEntry]
    /// What else comes behind the data.
    private let later: [SchemaEntry]
    /// The archive's numbers of the tables, by their names in SQL.
    private let numbers: [String: Int]
    /// The numbers of the partitions, at every depth, by that of the table that they are of.
    private let partitions: [Int: Set<Int>]
    let settings: ConnectionSettings

    /// From which size on a table is worth sessions of its own for what is else done for many at once.
    private let largeBytes: Int
    private let analyses: Bool
    /// How many bytes the tables have, by their numbers.
    private let sizes: [Int: Int]
    private let known: Set<Int>

    init(
        load: DataLoad,
        run: SchemaRun,
        entries: [SchemaEntry],
        later: [SchemaEntry],
        numbers: [String: Int],
        partitions: [Int: Set<Int>],
        settings: ConnectionSettings,
        largeBytes: Int,
        analyses: Bool
    ) {
        self.load = load
        self.run = run
        self.entries = entries
        self.later = later
        self.numbers = numbers
        self.partitions = partitions
        self.settings = settings
        self.largeBytes = largeBytes
        self.analyses = analyses
        known = Set(numbers.values)
        sizes = load.manifest.tables.reduce(into: [:]) { sizes, table in
            if let number = numbers[table.quotedName] { sizes[number] = table.bytes }
        }
    }

    /// How many small tables are compared in a row.
    private static let comparedAtOnce = 50

    private var manifest: Manifest { load.manifest }

    /// Does all of it.
    ///
    /// - Returns: the tables that were analysed, by their names in SQL.
    /// - Throws: ``BackupError``, `PostgresError` or `CancellationError`.
    func callAsFunction() async throws -> Set<String> {
        let comparison = Comparison(of: manifest, by: load.target.text)
        let batches = load.batches()
        let analysed = analysable
        var tasks = batches.map { batch in
            RestoreTask(work: .load(batch), tables: batch.tables.flatMap(filled), bytes: batch.bytes)
        }
        tasks += entries.flatMap(steps)
        tasks += analysed.map { index in
            let table = manifest.tables[index]
            return RestoreTask(
                work: .analyse(table.quotedName),
                tables: [number(index)],
                bytes: table.bytes,
                isSmall: table.bytes < largeBytes
            )
        }
        let loaded = Set(batches.flatMap(\.tables))
        let empty = manifest.tables.indices.filter { !loaded.contains($0) }
        tasks += try await withPostgresConnection(to: settings) { connection in
            try await comparisons(of: empty, comparison, on: connection)
        }
        let schedule = RestoreSchedule(tasks)
        try await schedule.run(sessions: max(1, min(load.jobs, tasks.count)), to: settings, script) {
            task,
            connection in
            switch task.work {
            case .load(let batch):
                let sent = try await load.load(batch, on: connection)
                for (table, sent) in zip(batch.tables, sent) { comparison.note(sent, of: table) }
                let whole = Set(await schedule.loaded(task))
                let tables = Set(batch.tables).filter { whole.contains(number($0)) }
                return try await comparisons(of: tables.sorted(), comparison, on: connection)
            case .make(let entry): try await run.make(entry, on: connection)
            case .analyse(let table): try await connection.query("ANALYZE \(table)")
            case .compare(let parts):
                try await run.inSystemSchema(on: connection) { try await comparison.compare(parts, on: connection) }
            }
            return []
        }
        return Set(analysed.map { manifest.tables[$0].quotedName })
    }

    /// What holds in every session.
    private var script: String {
        // Sessions that each make something need no helpers beside them.
        let large = max(1, entries.count { bytes(of: $0) >= largeBytes })
        let helpers = max(0, load.jobs - 1) / (2 * large)
        return """
            \(SnapshotSessions.settings); \(run.script); SET max_parallel_workers_per_gather = 0;
            SELECT pg_catalog.set_config('max_parallel_maintenance_workers', '\(helpers)', false)
                WHERE pg_catalog.current_setting('max_parallel_maintenance_workers')::integer > \(helpers);
            \(load.target.skipsLog ? Self.flushing : "")
            """
    }

    /// Has what is not logged brought to disk while more comes in: otherwise all of it is waited for at the end of the
    /// transaction.
    private static let flushing = """
        SELECT pg_catalog.set_config('backend_flush_after', max_val, false) FROM pg_catalog.pg_settings
        WHERE name = 'backend_flush_after' AND setting = '0'
        """

    /// A table's number; one that the archive does not have gets one that nothing else has.
    private func number(_ table: Int) -> Int { numbers[manifest.tables[table].quotedName] ?? -1_000_000_000 - table }

    /// The numbers of a table and of all others that its rows come into.
    private func filled(_ table: Int) -> [Int] {
        let number = number(table)
        return manifest.tables[table].isPartitioned == true ? [number] + (partitions[number] ?? []) : [number]
    }

    private func bytes(of entry: SchemaEntry) -> Int { entry.dependencies.map { sizes[$0] ?? 0 }.max() ?? 0 }

    /// The tables that have all that statistics are gathered on when their indexes are made.
    private var analysable: [Int] {
        guard analyses else { return [] }
        let late = later.filter { ["INDEX", "CONSTRAINT", "STATISTICS"].contains($0.kind) }
        let unready = late.reduce(into: Set<Int>()) { $0.formUnion($1.dependencies) }
        return manifest.tables.indices.filter { index in
            let table = manifest.tables[index]
            return load.target.isAlone(table) && !unready.contains(number(index))
        }
    }

    /// What has to be done to make an object.
    private func steps(for entry: SchemaEntry) -> [RestoreTask] {
        let bytes = bytes(of: entry)
        let tables = entry.dependencies.intersection(known).sorted()
        // Of the parent of partitions there is no index before those of all partitions are part of it.
        let isLarge = bytes >= largeBytes && tables.contains { sizes[$0] != nil }
        let steps = isLarge ? entry.indexFirst ?? [entry] : [entry]
        return steps.map { RestoreTask(work: .make($0), tables: tables, bytes: bytes, isSmall: bytes < largeBytes) }
    }

    private func comparisons(
        of tables: [Int],
        _ comparison: Comparison,
        on connection: PostgresConnection
    ) async throws -> [RestoreTask] {
        var tasks: [RestoreTask] = []
        var small: (parts: [Comparison.Part], tables: [Int]) = ([], [])
        func add(_ parts: [Comparison.Part], of tables: [Int], isSmall: Bool) {
            tasks.append(
                RestoreTask(work: .compare(parts), tables: tables.map(number), bytes: 0, isSmall: isSmall)
            )
        }
        for table in tables {
            let parts = try await comparison.parts(of: table, on: connection)
            if manifest.tables[table].bytes >= largeBytes {
                for part in parts { add([part], of: [table], isSmall: false) }
                continue
            }
            small.parts += parts
            small.tables.append(table)
            if small.tables.count == Self.comparedAtOnce {
                add(small.parts, of: small.tables, isSmall: true)
                small = ([], [])
            }
        }
        if !small.tables.isEmpty { add(small.parts, of: small.tables, isSmall: true) }
        return tasks
    }
}

extension SchemaEntry {
    /// Whether it is a key whose index is made in a step before it.
    var hasItsIndex: Bool { dependencies.contains(-id) }

    /// A key in two steps: its index, beside which the table can be read, and the key that takes the index; nil where the key
    /// says more than its columns.
    var indexFirst: [SchemaEntry]? {
        guard kind == "CONSTRAINT", sql.hasPrefix("ALTER TABLE ONLY "), sql.hasSuffix(");"),
            let addition = sql.firstRange(of: "\n    ADD CONSTRAINT ")
        else { return nil }
        let table = sql[..<addition.lowerBound].dropFirst("ALTER TABLE ONLY ".count)
        let rest = sql[addition.upperBound...].dropLast(2)
        for word in ["PRIMARY KEY", "UNIQUE"] {
            guard let middle = rest.firstRange(of: " \(word) (") else { continue }
            let name = rest[..<middle.lowerBound]
            let columns = rest[middle.upperBound...]
            let isPlain = { (text: Substring) in !text.contains { "();\n".contains($0) } }
            guard isPlain(table), isPlain(name), isPlain(columns), !columns.contains(" WITHOUT OVERLAPS") else {
                return nil
            }
            var index = self
            index.id = -id
            index.kind = "INDEX"
            index.sql = "CREATE UNIQUE INDEX \(name) ON ONLY \(table) USING btree (\(columns));"
            var key = self
            key.dependencies.insert(index.id)
            key.sql = "ALTER TABLE ONLY \(table)\n    ADD CONSTRAINT \(name) \(word) USING INDEX \(name);"
            return [index, key]
        }
        return nil
    }
}
