import Postgres
import SQLSyntax
import SourceText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Runs a batched migration range by range, and goes on where an earlier run stopped.
///
/// Where it stands is in the ledger, changed in each range's own transaction and only while it is as it was seen: two
/// runners never do one range twice.
struct BackfillRun {
    let session: RunSession
    let task: ScriptTask
    let backfill: Backfill

    private static let ledgerStep = 1

    func callAsFunction() async throws -> ScriptEnd {
        do {
            return try await run()
        } catch  where error is CancellationError || (error as? MigratorError)?.code == .interrupted {
            // Between two ranges, or with one rolled back: whoever goes on may do so with another text.
            let rows = await recordedRows()
            await session.noteFailure(ofStep: Self.ledgerStep, of: task, undidNothing: rows == 0)
            throw (error as? MigratorError) ?? .batchStopped(task.step.name, rows: rows ?? 0, by: error)
        } catch let error as PostgresError {
            let failure = MigratorError.batchStopped(task.step.name, rows: await recordedRows() ?? 0, by: error)
            throw await session.recordingCut(failure, of: task.step.name)
        } catch let error as MigratorError where error.code == .outcomeUnknown {
            throw await session.recordingCut(error, of: task.step.name)
        }
    }

    /// How many rows are on record as done, also in a task that was cancelled; nil if that cannot be read.
    private func recordedRows() async -> Int? {
        let (ledger, name, connection) = (StepLedger(store: session.store), task.ledgerName, session.connection)
        return await Task {
            let record = try? await ledger.records(of: name, on: connection)[Self.ledgerStep]  // told as unknown
            guard let detail = record?.detail else { return record == nil ? nil : 0 }
            return (try? JSONDecoder().decode(BackfillCursor.self, from: Data(detail.utf8)))?.rows
        }.value
    }

    private func run() async throws -> ScriptEnd {
        try await Orphans(session: session).settle(task.step)
        let key = try await keyColumn(of: try await namedTable())
        guard var cursor = try await begin() else { return .collided }
        do {
            guard try await runRanges(from: &cursor, key) else { return .collided }
        } catch  where error is PostgresError {
            throw MigratorError.batchStopped(task.step.name, rows: cursor.rows, by: error)
        }
        return try await finish(rows: cursor.rows)
    }

    /// Runs all ranges that are left.
    ///
    /// - Returns: whether it came to the end; false if another runner was there first.
    private func runRanges(from cursor: inout BackfillCursor, _ key: Key) async throws -> Bool {
        let start = ContinuousClock.now
        let rowsBefore = cursor.rows
        let estimate = try await estimatedRows(of: key)
        var batches = 0
        while let range = try await nextRange(after: cursor, key) {
            guard await session.lock.isHeld() else {
                throw MigratorError.batchLockLost(task.step.name, rows: cursor.rows)
            }
            // One range at least, so that runs come to an end however slow the server is.
            if batches > 0, let limit = backfill.rule.maxDuration, start.duration(to: .now) > limit {
                throw MigratorError.batchPaused(task.step.name, rows: cursor.rows, limit: limit)
            }
            try await waitForStandbys()
            guard let next = try await run(range, from: cursor, key) else { return false }
            cursor = next
            batches += 1
            let elapsed = start.duration(to: .now)
            let rate = Double(cursor.rows - rowsBefore) / max(elapsed / .seconds(1), 0.001)
            session.emit(
                .batchDone(
                    task.step,
                    BackfillProgress(
                        rows: cursor.rows,
                        estimatedRows: estimate,
                        batches: batches,
                        rowsPerSecond: Int(rate),
                        remaining: estimate.flatMap { estimate in
                            rate < 1 ? nil : .seconds(max(0, Double(estimate - cursor.rows) / rate))
                        }
                    )
                )
            )
            if backfill.rule.pause > .zero { try await session.connection.rest(for: backfill.rule.pause) }
        }
        return true
    }

    // MARK: ranges

    /// A key's column, with its type's name for constants.
    private struct Key {
        let table: QualifiedName
        let column: String
        let type: String

        func constant(_ text: String) -> String { "\(StringLiteral.quote(text))::\(type)" }
    }

    private struct KeyRange {
        /// Where the range before it ended.
        let start: BackfillCursor
        /// The key behind the last one; nil where the range reaches the last row.
        let to: String?
        let last: String

        func constants(_ key: Key) -> Backfill.KeyRange {
            Backfill.KeyRange(
                start: start.key.map(key.constant).map { start.isBehind ? .behind($0) : .with($0) } ?? .first,
                end: to.map { .before(key.constant($0)) } ?? .with(key.constant(last))
            )
        }
    }

    /// The next range; nil once no row lies behind the last one.
    private func nextRange(after cursor: BackfillCursor, _ key: Key) async throws -> KeyRange? {
        // With the table's name: ORDER BY takes a bare name for the column of the result, which is text.
        let column = "batch." + Identifier.quote(key.column)
        let bound = cursor.key.map { "WHERE \(column) \(cursor.isBehind ? ">" : ">=") \(key.constant($0))" } ?? ""
        let rows = "(SELECT \(column)::text FROM \(key.table) AS batch \(bound) ORDER BY \(column)"
        let (to, last) = try await session.connection.query(
            "SELECT \(rows) OFFSET \(backfill.rule.size) LIMIT 1), \(rows) DESC LIMIT 1)"
        ).single.decode(String?.self, String?.self)
        return last.map { KeyRange(start: cursor, to: to, last: $0) }
    }

    /// Runs the statement over a range.
    ///
    /// - Returns: where it stands then; nil if another runner was there first.
    private func run(_ range: KeyRange, from cursor: BackfillCursor, _ key: Key) async throws -> BackfillCursor? {
        var next = BackfillCursor(key: range.to ?? range.last, isBehind: range.to == nil, rows: cursor.rows)
        let sql = backfill.text(over: range.constants(key))
        var retries = LockRetries(limit: session.options.lockRetries)
        while true {
            let marker = session.marker(task.step.name)
            session.watch.begin(task.step, marker: marker)
            do {
                next.rows = cursor.rows + (try await send(sql, marker, next, seen: cursor))
                session.watch.end()
                return next
            } catch {
                let blockers = session.watch.end()
                await session.connection.rollBack()
                guard let error = error as? PostgresError, error.code == .server else { throw error }
                // The statement's own division by zero comes behind the claim, and is not another runner's work.
                if error.completedStatements <= opening.count, error.sqlState == "22012" { return nil }
                if error.sqlState == .lockNotAvailable || ["40P01", "40001"].contains(error.sqlState),
                    let pause = retries.next()
                {
                    try await session.announceRetry(
                        of: task.step,
                        after: error.message,
                        blockers: blockers,
                        attempt: retries.count,
                        pause: pause
                    )
                    continue
                }
                await session.noteFailure(ofStep: Self.ledgerStep, of: task, undidNothing: cursor == BackfillCursor())
                throw MigratorError.batchFailed(
                    error,
                    at: task.script.location(ofStatement: 0),
                    from: range.start.key,
                    to: range.to ?? range.last,
                    rows: cursor.rows
                )
            }
        }
    }

    /// Sends a range's transaction: first the ledger, so that a second runner waits there, then the statement.
    ///
    /// - Returns: how many rows the statement changed.
    private func send(_ sql: String, _ marker: RunMarker, _ next: BackfillCursor, seen: BackfillCursor) async throws
        -> Int
    {
        let limit = session.settings.overridden(by: task.script.rules).statementLimit.map { $0.sql + ";" }.joined()
        let results = try await session.connection.migrationScript(
            "\(marker) \(opening.joined(separator: "; ")); \(claim(next, seen: seen)); \(limit)\n\(sql)"
        )
        let rows = results.last?.tag.rowCount ?? 0
        var counted = next
        counted.rows += rows
        try await session.connection.script("\(claim(counted, seen: next)); COMMIT")
        return rows
    }

    /// What comes before the ledger in a range's transaction.
    private var opening: [String] {
        let settings = session.settings.overridden(by: task.script.rules)
        return ["BEGIN"] + (settings.limits + settings.scope).map(\.sql)
    }

    // MARK: the ledger

    private var table: String { StepLedger(store: session.store).table }

    /// The statement that moves the cursor on, and fails with a division by zero if it is not where it was seen.
    private func claim(_ next: BackfillCursor, seen: BackfillCursor) -> String {
        """
        WITH moved AS (UPDATE \(table) SET detail = \(StringLiteral.quote(next.text)), \
        backend_pid = pg_catalog.pg_backend_pid() WHERE migration = \(StringLiteral.quote(task.ledgerName)) \
        AND step = \(Self.ledgerStep) AND run_id = \(StringLiteral.quote(session.runID)) \
        AND detail = \(StringLiteral.quote(seen.text)) RETURNING 1) SELECT 1 / pg_catalog.count(*) FROM moved
        """
    }

    /// Makes the run's own record of the backfill, or takes over the one of an earlier run.
    ///
    /// - Returns: where to go on; nil if another runner was there first.
    private func begin() async throws -> BackfillCursor? {
        let ledger = StepLedger(store: session.store)
        let digest = task.script.checksum
        let seen = try await ledger.records(of: task.ledgerName, on: session.connection)[Self.ledgerStep]
        let cursor =
            try seen?.detail.map { try JSONDecoder().decode(BackfillCursor.self, from: Data($0.utf8)) }
            ?? BackfillCursor()
        let isMended = seen.map { $0.digest != digest.description } ?? false
        // Another statement may go on where the server refused the first one, and begin where nothing is done.
        if isMended, seen?.hasFailed != true, cursor != BackfillCursor() {
            throw MigratorError.stepChanged(
                Self.ledgerStep,
                of: task.step.name,
                isDone: false,
                at: task.script.location(ofStatement: 0)
            )
        }
        // Before the record: a run that finds one takes the conditions as checked.
        if seen == nil { try await session.prepare(task) }
        let isStarted = try await ledger.start(
            Self.ledgerStep,
            digest: digest,
            of: task.ledgerName,
            runID: session.runID,
            seen: seen,
            detail: cursor.text,
            on: session.connection
        )
        guard isStarted else { return nil }
        if seen == nil { await session.noteBeginning(task) }
        try await session.noteUndoing(task)
        if seen != nil {
            let how = isMended && cursor != BackfillCursor() ? " with the file as it was before" : ""
            session.emit(.remark(task.step.name, "goes on: \(cursor.rows) rows are done\(how)"))
        }
        return cursor
    }

    /// Writes the history's row, once all rows are done, and clears the record with it.
    private func finish(rows: Int) async throws -> ScriptEnd {
        var task = task.withoutAssertions
        if let done = backfill.done { task = task.asserting([done]) }
        let clearing = StepLedger(store: session.store).clearing(task.ledgerName)
        do {
            return try await TransactionRun(session: session, task: task, text: .empty, cleanUp: [clearing]).retrying()
        } catch let error as MigratorError where error.code == .assertionFailed {
            throw MigratorError.batchNotDone(error, task.step.name, rows: rows)
        } catch let error as MigratorError where error.code == .interrupted {
            throw MigratorError.batchStopped(task.step.name, rows: rows, by: error)
        }
    }

    // MARK: looking at the database

    /// The statement's table, with its schema where the run has one: its search path is there within transactions only.
    private func namedTable() async throws -> QualifiedName {
        guard let path = session.searchPath else { return backfill.table }
        let found = try await session.connection.withSearchPath(path) { connection in
            try await connection.query(
                """
                SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
                    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = to_regclass($1)
                """,
                backfill.table.description
            ).decode(as: (String, String).self)
        }
        return found.first.map { QualifiedName(schema: $0, name: $1) } ?? backfill.table
    }

    /// The key's column, once it is known to be unique and not null.
    private func keyColumn(of table: QualifiedName) async throws -> Key {
        let rows = try await session.connection.query(
            """
            SELECT a.attname::text, pg_catalog.format_type(a.atttypid, -1),
                a.attnotnull AND EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique
                    AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped
            """,
            table.description,
            backfill.rule.key
        ).decode(as: (String, String, Bool).self)
        let location = backfill.location
        guard let (column, type, isKey) = rows.first else {
            throw MigratorError.batchKeyMissing(backfill.rule.key, table: "\(backfill.table)", at: location)
        }
        guard isKey else { throw MigratorError.batchKeyNotUnique(column, table: "\(backfill.table)", at: location) }
        return Key(table: table, column: column, type: type)
    }

    private func estimatedRows(of key: Key) async throws -> Int? {
        let rows = try await session.connection.query(
            "SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = to_regclass($1)",
            key.table.description
        ).decode(as: Int.self)
        return rows.first.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Rests while a standby is further behind than allowed.
    private func waitForStandbys() async throws {
        guard let limit = backfill.rule.maxLag else { return }
        var isTold = false
        while true {
            let lag = try await session.connection.query(
                "SELECT coalesce(max(extract(epoch FROM replay_lag) * 1000), 0)::bigint FROM pg_catalog.pg_stat_replication"
            ).single.decode(Int.self)
            guard lag > limit.milliseconds else { return }
            if !isTold { session.emit(.remark(task.step.name, "a standby is \(lag) ms behind: the next range waits")) }
            isTold = true
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
