import Postgres
import SQLSyntax

/// What a migration's transaction sets for itself.
struct TransactionSettings: Hashable, Sendable {
    /// How long a statement waits for a lock; nil for the server's own setting.
    var lockTimeout: Duration?
    /// How long a statement may run; nil for the server's own setting.
    var statementTimeout: Duration?
    /// The role that owns what is made; nil for the connection's own.
    var roleName: String?
    /// Where names without a schema are looked for and made; nil for the connection's own search path.
    var searchPath: String?
    /// How long to wait for another runner's row; nil for as long as for any lock.
    var fencePatience: Duration?

    var limits: [MigrationTransaction.Part] {
        var settings = ["SET LOCAL client_min_messages = notice"]
        if let lockTimeout { settings.append("SET LOCAL lock_timeout = \(lockTimeout.milliseconds)") }
        return settings.map { MigrationTransaction.Part(purpose: .setting, sql: $0) }
    }

    /// The limit for the file's own statements, set behind those of Lastro's.
    var statementLimit: [MigrationTransaction.Part] {
        guard let statementTimeout else { return [] }
        let sql = "SET LOCAL statement_timeout = \(statementTimeout.milliseconds)"
        return [MigrationTransaction.Part(purpose: .setting, sql: sql)]
    }

    /// As whom and where a script works: set again whenever what a script has set was taken back.
    var scope: [MigrationTransaction.Part] {
        let role = roleName.map {
            MigrationTransaction.Part(purpose: .role, sql: "SET LOCAL ROLE \(Identifier.quote($0))")
        }
        let path = searchPath.map {
            MigrationTransaction.Part(purpose: .setting, sql: SearchPath.setting($0, isLocal: true))
        }
        return [role, path].compactMap { $0 }
    }

    /// The statements of the fence, with a shorter patience around them if there is one.
    func whileFencing(_ fence: [MigrationTransaction.Part]) -> [MigrationTransaction.Part] {
        guard let fencePatience, lockTimeout.map({ fencePatience < $0 }) ?? true, !fence.isEmpty else { return fence }
        func limit(_ duration: Duration) -> MigrationTransaction.Part {
            MigrationTransaction.Part(
                purpose: .setting,
                sql: "SET LOCAL lock_timeout = \(max(1, duration.milliseconds))"
            )
        }
        return [limit(fencePatience)] + fence
            + [limit(lockTimeout ?? .zero)].map { part in
                // Without a limit of Lastro's own the server's applies again.
                lockTimeout == nil
                    ? MigrationTransaction.Part(purpose: .setting, sql: "SET LOCAL lock_timeout TO DEFAULT") : part
            }
    }

    /// The settings with what a file says of itself on top.
    func overridden(by rules: Directives) -> TransactionSettings {
        var settings = self
        settings.lockTimeout = rules.lockTimeout?.value ?? lockTimeout
        settings.statementTimeout = rules.statementTimeout?.value ?? statementTimeout
        return settings
    }
}
