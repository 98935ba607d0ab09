import Postgres

extension MaintenanceDuty {
    /// Deletes jobs that ended long ago, with their logs, and old traces.
    static func retain(_ options: JobMaintenanceOptions) -> MaintenanceDuty {
        MaintenanceDuty("retention", every: .seconds(60), timeout: .seconds(60)) { connection, _ in
            let limit = ContinuousClock.now + .seconds(30)
            for (status, age) in [
                ("completed", options.keepsCompleted), ("cancelled", options.keepsCancelled),
                ("failed", options.keepsFailed),
            ] {
                while ContinuousClock.now < limit,
                    try await Retention.delete(status, olderThan: age, on: connection) == Retention.batch
                {}
            }
            try await Retention.deleteTraces(olderThan: options.keepsTraces, on: connection)
            try await Retention.deleteAnswers(on: connection)
        }
    }
}

/// Deletes what is old, in batches that hold no lock for long.
enum Retention {
    static let batch = 5000

    /// Deletes one batch of jobs of a final status.
    ///
    /// - Returns: how many.
    @discardableResult
    static func delete(_ status: String, olderThan age: Duration, on connection: PostgresConnection) async throws -> Int
    {
        let isOld = "j.completed_at < now() - make_interval(secs => $1)"
        let lock = "FOR UPDATE SKIP LOCKED"
        let found =
            status == "completed"
            ? """
            WITH RECURSIVE \(CompletedJobs.types)
            SELECT id FROM (
                \(CompletedJobs.first("j.id", where: isOld, order: "j.completed_at", limit: "\(batch)", lock: lock))
            ) f LIMIT \(batch)
            """
            : """
            SELECT j.id FROM jobs j WHERE j.status = '\(status)' AND \(isOld)
            ORDER BY j.completed_at LIMIT \(batch) \(lock)
            """
        return try await connection.query("DELETE FROM jobs WHERE id IN (\(found))", age.storableSeconds).tag.rowCount
    }

    static func deleteTraces(olderThan age: Duration, on connection: PostgresConnection) async throws {
        for (table, column) in [
            ("job_rollups", "minute"), ("job_events", "happened_at"), ("job_schedule_runs", "slot"),
            ("job_batches", "finished_at"),
        ] {
            try await connection.query(
                """
                DELETE FROM \(table) WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM \(table) WHERE \(column) < now() - make_interval(secs => $1) LIMIT \(batch)
                ))
                """,
                age.storableSeconds
            )
        }
    }

    /// Deletes what the API answered to requests that may be sent again; a key is free after a day.
    static func deleteAnswers(on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            DELETE FROM http_idempotency WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM http_idempotency WHERE created_at < now() - interval '1 day' LIMIT \(batch)
            ))
            """
        )
    }
}
