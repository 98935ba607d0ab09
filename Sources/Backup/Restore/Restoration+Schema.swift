import Postgres
import SQLSyntax
import SourceText

extension Restoration {
    /// The objects that are to be made, and the tables that go with them.
    struct Schema: Sendable {
        var before: [SchemaEntry]
        var behind: [SchemaEntry]
        /// How many bytes the tables have, by the archive's numbers.
        var sizes: [Int: Int]
        var manifest: Manifest
        /// The archive's numbers of the tables, by their names in SQL.
        var numbers: [String: Int] = [:]
        /// The numbers of the partitions of tables, at every depth, by those of the tables.
        var partitions: [Int: Set<Int>] = [:]
    }

    /// What the snapshot's archive says, as pg_restore writes it down.
    func listings(of source: Source) async throws -> SchemaReader.Listings {
        try await SchemaReader(
            program: try await SchemaDump.program(
                named: "pg_restore",
                for: ServerVersion(number: source.manifest.database.serverVersion)
            ),
            archive: try source.bytes(of: source.manifest.schema),
            keepsOwners: options.keepsOwners
        ).listings()
    }

    /// Drops the schema `public`, which every new database has, and pg_dump does not drop where the original has none.
    func dropPublicSchema(in settings: ConnectionSettings) async throws {
        try await withPostgresConnection(to: settings) { connection in
            do {
                try await connection.script("DROP SCHEMA IF EXISTS public")
            } catch let error as PostgresError where error.sqlState == .insufficientPrivilege {
                // Before PostgreSQL 15 it is not the database's owner's.
                note("the schema public, which the original does not have, stays: \(error.message)")
            }
        }
    }

    /// Reads what is to be made, as far as it was asked for, under the names that it is to have.
    func schema(
        of source: Source,
        _ listings: SchemaReader.Listings,
        _ settings: ConnectionSettings
    ) async throws -> Schema {
        var (before, behind) = try await withPostgresConnection(to: settings) { connection in
            var (before, behind) = try await listings.entries(on: connection)
            let wanted = before.tablespaces.union(behind.tablespaces)
            let present = try await connection.query("SELECT spcname::text FROM pg_tablespace").decode(as: String.self)
            let missing = wanted.subtracting(present)
            for name in missing.sorted() {
                note("there is no tablespace \(name) here: what was in it goes into that of the database")
            }
            before.leaveOut(missing)
            behind.leaveOut(missing)
            return (before, behind)
        }
        // Extensions were made already, by who may do so, with the schemas that they are in.
        if !options.keepsOwners, preparation != nil {
            before = before.withoutExtensions(source.manifest.database.extensions)
        }
        if !options.roleMap.isEmpty {
            let replacement = RoleReplacement(options.roleMap)
            for index in before.indices { before[index].sql = try replacement.applied(to: before[index].sql) }
            for index in behind.indices { behind[index].sql = try replacement.applied(to: behind[index].sql) }
        }
        var schema = Schema(before: before, behind: behind, sizes: [:], manifest: source.manifest)
        schema.partitions = Self.partitions(in: before + behind)
        if !options.tables.isEmpty { try select(&schema) }
        schema.sizes = sizes(in: schema)
        if let name = options.schema { try schema.move(into: name) }
        for entry in schema.before where entry.kind == "TABLE" {
            let name = Identifier.quote(options.schema ?? entry.schema) + "." + Identifier.quote(entry.name)
            schema.numbers[name] = entry.id
        }
        return schema
    }

    /// The numbers of the partitions of tables, at every depth.
    private static func partitions(in entries: [SchemaEntry]) -> [Int: Set<Int>] {
        let tables = Dictionary(
            entries.filter { $0.kind == "TABLE" }.map { ([$0.schema, $0.name], $0.id) },
            uniquingKeysWith: { first, _ in first }
        )
        let numbers = Set(tables.values)
        var parents: [Int: Int] = [:]
        for attachment in entries where attachment.kind == "TABLE ATTACH" {
            guard let partition = tables[[attachment.schema, attachment.name]] else { continue }
            parents[partition] = attachment.dependencies.intersection(numbers).subtracting([partition]).first
        }
        var partitions: [Int: Set<Int>] = [:]
        for partition in parents.keys {
            var next = parents[partition]
            while let parent = next {
                partitions[parent, default: []].insert(partition)
                next = parents[parent]
            }
        }
        return partitions
    }

    private func sizes(in schema: Schema) -> [Int: Int] {
        let bytes = Dictionary(
            schema.manifest.tables.map { table in
                (table.quotedName, table.units.reduce(0) { $0 + $1.chunks.reduce(0) { $0 + $1.size } })
            },
            uniquingKeysWith: { first, _ in first }
        )
        return schema.before.filter { $0.kind == "TABLE" }.reduce(into: [:]) { sizes, entry in
            sizes[entry.id] = bytes[Identifier.quote(entry.schema) + "." + Identifier.quote(entry.name)]
        }
    }

    /// Leaves the tables that were asked for, with what belongs to them and what they need.
    private func select(_ schema: inout Schema) throws {
        let all = schema.before + schema.behind
        let tables = all.filter { $0.kind == "TABLE" }
        for pattern in options.tables where !tables.contains(where: { $0.isTable(pattern) }) {
            throw BackupError.noTable(pattern)
        }
        var chosen = Set(tables.filter { table in options.tables.contains { table.isTable($0) } }.map(\.id))
        // With a parent go its partitions.
        for parent in chosen { chosen.formUnion(schema.partitions[parent] ?? []) }
        // Alone they have nothing where their rows are their parent's.
        for held in schema.manifest.tables where held.isPartitioned == true {
            guard let parent = tables.first(where: { $0.schema == held.schema && $0.name == held.name }),
                !chosen.contains(parent.id), let partitions = schema.partitions[parent.id],
                let partition = tables.first(where: { partitions.contains($0.id) && chosen.contains($0.id) })
            else { continue }
            throw BackupError.rowsOfParent(partition.name, parent: parent.name)
        }
        let tableIDs = Set(tables.map(\.id))
        let byID = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }
        var kept = chosen
        // What lies on a chosen table; what is about another table as well stays behind.
        for entry in all where !tableIDs.contains(entry.id) {
            let about = entry.dependencies.intersection(tableIDs)
            let isAbout = !about.isEmpty && about.isSubset(of: chosen)
            let isOnKept = !entry.dependencies.isDisjoint(with: kept.subtracting(chosen))
            guard isAbout || about.isEmpty && isOnKept else { continue }
            if SchemaEntry.kindsOnTables.contains(entry.kind) { kept.insert(entry.id) }
        }
        // What these need: types, functions, schemas, extensions.
        var open = Array(kept)
        while let id = open.popLast(), let entry = byID[id] {
            var needs = entry.dependencies
            needs.formUnion(all.filter { $0.kind == "SCHEMA" && $0.name == entry.schema }.map(\.id))
            // An index or a key that was part of a parent's stands alone where the parent stays behind.
            let isElsewhere = { (need: Int) in
                tableIDs.contains(need) || ["INDEX", "CONSTRAINT"].contains(byID[need]?.kind)
            }
            for need in needs where byID[need] != nil && !kept.contains(need) && !isElsewhere(need) {
                kept.insert(need)
                open.append(need)
            }
        }
        schema.before = schema.before.filter { kept.contains($0.id) }
        schema.behind = schema.behind.filter { kept.contains($0.id) }
        let names = Set(tables.filter { chosen.contains($0.id) }.map { [$0.schema, $0.name] })
        let sequences = Set(schema.before.filter { $0.kind == "SEQUENCE" }.map { [$0.schema, $0.name] })
        schema.manifest.tables = schema.manifest.tables.filter { names.contains([$0.schema, $0.name]) }
        schema.manifest.sequences = schema.manifest.sequences.filter { sequences.contains([$0.schema, $0.name]) }
    }
}

extension Restoration.Schema {
    /// Gives all objects another schema.
    mutating func move(into name: String) throws {
        // What has no schema cannot be put into one.
        before = before.filter { !$0.schema.isEmpty }
        behind = behind.filter { !$0.schema.isEmpty && $0.kind != "DEFAULT ACL" }
        let schemas = Set((before + behind).map(\.schema))
        guard let old = schemas.first, schemas.count == 1 else {
            throw BackupError.severalSchemas(schemas.sorted(), into: name)
        }
        let names = (before + behind).compactMap(\.objectName)
        let replacements = Set(names).sorted().map { NameReplacement([old, $0], by: [name, $0], as: .object) }
        func moved(_ entries: [SchemaEntry]) -> [SchemaEntry] {
            entries.map { entry in
                var entry = entry
                for replacement in replacements { entry.sql = replacement.applied(to: entry.sql) }
                return entry
            }
        }
        (before, behind) = (moved(before), moved(behind))
        for index in manifest.tables.indices { manifest.tables[index].schema = name }
        for index in manifest.sequences.indices { manifest.sequences[index].schema = name }
        let creation = "CREATE SCHEMA \(Identifier.quote(name));"
        before.insert(
            SchemaEntry(
                id: 0,
                kind: "SCHEMA",
                schema: "",
                name: name,
                dependencies: [],
                settings: "",
                sql: creation
            ),
            at: 0
        )
    }
}

extension SchemaEntry {
    /// What belongs to a table when tables are chosen.
    static let kindsOnTables: Set = [
        "DEFAULT", "SEQUENCE", "SEQUENCE OWNED BY", "SEQUENCE SET", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT",
        "INDEX", "INDEX ATTACH", "TABLE ATTACH", "STATISTICS", "TRIGGER", "RULE", "POLICY", "ROW SECURITY", "COMMENT",
        "ACL", "SECURITY LABEL",
    ]

    /// Whether it is a table that a pattern means: `table` in any schema, or `schema.table`.
    func isTable(_ pattern: String) -> Bool {
        guard kind == "TABLE" else { return false }
        if name.matches(pattern) || "\(schema).\(name)".matches(pattern) { return true }
        guard let written = try? QualifiedName(parsing: pattern) else { return false }  // a pattern, and no name
        return written.name == name && (written.schema ?? schema) == schema
    }

    /// The name that an object has beside its schema, if statements can name it so.
    fileprivate var objectName: String? {
        switch kind {
        case "TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "FOREIGN TABLE", "TYPE", "DOMAIN", "INDEX", "STATISTICS",
            "COLLATION", "TEXT SEARCH CONFIGURATION", "TEXT SEARCH DICTIONARY":
            name
        case "FUNCTION", "PROCEDURE", "AGGREGATE":
            name.firstIndex(of: "(").map { String(name[..<$0]) }
        case "CONSTRAINT":
            // Behind its table's name; the index that it makes is called the same.
            name.split(separator: " ").last.map(String.init)
        default: nil
        }
    }
}

extension [SchemaEntry] {
    /// The entries without extensions, what is said of them, and the schemas made for them.
    fileprivate func withoutExtensions(_ extensions: [Manifest.Extension]) -> [SchemaEntry] {
        let schemas = Set(extensions.map(\.schema))
        let ids = Set(filter { $0.kind == "EXTENSION" }.map(\.id))
        return filter { entry in
            if ids.contains(entry.id) { return false }
            if entry.kind == "COMMENT", !entry.dependencies.isDisjoint(with: ids) { return false }
            return !(entry.kind == "SCHEMA" && schemas.contains(entry.name))
        }
    }
}
