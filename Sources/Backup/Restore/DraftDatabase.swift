import Postgres
import SQLSyntax

/// A database that is built under a name of its own, while a lock says that somebody works on it.
///
/// The lock is a session's, on the database `postgres`: it goes with whoever dies, and then the next run knows what to do.
struct DraftDatabase: Sendable {
    let name: String
    let administrator: PostgresConnection

    /// Makes a name, and takes the lock on it.
    init(prefix: String = Self.prefix, on administrator: PostgresConnection) async throws {
        name = prefix + hexadecimal(try randomBytes(6))
        self.administrator = administrator
        _ = try await administrator.lock("draft \(name)")
    }

    static let prefix = "lastro_restore_"
    static let drillPrefix = "lastro_drill_"

    func create(like source: Manifest.Database, _ record: DraftRecord) async throws {
        try await administrator.query("CREATE DATABASE \(name) \(source.form(on: administrator.serverVersion))")
        try await administrator.script("COMMENT ON DATABASE \(name) IS \(StringLiteral.quote(try record.comment))")
    }

    /// Gives it the name that was asked for.
    ///
    /// - Parameters:
    ///   - database: the name.
    ///   - comment: what is said of it from then on; nil for nothing.
    /// - Throws: `PostgresError`, also if there is a database of that name.
    func rename(to database: String, comment: String?) async throws {
        // Where a session that was closed is not gone yet, the server would look again after 100 ms.
        for _ in 0..<100 {
            let isAlone = try await administrator.query(
                "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = $1)",
                name
            ).single.decode(Bool.self)
            if isAlone { break }
            try await Task.sleep(for: .milliseconds(1))
        }
        try await administrator.script(
            "BEGIN; COMMENT ON DATABASE \(name) IS \(comment.map(StringLiteral.quote) ?? "NULL");"
                + " ALTER DATABASE \(name) RENAME TO \(Identifier.quote(database)); COMMIT"
        )
    }

    func drop() async throws {
        try await administrator.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }

    /// A database that a run has left which is not there any more.
    struct Leftover: Sendable {
        let name: String
        let record: DraftRecord?
    }

    /// What dead runs have left, each with its lock in our hands.
    static func leftovers(on administrator: PostgresConnection) async throws -> [Leftover] {
        let rows = try await administrator.query(
            """
            SELECT d.datname::text, shobj_description(d.oid, 'pg_database') FROM pg_database d
            WHERE d.datname ~ '^(\(prefix)|\(drillPrefix))[0-9a-f]{12}$' AND pg_has_role(d.datdba, 'MEMBER')
            ORDER BY d.datname
            """
        )
        var found: [Leftover] = []
        for row in rows {
            let name = try String(postgres: row[0])
            // It may have got its name meanwhile, or be gone: the lock comes first, and then it is looked at again.
            guard try await administrator.lock("draft \(name)") else { continue }
            let comment = try await administrator.query(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1",
                name
            )
            guard let now = comment.first else {
                try await administrator.unlock("draft \(name)")
                continue
            }
            found.append(Leftover(name: name, record: DraftRecord(comment: now[0].text)))
        }
        return found
    }
}

extension PostgresConnection {
    /// Takes a lock that this session holds until it ends, if nobody else has it.
    ///
    /// - Returns: whether it is ours now.
    func lock(_ what: String) async throws -> Bool {
        try await query("SELECT pg_try_advisory_lock(\(Self.key(what)))").single.decode(Bool.self)
    }

    /// Takes such a lock, also where the session that held it was closed and is not gone yet.
    func lock(_ what: String, waitingUpTo patience: Duration) async throws -> Bool {
        let start = ContinuousClock.now
        while try await !lock(what) {
            guard start.duration(to: .now) < patience else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    func unlock(_ what: String) async throws {
        try await query("SELECT pg_advisory_unlock(\(Self.key(what)))")
    }

    private static func key(_ what: String) -> Int64 {
        Int64(bitPattern: StableHash("lastro restore: \(what)").value)
    }
}
