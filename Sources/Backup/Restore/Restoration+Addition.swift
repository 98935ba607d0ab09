import Postgres
import SQLSyntax

extension Restoration {
    /// Restores into a database that is there: all of it in one transaction, or nothing.
    func add(_ source: Source, to database: String) async throws -> Result {
        let settings = target.with(database: database)
        let schema = try await schema(of: source, listings(of: source), settings)
        var manifest = schema.manifest
        let jobs = options.isDataOnly ? Addition.Preparation.rowsOnly : .objects
        return try await withPostgresConnection(to: settings) { connection in
            try await connection.script(SnapshotSessions.settings)
            let run = SchemaRun(settings: settings, jobs: 1, leavesOut: false, searchPath: options.searchPath)
            try await connection.script(run.script)
            let addition = Addition(options: options, reader: source.reader, connection: connection, run: run)
            try await connection.withTransaction { connection in
                // What is said to be there has to outlive a crash of the server: here nothing else is committed behind it.
                try await connection.script("SET LOCAL synchronous_commit TO DEFAULT")
                if jobs == .objects {
                    // Types and functions that the database has serve the tables too; in a new schema there are none.
                    for entry in try await addition.missing(schema.before) { try await run.make(entry, on: connection) }
                }
                try await observe(.prepared)
                if options.restoresRows { manifest = try await addition.load(manifest, jobs) }
                try await observe(.loaded)
                if jobs == .objects, options.point == .postData {
                    let plan = SchemaRun.plan(schema.behind)
                    for entry in plan.indexes + plan.middle + plan.foreignKeys + plan.rest {
                        try await run.make(entry, on: connection)
                    }
                }
                if options.restoresRows { try await connection.setSequences(manifest.sequences) }
                try await observe(.completed)
            }
            if options.analyses {
                for table in manifest.tables { try await connection.query("ANALYZE \(table.quotedName)") }
            }
            return Result(
                snapshot: Snapshot(source.index),
                database: database,
                tables: manifest.tables.count,
                rows: manifest.tables.reduce(0) { $0 + $1.rows },
                schemaIsEqual: true,
                isPartial: true
            )
        }
    }
}

/// What is done in the transaction that adds to a database.
private struct Addition: Sendable {
    let options: RestoreOptions
    let reader: ChunkReader
    let connection: PostgresConnection
    let run: SchemaRun

    enum Preparation: Hashable, Sendable {
        /// Tables are made.
        case objects
        /// They are there, and empty.
        case rowsOnly
    }

    /// The entries but for those whose objects the database has, as far as these are not tables.
    func missing(_ entries: [SchemaEntry]) async throws -> [SchemaEntry] {
        let rows = try await connection.query(
            """
            SELECT 'SCHEMA', '', nspname::text FROM pg_namespace
            UNION ALL SELECT 'EXTENSION', '', extname::text FROM pg_extension
            UNION ALL SELECT CASE WHEN typtype = 'd' THEN 'DOMAIN' ELSE 'TYPE' END, nspname::text, typname::text
                FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            UNION ALL SELECT 'FUNCTION', nspname::text,
                proname::text || '(' || pg_get_function_identity_arguments(p.oid) || ')'
                FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            """
        ).decode(as: (String, String, String).self)
        let present = Set(rows.map { [$0, $1, $2] })
        // In a schema that is made just now there is nothing yet.
        guard options.schema == nil else {
            if let name = options.schema, present.contains(["SCHEMA", "", name]) {
                throw BackupError.schemaExists(name)
            }
            return entries
        }
        let skipped = Set(
            entries.filter { entry in
                present.contains([entry.kind, entry.schema, entry.name])
                    || entry.kind == "SHELL TYPE" || entry.kind == "SCHEMA" && entry.name == "public"
            }.map(\.id)
        )
        return entries.filter { entry in
            if skipped.contains(entry.id) { return false }
            // What is said of what was there already was said already.
            return !(["COMMENT", "ACL"].contains(entry.kind) && !entry.dependencies.isDisjoint(with: skipped))
        }
    }

    /// Loads and compares the rows.
    func load(_ manifest: Manifest, _ preparation: Preparation) async throws -> Manifest {
        var manifest = manifest
        var triggers: [(table: String, name: String, state: String)] = []
        if preparation == .rowsOnly { manifest = try await present(manifest) }
        let rights = try await LoadRights.lend(for: manifest.tables, on: connection)
        if preparation == .rowsOnly {
            for table in manifest.tables { triggers += try await prepare(table) }
            try await connection.script("SET CONSTRAINTS ALL DEFERRED")
            manifest.tables = try await inOrderOfReferences(manifest.tables)
        }
        let text = try await ComparableText.read(of: manifest, on: connection)
        for table in manifest.tables { try await load(table, manifest, as: rights.owner(of: table), by: text) }
        try await rights.takeBack(on: connection)
        for trigger in triggers {
            let word = ["R": "REPLICA ", "A": "ALWAYS "][trigger.state] ?? ""
            try await connection.script(
                "ALTER TABLE ONLY \(trigger.table) ENABLE \(word)TRIGGER \(Identifier.quote(trigger.name))"
            )
        }
        return manifest
    }

    private func load(
        _ table: Manifest.Table,
        _ manifest: Manifest,
        as owner: String?,
        by text: ComparableText
    ) async throws {
        if let owner { try await connection.script("SET LOCAL ROLE \(Identifier.quote(owner))") }
        let chunks = table.units.flatMap(\.chunks)
        if !chunks.isEmpty {
            // In one statement, so that rows may refer to each other.
            try await connection.copyIn(
                table.copy(encoding: manifest.database.encoding, isBinary: table.form == .binary),
                from: ChunkSequence(chunks, reader, as: table.form == .binary ? .binaryRows : .lines)
            )
        }
        if owner != nil { try await connection.script("RESET ROLE") }
        let source = SourceTable(restored: table)
        let copy = source.copy(.whole, encoding: manifest.database.encoding)
        try await run.inSystemSchema(on: connection) {
            try table.check(try await connection.sum(ofRowsIn: copy, isBinary: source.isBinary), by: text)
        }
    }

    /// The tables that the database has, all that were asked for; with the sequences that belong to it.
    private func present(_ manifest: Manifest) async throws -> Manifest {
        let tables = try await SourceTable.all(on: connection)
        var manifest = manifest
        for table in manifest.tables {
            guard let there = tables.first(where: { $0.schema == table.schema && $0.name == table.name }),
                Set(table.columns).isSubset(of: there.columns)
            else { throw BackupError.noSuchTarget(table.quotedName, columns: table.columns) }
        }
        let sequences = Set(
            try await SourceSequence.all(on: connection).map { [$0.schema, $0.name] }
        )
        manifest.sequences = manifest.sequences.filter { sequences.contains([$0.schema, $0.name]) }
        return manifest
    }

    /// Locks a table that has to be empty, and puts its triggers to rest.
    private func prepare(_ table: Manifest.Table) async throws -> [(table: String, name: String, state: String)] {
        try await connection.script("LOCK TABLE \(table.reference) IN SHARE ROW EXCLUSIVE MODE")
        let isEmpty = try await connection.query("SELECT NOT EXISTS (SELECT FROM \(table.reference))").single
            .decode(Bool.self)
        guard isEmpty else { throw BackupError.notEmpty(table.quotedName) }
        let triggers = try await connection.query(
            """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), g.tgname::text, g.tgenabled::text
            FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE (c.oid = $1::regclass OR $2 AND c.oid IN (SELECT relid FROM pg_partition_tree($1::regclass)))
                AND NOT g.tgisinternal AND g.tgenabled <> 'D'
            """,
            table.quotedName,
            table.isPartitioned == true
        ).decode(as: (String, String, String).self)
        for relation in Set(triggers.map(\.0)) {
            try await connection.script("ALTER TABLE ONLY \(relation) DISABLE TRIGGER USER")
        }
        return triggers.map { (table: $0, name: $1, state: $2) }
    }

    /// Tables behind those that they refer to, as far as they do not refer to each other.
    private func inOrderOfReferences(_ tables: [Manifest.Table]) async throws -> [Manifest.Table] {
        let pairs = try await connection.query(
            """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname),
                quote_ident(m.nspname) || '.' || quote_ident(r.relname)
            FROM pg_constraint k
            JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace m ON m.oid = r.relnamespace
            WHERE k.contype = 'f' AND c.oid <> r.oid
            """
        ).decode(as: (String, String).self)
        let needs = Dictionary(grouping: pairs, by: \.0).mapValues { Set($0.map(\.1)) }
        var rest = tables
        var sorted: [Manifest.Table] = []
        while !rest.isEmpty {
            let names = Set(rest.map(\.quotedName))
            let ready = rest.filter { (needs[$0.quotedName] ?? []).isDisjoint(with: names) }
            sorted += ready.isEmpty ? rest : ready
            rest = ready.isEmpty ? [] : rest.filter { table in !ready.contains { $0.quotedName == table.quotedName } }
        }
        return sorted
    }
}
