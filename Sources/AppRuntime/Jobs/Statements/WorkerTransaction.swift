import Postgres

/// What holds in the transactions in which a worker takes jobs and says how they ended, and in no other.
///
/// The statements are long: to plan one anew for each call costs as much as to take some dozen jobs, and to compile one
/// never pays. Planned for any parameters, they are thought to touch a tenth of the tables, while a worker takes few rows of
/// many: so the ways that read all of a table are barred.
enum WorkerTransaction {
    /// For taking jobs: a claim that is lost with the server only lets the job run once more, and a later acknowledgement,
    /// which is durable, carries the claim's WAL with it; nobody has to wait for the disk.
    static let taking = """
        \(planning), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
            set_config('enable_bitmapscan', 'off', true), set_config('synchronous_commit', 'off', true)
        """

    /// For ends, which are durable.
    static let ending = planning

    private static let planning = """
        SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true),
            set_config('enable_seqscan', 'off', true)
        """
}
