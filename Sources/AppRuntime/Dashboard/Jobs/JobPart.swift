/// The statement for a part of a list of jobs.
///
/// Its parameters are the number of rows, the type or null, and the time, the id and the priority of the row before.
struct JobPart {
    static let columns = """
        j.id, coalesce(j.name, j.type, ''), coalesce(j.type, ''), coalesce(j.status, ''), coalesce(j.priority, 0),
        coalesce(j.attempts, 0), coalesce(j.max_attempts, 3), j.scheduled_for, j.started_at, j.completed_at, j.created_at,
        left(j.error, 200), k.progress, k.cancel_requested IS NOT NULL
        """

    private let position: JobListCursor
    private let filter: JobFilter

    init(_ position: JobListCursor, _ filter: JobFilter) {
        self.position = position
        self.filter = filter
    }

    var sql: String {
        switch position.part {
        case .running: running
        case .waiting: waiting
        case .scheduled: scheduled
        case .ended: ended
        }
    }

    /// Few at any time: as many as all workers have room for.
    private var running: String {
        let order = "coalesce(j.started_at, j.created_at, 'epoch')"
        return select(
            "j.status = 'running'",
            after: "(\(order), j.id) < ($3::timestamptz, $4::uuid)",
            time: order,
            order: "\(order) DESC, j.id DESC"
        )
    }

    /// In the order in which workers take them: `idx_jobs_ready` of one type, else `idx_jobs_queue`.
    private var waiting: String {
        select(
            "j.status = 'pending' AND j.scheduled_for IS NULL",
            after: """
                j.priority <= $5 AND (j.priority < $5 OR (j.created_at, j.id) > ($3::timestamptz, $4::uuid))
                """,
            time: "j.created_at",
            order: "j.priority DESC, j.created_at, j.id"
        )
    }

    /// With the next one first: `idx_jobs_due`.
    private var scheduled: String {
        select(
            "j.status = 'pending' AND j.scheduled_for IS NOT NULL",
            after: "(j.scheduled_for, j.id) > ($3::timestamptz, $4::uuid)",
            time: "j.scheduled_for",
            order: "j.scheduled_for, j.id"
        )
    }

    /// With the newest first: `idx_jobs_type` for completed jobs, for others `idx_jobs_status`, or `idx_jobs_finished` of one type.
    private var ended: String {
        let statuses = filter.view.statuses ?? ["completed", "failed", "cancelled"]
        let parts = statuses.map { status in
            if status == "completed", filter.type == nil { return "(\(completedOfAllTypes))" }
            let found = select(
                "j.status = '\(status)' AND j.completed_at IS NOT NULL",
                after: "(j.completed_at, j.id) < ($3::timestamptz, $4::uuid)",
                time: "j.completed_at",
                order: "j.completed_at DESC, j.id DESC"
            )
            return "(\(found))"
        }
        guard parts.count > 1 else { return parts[0] }
        return
            "SELECT * FROM (\(parts.joined(separator: "\nUNION ALL\n"))) j ORDER BY j.completed_at DESC, j.id DESC LIMIT $1"
    }

    private var completedOfAllTypes: String {
        let order = "j.completed_at DESC, j.id DESC"
        let after = position.id == nil ? "" : " AND (j.completed_at, j.id) < ($3::timestamptz, $4::uuid)"
        let first = CompletedJobs.first(
            "j.id, j.completed_at",
            where: "j.completed_at IS NOT NULL\(after)",
            order: order,
            limit: "$1"
        )
        return """
            WITH RECURSIVE \(CompletedJobs.types), f AS MATERIALIZED (
                SELECT j.id FROM (\(first)) j WHERE \(Self.known) ORDER BY \(order) LIMIT $1
            )
            SELECT \(Self.columns), j.completed_at AS place
            FROM f JOIN jobs j ON j.id = f.id LEFT JOIN job_claims k ON k.job_id = j.id
            ORDER BY \(order)
            """
    }

    /// Every parameter is named in each statement, so that the server knows the type of all of them.
    private static let known = """
        ($2::text IS NULL OR true) AND ($3::timestamptz IS NULL OR true) AND ($4::uuid IS NULL OR true)
            AND ($5::int IS NULL OR true)
        """

    private func select(_ condition: String, after: String, time: String, order: String) -> String {
        """
        SELECT \(Self.columns), \(time) AS place FROM jobs j LEFT JOIN job_claims k ON k.job_id = j.id
        WHERE \(condition)\(filter.type == nil ? "" : " AND j.type = $2")\(position.id == nil ? "" : " AND \(after)")
            AND \(Self.known)
        ORDER BY \(order) LIMIT $1
        """
    }
}
