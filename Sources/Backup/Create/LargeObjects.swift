import Postgres

/// A range of large objects, which one COPY reads.
///
/// Of each object comes a line with its owner, privileges and comment, and then one for each piece of its content.
struct LargeObjectRange: Hashable, Sendable {
    let first: Int
    let last: Int
    /// About how much is in it.
    let bytes: Int

    /// What a piece of an object holds at most.
    private static let pieceSize = 64 << 10
    /// How many objects a range has on the average at most: who changes an owner or a comment locks the object.
    private static let rangeCount = 512

    /// The COPY of the objects, whoever asks: the text is the same for all.
    var copy: String {
        """
        COPY (
            SELECT * FROM (SELECT m.oid, pg_get_userbyid(m.lomowner),
                CASE WHEN m.lomacl IS NOT NULL THEN
                    coalesce((SELECT array_agg(i ORDER BY i::text) FROM unnest(m.lomacl) i), '{}')::text END,
                obj_description(m.oid, 'pg_largeobject'), NULL::bigint, NULL::bytea
                FROM pg_largeobject_metadata m WHERE m.oid BETWEEN \(first) AND \(last) ORDER BY m.oid) objects
            UNION ALL
            SELECT s.oid, NULL, NULL, NULL, p.place, lo_get(s.oid, p.place, \(Self.pieceSize))
            FROM (SELECT o.oid, lo_lseek64(o.handle, 0, 2) AS size, lo_close(o.handle)
                FROM (SELECT m.oid, lo_open(m.oid, 262144) AS handle FROM pg_largeobject_metadata m
                    WHERE m.oid BETWEEN \(first) AND \(last) ORDER BY m.oid OFFSET 0) o OFFSET 0) s,
                LATERAL generate_series(0, s.size - 1, \(Self.pieceSize)) AS p (place)
        ) TO STDOUT (ENCODING 'UTF8')
        """
    }

    /// Whether a line is the one that says whose an object is.
    static func isEntry(_ line: UnsafeRawBufferPointer) -> Bool {
        line.count > 3 && line[line.count - 2] == UInt8(ascii: "N") && line[line.count - 3] == UInt8(ascii: "\\")
    }

    /// All objects that a snapshot sees.
    ///
    /// Where a range begins follows from the numbers themselves, so that objects which come and go leave the other ranges
    /// as they were.
    static func all(on connection: PostgresConnection) async throws -> [LargeObjectRange] {
        let (count, bytes) = try await connection.query(
            "SELECT (SELECT count(*) FROM pg_largeobject_metadata), pg_table_size('pg_catalog.pg_largeobject')"
        ).single.decode(Int.self, Int.self)
        guard count > 0 else { return [] }
        let size = max(bytes / count, 1)
        var rangeCount = rangeCount
        while rangeCount > 1, rangeCount * size > WorkUnit.targetBytes { rangeCount /= 2 }
        return try await connection.query(
            """
            SELECT min(number)::bigint, max(number)::bigint, count(*) FROM (
                SELECT oid AS number, sum((hashoid(oid) % \(rangeCount) = 0)::integer) OVER (ORDER BY oid) AS range
                FROM pg_largeobject_metadata) objects
            GROUP BY range ORDER BY 1
            """
        ).decode(as: (Int, Int, Int).self).map { LargeObjectRange(first: $0, last: $1, bytes: $2 * size) }
    }
}
