import Postgres

/// Makes the large objects of a snapshot anew.
struct LargeObjectLoad: Sendable {
    let objects: Manifest.LargeObjects
    let reader: ChunkReader
    let settings: ConnectionSettings
    let asOwners: Bool
    let jobs: Int

    /// Where lines wait for being made objects of.
    static let stage = """
        CREATE TEMPORARY TABLE lastro_large_objects (number oid, owner text, grants text, note text, place bigint,
            content bytea) ON COMMIT DROP
        """
    static let copy = "COPY pg_temp.lastro_large_objects FROM STDIN (ENCODING 'UTF8')"

    /// What makes objects of the lines.
    static func placing(asOwners: Bool) -> String {
        let owners = """
                        EXECUTE pg_catalog.format('ALTER LARGE OBJECT %s OWNER TO %I', object.number, object.owner);
                        CONTINUE WHEN object.grants IS NULL;
                        EXECUTE pg_catalog.format('REVOKE ALL ON LARGE OBJECT %s FROM PUBLIC, %I', object.number, object.owner);
                        CONTINUE WHEN object.grants = '{}';
                        FOR item IN SELECT pg_catalog.pg_get_userbyid(a.grantor) AS grantor, a.privilege_type, a.is_grantable,
                                CASE a.grantee WHEN 0 THEN 'PUBLIC'
                                    ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee
                            FROM pg_catalog.aclexplode(object.grants::pg_catalog.aclitem[]) a
                            ORDER BY pg_catalog.pg_get_userbyid(a.grantor) <> object.owner
                        LOOP
                            IF item.grantor <> object.owner THEN
                                EXECUTE pg_catalog.format('SET LOCAL ROLE %I', item.grantor);
                            END IF;
                            EXECUTE pg_catalog.format('GRANT %s ON LARGE OBJECT %s TO %s%s', item.privilege_type, object.number,
                                item.grantee, CASE WHEN item.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
                            SET LOCAL ROLE NONE;
                        END LOOP;
            """
        return """
            DO $lastro$
            DECLARE
                object record;
                item record;
            BEGIN
                PERFORM pg_catalog.lo_create(number) FROM pg_temp.lastro_large_objects WHERE content IS NULL;
                PERFORM pg_catalog.lo_put(number, place, content) FROM pg_temp.lastro_large_objects WHERE content IS NOT NULL;
                FOR object IN SELECT * FROM pg_temp.lastro_large_objects WHERE content IS NULL LOOP
                    IF object.note IS NOT NULL THEN
                        EXECUTE pg_catalog.format('COMMENT ON LARGE OBJECT %s IS %L', object.number, object.note);
                    END IF;
            \(asOwners ? owners : "")
                END LOOP;
            END $lastro$
            """
    }

    /// Loads all ranges, side by side, each in one transaction: objects are there when the last chunk was found authentic.
    func run() async throws {
        let queue = WorkQueue(objects.units)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(jobs, objects.units.count)) {
                group.addTask {
                    try await withPostgresConnection(to: settings) { connection in
                        try await connection.script(SnapshotSessions.settings)
                        try await connection.script("SET default_transaction_isolation = 'read committed'")
                        while let unit = queue.next() { try await load(unit, on: connection) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func load(_ unit: Manifest.Unit, on connection: PostgresConnection) async throws {
        try await connection.withTransaction { connection in
            try await connection.script(Self.stage)
            let rows = try await connection.copyIn(Self.copy, from: ChunkSequence(unit.chunks, reader))
            guard rows == unit.rows else {
                throw BackupError.otherContent("of large objects", rows: rows, expected: unit.rows)
            }
            try await connection.script(Self.placing(asOwners: asOwners))
        }
    }

    /// Reads all objects again.
    ///
    /// - Returns: whether owners, privileges and comments are those that were backed up.
    /// - Throws: ``BackupError`` if the content is another.
    func compare() async throws -> Bool {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.script(SnapshotSessions.settings)
            let sum = LargeObjectSum()
            for range in try await LargeObjectRange.all(on: connection) {
                // A handle is good for one transaction.
                try await connection.script("BEGIN READ ONLY")
                try await connection.copyOut(range.copy) { sum.add($0) }
                try await connection.script("COMMIT")
            }
            guard sum.entries.count == objects.count, sum.content.digits == objects.contentSum else {
                throw BackupError.otherContent("of large objects", rows: sum.entries.count, expected: objects.count)
            }
            return sum.entries.digits == objects.entrySum
        }
    }
}

/// The sums of the lines that large objects are made of.
final class LargeObjectSum: @unchecked Sendable {  // used by one connection's thread, and read when that is done
    private(set) var entries = LineSum()
    private(set) var content = LineSum()

    func add(_ line: UnsafeRawBufferPointer) {
        if LargeObjectRange.isEntry(line) { entries.add(line) } else { content.add(line) }
    }
}
