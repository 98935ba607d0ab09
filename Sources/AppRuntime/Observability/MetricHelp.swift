/// What the metrics of the runtime count, in a sentence each.
enum MetricHelp {
    static func text(of name: String) -> String { texts[name] ?? "No description." }

    private static let texts = [
        "lastro_jobs_enqueued_total": "Jobs that were inserted.",
        "lastro_jobs_started_total": "Attempts that were started.",
        "lastro_jobs_finished_total": "Attempts that ended, by outcome.",
        "lastro_job_duration_seconds": "How long handlers ran.",
        "lastro_job_queue_wait_seconds": "From when a job was due to its start.",
        "lastro_jobs_runnable": "Jobs that are due and not started.",
        "lastro_jobs_oldest_runnable_age_seconds": "For how long the oldest of them has been due.",
        "lastro_jobs_running": "Jobs that run.",
        "lastro_jobs_scheduled": "Jobs that wait for their time.",
        "lastro_jobs_failed": "Jobs that nobody takes any more, as long as they are kept.",
        "lastro_workers": "Processes that work on jobs.",
        "lastro_alerts_open": "Alerts that are open.",
        "lastro_leader_present": "Whether any process leads.",
        "lastro_db_dead_rows": "Dead rows of the queue's tables that vacuum has not cleaned up.",
        "lastro_jobs_rescued_total": "Jobs that were taken from workers that are gone.",
        "lastro_ack_stale_total": "Acknowledgements of jobs that their worker had lost.",
        "lastro_fetch_duration_seconds": "How long fetching jobs took.",
        "lastro_ack_batch_size": "How many acknowledgements went in one statement.",
        "lastro_notify_sent_total": "Notifications of new jobs, and those that were suppressed.",
        "lastro_scheduler_lag_seconds": "How late the scheduler is.",
        "lastro_leader": "Whether this process leads.",
        "lastro_db_clock_skew_seconds": "How far this machine's clock is ahead of the database's.",
        "lastro_db_oldest_xmin_age_seconds": "The age of the oldest snapshot that holds vacuum back.",
        "lastro_metrics_series_dropped_total": "Series that found no place of their own.",
        "http_server_request_duration_seconds": "How long requests took.",
        "http_server_active_requests": "Requests under way.",
    ]
}
