import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is on record of migrations that were begun and are not wholly there, for who looks and changes nothing.
struct ProgressRecords: Sendable {
    /// One step that was begun, or the one record of a batched migration.
    struct Record: Sendable {
        let step: Int
        let isDone: Bool
        let detail: String?
        let startedAt: Date
    }

    /// A migration that was begun.
    struct Beginning: Sendable {
        var records: [Record] = []
        /// When its first step began, and who began it; nil where no event tells.
        var begunAt: Date?
        var begunBy: String?
    }

    /// By the name under which the steps are on record.
    private(set) var beginnings: [String: Beginning] = [:]
    /// Whether a run is at work on the history now.
    private(set) var isRunning = false

    init() {}

    /// Reads them, if there are any and the role may.
    init(of store: HistoryStore, on connection: PostgresConnection) async throws {
        let isReadable = try await connection.query(
            """
            SELECT coalesce((SELECT bool_and(pg_catalog.has_table_privilege(t.oid, 'SELECT')) AND count(*) = 2
                FROM unnest(ARRAY[$1, $2]::text[]) AS n (name), to_regclass(n.name) AS t (oid) WHERE t.oid IS NOT NULL), false)
            """,
            store.steps,
            store.events
        ).single.decode(Bool.self)
        guard isReadable else { return }
        let key = RunLock.key(of: store.table)
        let rows = try await connection.query(
            """
            SELECT s.migration, s.step, s.state = 'done', s.detail,
                (extract(epoch FROM s.started_at) * 1000000)::bigint,
                (extract(epoch FROM e.occurred_at) * 1000000)::bigint, e.database_user,
                EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                    AND ((l.classid::bigint << 32) | l.objid::bigint) = $1::bigint AND l.database =
                    (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
            FROM \(store.steps) s LEFT JOIN LATERAL (
                SELECT occurred_at, database_user FROM \(store.events)
                WHERE event = 'begun' AND migration = s.migration ORDER BY position DESC LIMIT 1) AS e ON true
            ORDER BY 1, 2
            """,
            key
        ).decode(as: (String, Int, Bool, String?, Int, Int?, String?, Bool).self)
        for (name, step, isDone, detail, started, begun, user, isRunning) in rows {
            beginnings[name, default: Beginning(begunAt: begun.map(Date.init(microseconds:)), begunBy: user)].records
                .append(
                    Record(step: step, isDone: isDone, detail: detail, startedAt: Date(microseconds: started))
                )
            self.isRunning = isRunning
        }
    }

    /// How far a migration is.
    ///
    /// - Parameters:
    ///   - script: what of it is run.
    ///   - name: the name under which its steps are on record.
    /// - Returns: nil if it was not begun.
    func progress(of script: MigrationScript?, called name: String) -> MigrationStatus.Progress? {
        guard let beginning = beginnings[name], let first = beginning.records.map(\.startedAt).min() else { return nil }
        let extent: MigrationStatus.Progress.Extent
        switch script?.form {
        case .batches?:
            let cursor = beginning.records.first?.detail.flatMap { detail in
                try? JSONDecoder().decode(BackfillCursor.self, from: Data(detail.utf8))  // as if nothing were done
            }
            extent = .rows(cursor?.rows ?? 0, nextKey: cursor?.isBehind == true ? nil : cursor?.key)
        case .steps(let steps)?:
            let done = Set(beginning.records.filter(\.isDone).map(\.step))
            let counted = steps.filter { $0.kind != .session }
            let next = counted.firstIndex { !done.contains($0.number) } ?? counted.count
            extent = .steps(done: next, of: counted.count)
        default:
            extent = .steps(done: beginning.records.count(where: \.isDone), of: nil)
        }
        return MigrationStatus.Progress(
            extent: extent,
            since: min(beginning.begunAt ?? first, first),
            by: beginning.begunBy,
            isRunning: isRunning
        )
    }
}
