import Postgres
import SQLSyntax

/// What became of a step that cannot run in a transaction, and what it has to find out of the way.
///
/// Nothing tells whether such a statement was carried through but the objects themselves. A build of an index that was cut
/// leaves an invalid index, which is taken away before the next try; one that went through is success.
struct StepRecovery {
    let session: RunSession
    let task: ScriptTask
    let step: ScriptStep

    private var connection: PostgresConnection { session.connection }

    /// Whether a step that an earlier run began has in fact been carried through.
    func isAchieved(since record: StepLedger.Record) async throws -> Bool {
        guard case .outside = step.kind, let node = try? ParsedStatement(step.statement).node else { return false }
        switch node {
        case .createIndex(let index):
            return try await madeIndexes(of: index, since: record).contains { $0.isValid && $0.fits(index) }
        case .drop(let drop) where drop.isConcurrent:
            return try await drop.objects.map(\.name).allAreGone(on: connection)
        case .alterTable(let alter):
            return try await finishDetach(alter)
        case .createDatabase(let database):
            return try await exists("pg_database", "datname", database.name)
        case .dropDatabase(let database):
            return try await !exists("pg_database", "datname", database.name)
        case .createTablespace(let name):
            return try await exists("pg_tablespace", "spcname", name)
        case .dropTablespace(let name):
            return try await !exists("pg_tablespace", "spcname", name)
        default:
            return false
        }
    }

    /// Takes away what would make the step fail or do nothing: invalid indexes of earlier builds.
    ///
    /// - Returns: what is there before the step, for ``isAchieved(since:)``.
    func clearWay() async throws -> String? {
        guard case .outside = step.kind, let node = try? ParsedStatement(step.statement).node else { return nil }
        switch node {
        case .createIndex(let index):
            guard let table = try await oid(of: index.table.name) else { return nil }
            var kept: [Int] = []
            for found in try await indexes(of: table) {
                let isInTheWay = !found.isValid && (found.name == index.name || index.name == nil && found.fits(index))
                if isInTheWay { try await drop(found) } else { kept.append(found.oid) }
            }
            return kept.map(String.init).joined(separator: " ")
        case .reindex:
            // A cut REINDEX CONCURRENTLY leaves its transient copies (PostgreSQL manual, REINDEX).
            for found in try await transientIndexes() { try await drop(found) }
            return nil
        default:
            return nil
        }
    }

    /// Checks that the step did what it says: with IF NOT EXISTS, an index that is there and invalid is no success.
    func checkResult() async throws {
        guard let node = try? ParsedStatement(step.statement).node, case .createIndex(let index) = node,
            let name = index.name, let table = try await oid(of: index.table.name)
        else { return }
        guard let found = try await indexes(of: table).first(where: { $0.name == name }), !found.isValid else { return }
        throw MigratorError.invalidIndex(name, at: task.script.location(ofStatement: step.firstStatement))
    }

    // MARK: indexes

    struct Index {
        let oid: Int
        let schema: String
        let name: String
        let isValid: Bool
        let isUnique: Bool
        let method: String
        let columns: [String?]
        let isPartial: Bool

        /// Whether it is what a statement says, as far as both can be compared: where expressions stand, their place only.
        func fits(_ statement: CreateIndex) -> Bool {
            guard isUnique == statement.isUnique, method == statement.method else { return false }
            return columns == statement.elements.map(\.column) && isPartial == (statement.condition != nil)
        }
    }

    private func madeIndexes(of index: CreateIndex, since record: StepLedger.Record) async throws -> [Index] {
        guard let table = try await oid(of: index.table.name) else { return [] }
        let before = Set((record.detail ?? "").split(separator: " ").compactMap { Int($0) })
        return try await indexes(of: table).filter { found in
            !before.contains(found.oid) && (index.name == nil || found.name == index.name)
        }
    }

    private func indexes(of table: Int) async throws -> [Index] {
        try await indexes(where: "i.indrelid = \(table)")
    }

    private func transientIndexes() async throws -> [Index] {
        // Beside this run's schema others may be at work, each with transient indexes of its own.
        let schema = session.options.schema.map { " AND n.nspname = \(StringLiteral.quote($0))" } ?? ""
        return try await indexes(where: "NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'" + schema)
    }

    private func indexes(where condition: String) async throws -> [Index] {
        try await connection.query(
            """
            SELECT c.oid::bigint, n.nspname, c.relname, i.indisvalid, i.indisunique, am.amname,
                array(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
                    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                        AND k.number <> 0
                    WHERE k.place <= i.indnkeyatts ORDER BY k.place),
                i.indpred IS NOT NULL
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am am ON am.oid = c.relam
            WHERE \(condition) ORDER BY c.oid
            """
        ).decode(as: (Int, String, String, Bool, Bool, String, [String?], Bool).self)
            .map { oid, schema, name, isValid, isUnique, method, columns, isPartial in
                Index(
                    oid: oid,
                    schema: schema,
                    name: name,
                    isValid: isValid,
                    isUnique: isUnique,
                    method: method,
                    columns: columns,
                    isPartial: isPartial
                )
            }
    }

    private func drop(_ index: Index) async throws {
        session.emit(.remark(task.step.name, "the invalid index \(index.name) of an earlier build is dropped"))
        await session.record(
            session.event(
                "invalid-index-dropped",
                of: task.step.name,
                detail: ["index": "\(index.schema).\(index.name)"]
            )
        )
        let name = "\(Identifier.quote(index.schema)).\(Identifier.quote(index.name))"
        try await connection.script("DROP INDEX CONCURRENTLY IF EXISTS \(name)")
    }

    // MARK: other objects

    private func oid(of name: QualifiedName) async throws -> Int? {
        try await connection.query("SELECT to_regclass($1)::oid::bigint", name.description)
            .decode(as: Int?.self).first ?? nil
    }

    private func exists(_ catalog: String, _ column: String, _ name: String) async throws -> Bool {
        try await connection.query("SELECT count(*) > 0 FROM pg_catalog.\(catalog) WHERE \(column) = $1", name)
            .single.decode(Bool.self)
    }

    /// Ends a DETACH PARTITION CONCURRENTLY that was cut between its two transactions.
    private func finishDetach(_ alter: AlterTable) async throws -> Bool {
        guard let table = try await oid(of: alter.relation.name),
            let action = alter.actions.first(where: { $0.kind == .detachPartition }),
            let partition = action.relation?.name, let child = try await oid(of: partition)
        else { return false }
        let pending = try await connection.query(
            "SELECT inhdetachpending FROM pg_catalog.pg_inherits WHERE inhparent = $1::bigint AND inhrelid = $2::bigint",
            table,
            child
        ).decode(as: Bool.self).first
        guard let pending else { return true }
        guard pending else { return false }
        try await connection.script("ALTER TABLE \(alter.relation.name) DETACH PARTITION \(partition) FINALIZE")
        return true
    }
}

extension [QualifiedName] {
    fileprivate func allAreGone(on connection: PostgresConnection) async throws -> Bool {
        for name in self {
            let isThere = try await connection.query("SELECT to_regclass($1) IS NOT NULL", name.description)
                .single.decode(Bool.self)
            if isThere { return false }
        }
        return true
    }
}
