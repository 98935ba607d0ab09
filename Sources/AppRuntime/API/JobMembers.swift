import Postgres

/// The members that a job has wherever the API tells of one, written as the server sends them: a page has many.
enum JobMembers {
    /// The columns that they are written from, of `jobs` as `j` and `job_claims` as `k`.
    ///
    /// - Parameter error: how much of the error.
    /// - Returns: a list for SELECT.
    static func columns(error: String = "j.error") -> String {
        """
        j.id, coalesce(j.name, j.type, ''), coalesce(j.type, ''), coalesce(j.status, 'pending'), coalesce(j.priority, 0),
        coalesce(j.attempts, 0), coalesce(j.max_attempts, 3), \(error), j.scheduled_for AT TIME ZONE 'UTC',
        j.started_at AT TIME ZONE 'UTC', j.completed_at AT TIME ZONE 'UTC',
        coalesce(j.created_at, 'epoch') AT TIME ZONE 'UTC', k.progress, k.progress_note
        """
    }

    /// Writes them into an object that is open.
    ///
    /// - Parameters:
    ///   - row: a row with the columns.
    ///   - first: where in the row they begin.
    ///   - json: where to write.
    static func write(_ row: PostgresRow, from first: Int, to json: inout JSONWriter) {
        json.member("id", text: row[first])
        json.member("name", text: row[first + 1])
        json.member("type", text: row[first + 2])
        json.member("status", text: row[first + 3])
        json.member("priority", raw: row[first + 4])
        json.member("attempts", raw: row[first + 5])
        json.member("max_attempts", raw: row[first + 6])
        json.member("error", text: row[first + 7])
        json.member("scheduled_for", time: row[first + 8])
        json.member("started_at", time: row[first + 9])
        json.member("completed_at", time: row[first + 10])
        json.member("created_at", time: row[first + 11])
        json.member("progress", raw: row[first + 12])
        json.member("progress_note", text: row[first + 13])
    }
}
