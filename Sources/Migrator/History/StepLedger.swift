import Postgres
import SQLSyntax

/// What is on record of the steps of migrations that do not run in one transaction.
///
/// A step is on record as started before it is sent, since its server process may carry it through when the runner is
/// gone; and as done in its own transaction where it has one.
struct StepLedger: Sendable {
    let store: HistoryStore

    /// The table's name for SQL.
    var table: String { store.steps }

    /// The statement that makes the table.
    var creation: String {
        """
        CREATE TABLE \(table) (
            migration text NOT NULL,
            step integer NOT NULL,
            digest text NOT NULL,
            state text NOT NULL,
            run_id uuid NOT NULL,
            backend_pid integer,
            started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            finished_at timestamptz,
            detail text,
            PRIMARY KEY (migration, step)
        )
        """
    }

    /// What is known of a step that was begun.
    enum State: String, Sendable {
        /// Nothing more: whoever ran it is gone, or runs it still.
        case started
        /// The server refused it, so that nothing is left of it but what it leaves behind on failing.
        case failed
        /// It ended well.
        case done
    }

    /// A step that was begun once.
    struct Record: Hashable, Sendable {
        let step: Int
        let digest: String
        /// What is known of it.
        let state: State
        let runID: String
        /// What was there before it began, or how far it came, as its kind needs it.
        let detail: String?

        var isDone: Bool { state == .done }
        /// Whether the statement may be another one when it is run again.
        var hasFailed: Bool { state == .failed }
    }

    /// The steps of a migration that were begun, by number.
    func records(of name: String, on connection: PostgresConnection) async throws -> [Int: Record] {
        let rows = try await connection.query(
            "SELECT step, digest, state, run_id::text, detail FROM \(table) WHERE migration = $1",
            name
        ).decode(as: (Int, String, String, String, String?).self)
        return Dictionary(
            uniqueKeysWithValues: rows.map { step, digest, state, runID, detail in
                let state = State(rawValue: state) ?? .started
                return (step, Record(step: step, digest: digest, state: state, runID: runID, detail: detail))
            }
        )
    }

    /// Puts a step on record as started; it fails if another run has touched the record since it was seen.
    ///
    /// - Returns: false if the record is not as it was seen, so that another runner is at work.
    func start(
        _ step: Int,
        digest: Checksum,
        of name: String,
        runID: String,
        seen: Record?,
        detail: String?,
        on connection: PostgresConnection
    ) async throws -> Bool {
        let rows = try await connection.query(
            """
            INSERT INTO \(table) AS s (migration, step, digest, state, run_id, backend_pid, detail)
            VALUES ($1, $2::int, $3, 'started', $4::uuid, pg_catalog.pg_backend_pid(), $5)
            ON CONFLICT (migration, step) DO UPDATE SET state = 'started', run_id = excluded.run_id,
                backend_pid = excluded.backend_pid, started_at = excluded.started_at, digest = excluded.digest,
                detail = excluded.detail
            WHERE s.state <> 'done' AND s.run_id = $6::uuid AND s.detail IS NOT DISTINCT FROM $7::text
            RETURNING 1
            """,
            name,
            step,
            digest.description,
            runID,
            detail,
            seen?.runID,
            seen?.detail
        )
        return rows.count == 1
    }

    /// The statement that puts a step on record as done; with it the step's own transaction is its record.
    ///
    /// It fails with a division by zero if this run did not start the step.
    func done(_ step: ScriptStep, of name: String, runID: String) -> String {
        """
        WITH done AS (UPDATE \(table) SET state = 'done', finished_at = pg_catalog.clock_timestamp() \
        WHERE migration = \(StringLiteral.quote(name)) AND step = \(step.number) AND state = 'started' \
        AND run_id = \(StringLiteral.quote(runID)) RETURNING 1) SELECT 1 / pg_catalog.count(*) FROM done
        """
    }

    /// Puts on record that the server refused a step that this run started.
    ///
    /// Without it the step stays started, and has to be run again from the same text.
    func noteFailure(of step: Int, of name: String, runID: String, on connection: PostgresConnection) async {
        _ = try? await connection.query(  // the refusal itself is what matters, and is told
            """
            UPDATE \(table) SET state = 'failed', finished_at = pg_catalog.clock_timestamp()
            WHERE migration = $1 AND step = $2::int AND state = 'started' AND run_id = $3::uuid
            """,
            name,
            step,
            runID
        )
    }

    /// The statement that clears the records of a migration that is wholly there, in the transaction of its row.
    func clearing(_ name: String) -> String {
        "DELETE FROM \(table) WHERE migration = \(StringLiteral.quote(name))"
    }
}
