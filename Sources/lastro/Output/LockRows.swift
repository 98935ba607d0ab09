import Migrator
import Postgres

extension LockOutlook {
    /// What is in the way, in words.
    var words: String {
        let ways = transactions.map(\.description) + vacuums.map(\.description) + standbys.map(\.description)
        return "needs \(tables.map(\.description).joined(separator: ", ")); in the way: \(ways.joined(separator: "; "))"
    }
}

extension LockHold {
    /// Whether somebody may have noticed.
    var isWorthTelling: Bool { duration >= .seconds(1) }

    /// How long it was held, in words.
    var words: String { "held \(lock.rawValue) on \(tables.joined(separator: ", ")) for \(Words.duration(duration))" }
}

/// A lock that a migration is about to take, as a JSON object.
struct TableLockRow: Encodable {
    let table: String
    let lock: String
    let estimatedRows: Int

    init(_ table: LockOutlook.Table) {
        self.table = table.name
        lock = table.lock.rawValue
        estimatedRows = table.estimatedRows
    }
}

/// A transaction that is in the way, as a JSON object.
struct OpenTransactionRow: Encodable {
    let session: BlockerRow
    let tables: [String]

    init(_ transaction: LockOutlook.Transaction) {
        session = BlockerRow(transaction.session)
        tables = transaction.tables
    }
}

/// A vacuum that does not give way, as a JSON object.
struct VacuumRow: Encodable {
    let pid: Int
    let table: String
    let elapsedMs: Int?

    init(_ vacuum: LockOutlook.Vacuum) {
        pid = vacuum.pid
        table = vacuum.table
        elapsedMs = vacuum.elapsed?.milliseconds
    }
}

/// A standby that is behind, as a JSON object.
struct StandbyRow: Encodable {
    let name: String
    let replayLagMs: Int?
    let bytesBehind: Int?

    init(_ standby: LockOutlook.Standby) {
        name = standby.name
        replayLagMs = standby.replayLag?.milliseconds
        bytesBehind = standby.bytesBehind
    }
}
