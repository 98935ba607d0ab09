import Catalog
import Postgres
import SQLSyntax

/// What came out when a plan was tried on a copy.
public struct PlanProof: Hashable, Sendable {
    /// What `pg_dump` says to the copy, beside what is wanted.
    public enum Observation: Hashable, Sendable {
        /// It prints the same, but for the order of columns in the tables named.
        case agrees(reordered: [String])
        /// It prints other statements for these objects.
        case differs([String])
        /// It was not asked, for this reason.
        case notMade(String)
    }

    /// What is still to be changed after the plan, in words; empty if it leads to what is wanted.
    public let differences: [String]
    /// The tables whose rows are not what they were, in words.
    public let lostRows: [String]
    /// How many tables had rows.
    public let tablesWithRows: Int
    /// What an outside observer says.
    public let observation: Observation

    /// Whether the plan leads to what is wanted, every row that should survive is there, and nobody saw anything else.
    public var holds: Bool {
        if case .differs = observation { return false }
        return differences.isEmpty && lostRows.isEmpty
    }
}

extension SchemaReader {
    /// Tries a plan on a scratch server: the schema that is, with rows of its own making, goes through it.
    ///
    /// - Parameter comparison: what was compared, with the plan.
    /// - Returns: what came out.
    /// - Throws: ``SchemaDiffError`` where the schema cannot be made there, or the plan fails.
    public func prove(_ comparison: SchemaComparison) async throws -> PlanProof {
        let version = max(comparison.from.serverVersion, comparison.to.serverVersion)
        return try await withScratchServer(atLeast: version) { server in
            let build = SchemaBuild(server: server)
            return try await build.withDatabase(madeFrom: comparison.from) { connection, database in
                let stays = comparison.from.objects(of: .table).map(\.identity).filter {
                    comparison.to[comparison.name(behind: $0)] != nil
                }
                let rows = SampleRows(of: comparison)
                let filled = try await rows.insert(on: connection)
                let before = try await rows.digests(of: stays, on: connection)
                try await PlanScript(comparison.plan).run(on: connection)
                let after = try await rows.digests(of: stays, isBehind: true, on: connection)
                let reached = try await Settlement(server: server).rewording(
                    try await Catalog.read(on: connection).withoutOwners(),
                    as: comparison.to.withoutOwners()
                )
                let changes = CatalogChanges(from: reached, to: comparison.to.withoutOwners()).changes
                return PlanProof(
                    differences: changes.filter(\.isPlanned).map { change in
                        "\(change.identity): \(change.attributes.map(\.name.rawValue).joined(separator: ", "))"
                    },
                    lostRows: before.filter { after[$0.key] != $0.value }.map(\.key.description).sorted(),
                    tablesWithRows: filled,
                    observation: try await observation(of: database, comparison, build)
                )
            }
        }
    }

    /// Holds a dump of the copy against one of a database that was made as it is wanted.
    private func observation(
        of copy: ScratchDatabase,
        _ comparison: SchemaComparison,
        _ build: SchemaBuild
    ) async throws -> PlanProof.Observation {
        do {
            let reached = try await SchemaDump(of: copy.administrator)
            let wanted = try await build.withDatabase(madeFrom: comparison.to) { _, database in
                try await SchemaDump(of: database.administrator)
            }
            let differences = reached.differences(from: wanted)
            return differences.isEmpty ? .agrees(reordered: reached.reordered(from: wanted)) : .differs(differences)
        } catch let error as SchemaDump.Unavailable {
            return .notMade(error.reason)
        }
    }
}

/// Rows that are put into the tables of a schema, and recognised afterwards.
private struct SampleRows {
    private let comparison: SchemaComparison
    private var from: Catalog { comparison.from }
    private var to: Catalog { comparison.to }

    init(of comparison: SchemaComparison) {
        self.comparison = comparison
    }

    /// Puts some rows into each table that takes them, those first that others refer to; returns how many tables did.
    func insert(on connection: PostgresConnection) async throws -> Int {
        var waiting = from.objects(of: .table).filter { $0.text(.partitionOf) == nil }.map(\.identity)
        var count = 0
        while !waiting.isEmpty {
            var refused: [ObjectIdentity] = []
            for table in waiting {
                do {
                    _ = try await connection.script(insertion(into: table))
                    count += 1
                } catch let error as PostgresError where error.code == .server {
                    refused.append(table)
                }
            }
            if refused.count == waiting.count { break }
            waiting = refused
        }
        return count
    }

    private func insertion(into table: ObjectIdentity) -> String {
        let columns = from.children(of: table, kind: .column).filter {
            $0.attributes[.generated] == nil && $0.text(.identity) != "always"
        }
        guard !columns.isEmpty else { return "INSERT INTO \(table.qualifiedName) DEFAULT VALUES" }
        let names = columns.map { Identifier.quote($0.identity.name) }.joined(separator: ", ")
        let values = columns.map { value(of: $0) }.joined(separator: ", ")
        return "INSERT INTO \(table.qualifiedName) (\(names)) SELECT \(values) FROM generate_series(1, 3) AS g(i)"
    }

    private func value(of column: CatalogObject) -> String {
        let type = column.text(.type) ?? "text"
        let base = type.prefix { $0 != "(" && $0 != "[" }
        if type.hasSuffix("[]") { return "'{}'::\(type)" }
        switch base {
        case "smallint", "integer", "bigint", "numeric", "real", "double precision", "oid": return "i::\(type)"
        case "text", "character varying", "character", "name", "bytea", "xml": return "i::text::\(type)"
        case "boolean": return "true"
        case "date": return "date '2020-01-01' + i"
        case _ where base.hasPrefix("timestamp"):
            return "(timestamptz '2020-01-01 00:00:00+00' + i * interval '1 day')::\(type)"
        case _ where base.hasPrefix("time"): return "time '10:00'"
        case "interval": return "i * interval '1 hour'"
        case "uuid": return "('00000000-0000-0000-0000-00000000000' || i)::uuid"
        case "json", "jsonb": return "'{}'::\(type)"
        case "inet", "cidr": return "('10.0.0.' || i)::\(type)"
        default:
            let enumeration = from.objects(of: .enumeration).first { $0.identity.qualifiedName == type }
            return enumeration?.list(.labels).first.map { "\(StringLiteral.quote($0))::\(type)" } ?? "NULL"
        }
    }

    /// How many rows each table has, and a hash of what stands in the columns that stay as they are.
    ///
    /// - Parameters:
    ///   - tables: the tables, by the names before the plan.
    ///   - isBehind: whether the plan has run.
    ///   - connection: the database.
    /// - Returns: count and hash of each table.
    /// - Throws: `PostgresError`.
    func digests(
        of tables: [ObjectIdentity],
        isBehind: Bool = false,
        on connection: PostgresConnection
    ) async throws -> [ObjectIdentity: String] {
        func name(_ identity: ObjectIdentity) -> ObjectIdentity {
            isBehind ? comparison.name(behind: identity) : identity
        }
        var digests: [ObjectIdentity: String] = [:]
        for table in tables {
            let columns = from.children(of: table, kind: .column).filter { column in
                // A value under another name reads otherwise.
                guard
                    !comparison.renames.contains(where: { rename in
                        rename.rename.part != nil && column.dependencies.contains(rename.rename.from)
                    })
                else { return false }
                let new = comparison.name(behind: column.identity)
                return to[new].map { $0.attributes[.type] == comparison.renamed[new]?.attributes[.type] } ?? false
            }
            let names = columns.map { Identifier.quote(name($0.identity).name) }.joined(separator: ", ")
            let query = """
                SELECT count(*) || ':' || coalesce(md5(string_agg(r, E'\\n' ORDER BY r COLLATE "C")), '') \
                FROM (SELECT ROW(\(names))::text AS r FROM \(name(table).qualifiedName)) t
                """
            digests[table] = try await connection.query(query).single.decode(String.self)
        }
        return digests
    }
}
