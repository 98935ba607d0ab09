import Postgres

/// What stands in the way of a strong lock on tables in use, as seen just before it is asked for.
public struct LockOutlook: Hashable, Sendable {
    /// A table in use that a migration is about to lock: other sessions hold locks on it, or it has thousands of rows.
    public struct Table: Hashable, Sendable, CustomStringConvertible {
        /// The table with its schema.
        public let name: String
        /// The lock that the migration takes.
        public let lock: TableLock
        /// How many rows it has, by the server's estimate.
        public let estimatedRows: Int

        /// The lock in words: `ACCESS EXCLUSIVE on public.users`.
        public var description: String { "\(lock.rawValue) on \(name)" }
    }

    /// An open transaction.
    public struct Transaction: Hashable, Sendable, CustomStringConvertible {
        /// Whose it is, and what it does.
        public let session: Blocker
        /// Which of the tables it has a lock on; empty for one that has been open for long and may come to them.
        public let tables: [String]

        /// The transaction in words.
        public var description: String {
            tables.isEmpty ? "\(session)" : "\(session) [has a lock on \(tables.joined(separator: ", "))]"
        }
    }

    /// An autovacuum to prevent wraparound, which does not give way to a lock as others do.
    public struct Vacuum: Hashable, Sendable, CustomStringConvertible {
        /// The server process.
        public let pid: Int
        /// The table.
        public let table: String
        /// How long it has been at work, where that may be seen.
        public let elapsed: Duration?

        /// The vacuum in words.
        public var description: String {
            let age = elapsed.map { " for \($0.components.seconds) s" } ?? ""
            return "process \(pid): autovacuum of \(table) to prevent wraparound\(age)"
        }
    }

    /// A standby that is behind: a lock reaches it late, and stops its queries then.
    public struct Standby: Hashable, Sendable, CustomStringConvertible {
        /// What it calls itself.
        public let name: String
        /// How long it takes until it has replayed what the primary wrote, where that is known.
        public let replayLag: Duration?
        /// How much it has yet to replay.
        public let bytesBehind: Int?

        /// The standby in words.
        public var description: String {
            let parts = [
                replayLag.map { "\($0.milliseconds) ms" }, bytesBehind.map { "\($0 >> 20) MB" },
            ].compactMap(\.self)
            return "standby \(name) is \(parts.joined(separator: " and ")) behind"
        }
    }

    /// The tables in use.
    public let tables: [Table]
    /// The longest transactions, at most five, the oldest first.
    public let transactions: [Transaction]
    /// The vacuums.
    public let vacuums: [Vacuum]
    /// The standbys that are more than a second or 16 MB behind.
    public let standbys: [Standby]

    /// Whether nothing is in the way.
    var isClear: Bool { tables.isEmpty || transactions.isEmpty && vacuums.isEmpty && standbys.isEmpty }
}

/// A strong lock that a migration held.
public struct LockHold: Hashable, Sendable {
    /// The strongest lock that it took.
    public let lock: TableLock
    /// The tables that it took that lock on, as the file calls them.
    public let tables: [String]
    /// How long, by this program's clock, from sending the first statement that takes it to the end of the transaction.
    public let duration: Duration
}
