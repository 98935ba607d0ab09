/// How completed jobs are found: type by type, since the index that has them, `idx_jobs_type`, has each type for itself.
///
/// Another one by time alone would cost every job an entry more; to jump from type to type costs who looks a few blocks.
enum CompletedJobs {
    /// A recursive part `t` of a statement: the types that completed jobs have, and a last row that has none.
    static let types = """
        t AS (
            (\(next()))
            UNION ALL
            SELECT (\(next(" AND j.type > t.type"))) FROM t WHERE t.type IS NOT NULL
        )
        """

    private static func next(_ condition: String = "") -> String {
        """
        SELECT j.type FROM jobs j WHERE j.status = 'completed' AND j.completed_at IS NOT NULL\(condition)
        ORDER BY j.type LIMIT 1
        """
    }

    /// The same of types that are known.
    ///
    /// - Parameter array: an array of them.
    /// - Returns: a query for WITH.
    static func types(in array: String) -> String { "t AS (SELECT DISTINCT type FROM unnest(\(array)) AS type)" }

    /// The first of the jobs of each type in `t`, as rows without an order.
    ///
    /// - Parameters:
    ///   - columns: what of them.
    ///   - hasUntyped: whether those that have no type count as one more.
    ///   - condition: which of the table `j`.
    ///   - order: which are first.
    ///   - limit: how many of each type.
    ///   - lock: what the server is to do with them besides.
    /// - Returns: a query.
    static func first(
        _ columns: String,
        hasUntyped: Bool = true,
        where condition: String,
        order: String,
        limit: String,
        lock: String = ""
    ) -> String {
        func rows(_ ofType: String) -> String {
            """
            SELECT \(columns) FROM jobs j WHERE j.status = 'completed' AND \(ofType) AND \(condition)
            ORDER BY \(order) LIMIT \(limit) \(lock)
            """
        }
        let typed = "SELECT x.* FROM t CROSS JOIN LATERAL (\(rows("j.type = t.type"))) x"
        return hasUntyped ? "\(typed)\nUNION ALL\nSELECT * FROM (\(rows("j.type IS NULL"))) x" : typed
    }
}
