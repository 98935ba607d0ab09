/// How a statement gets along with a transaction around it.
public enum TransactionBehavior: Hashable, Sendable {
    /// It can run inside a transaction, and is undone with it.
    ///
    /// CALL and DO count here although a procedure may commit: inside a transaction that fails by itself.
    case transactional
    /// The server refuses it inside a transaction; `command` is what the server calls it in its refusal.
    case cannotRunInTransaction(command: String)
    /// It begins, ends or marks a transaction itself.
    case controlsTransaction(TransactionControl)
    /// It can run inside a transaction, but the new value cannot be used before that is committed.
    case addsEnumValue(type: QualifiedName, value: String)
}

extension SQLStatement {
    /// How the statement gets along with a transaction around it, for PostgreSQL 12 and later.
    ///
    /// The first words decide for most statements; only the others are parsed. What PostgreSQL 15's grammar refuses is
    /// judged by its words, and then rather kept out of a transaction. Two things cannot be seen in a statement: CLUSTER
    /// and REINDEX of a partitioned table, which the server refuses inside a transaction, count as transactional.
    public var transactionBehavior: TransactionBehavior {
        if isTransactionalByItsWords { return .transactional }
        guard let node = try? ParsedStatement(self).node else { return behaviorByWords }  // judged by its words instead
        return node.transactionBehavior
    }
}

extension StatementNode {
    /// How the statement gets along with a transaction around it.
    ///
    /// The list follows the calls of PreventInTransactionBlock in PostgreSQL 15 to 18.
    public var transactionBehavior: TransactionBehavior {
        switch self {
        case .transaction(let statement):
            statement.behavior
        case .set(let setting) where setting.kind == .multiple && setting.name != "SESSION CHARACTERISTICS":
            .controlsTransaction(.setCharacteristics)
        case .alterEnum(let alter):
            alter.behavior
        default:
            refusedCommand.map { .cannotRunInTransaction(command: $0) } ?? .transactional
        }
    }

    /// What the server calls the statement when it refuses it inside a transaction; nil where it does not.
    private var refusedCommand: String? {
        switch self {
        case .createIndex(let index): index.isConcurrent ? "CREATE INDEX CONCURRENTLY" : nil
        case .drop(let drop): drop.isConcurrent ? "DROP INDEX CONCURRENTLY" : nil
        case .reindex(let reindex): reindex.refusedCommand
        case .alterTable(let alter): alter.refusedCommand
        case .vacuum(let vacuum): vacuum.isAnalyzeOnly ? nil : "VACUUM"
        case .cluster(let cluster): cluster.table == nil ? "CLUSTER" : nil
        case .alterSystem: "ALTER SYSTEM"
        case .createDatabase: "CREATE DATABASE"
        case .dropDatabase: "DROP DATABASE"
        case .alterDatabase(let database):
            database.options.contains { $0.name == "tablespace" } ? "ALTER DATABASE SET TABLESPACE" : nil
        case .createTablespace: "CREATE TABLESPACE"
        case .dropTablespace: "DROP TABLESPACE"
        case .discard(let target): target == .all ? "DISCARD ALL" : nil
        case .subscription(let subscription): subscription.refusedCommand
        default: nil
        }
    }
}

extension TransactionStatement {
    fileprivate var behavior: TransactionBehavior {
        switch control {
        // These two are about another transaction, which a session outside of any ends.
        case .commitPrepared: .cannotRunInTransaction(command: "COMMIT PREPARED")
        case .rollbackPrepared: .cannotRunInTransaction(command: "ROLLBACK PREPARED")
        default: .controlsTransaction(control)
        }
    }
}

extension AlterEnum {
    fileprivate var behavior: TransactionBehavior {
        if case .add(let value, _, _) = change { .addsEnumValue(type: type, value: value) } else { .transactional }
    }
}

extension AlterTable {
    fileprivate var refusedCommand: String? {
        let detaches = actions.contains { $0.kind == .detachPartition && $0.isConcurrent }
        return detaches ? "ALTER TABLE ... DETACH CONCURRENTLY" : nil
    }
}

extension Reindex {
    fileprivate var refusedCommand: String? {
        switch target {
        case .schema: "REINDEX SCHEMA"
        case .database: "REINDEX DATABASE"
        case .system: "REINDEX SYSTEM"
        case .index, .table: isConcurrent ? "REINDEX CONCURRENTLY" : nil
        }
    }
}

extension SubscriptionStatement {
    fileprivate var refusedCommand: String? {
        switch action {
        case .create:
            // A slot is made on the other server, unless the options say otherwise; without connecting it is not.
            isOn("create_slot") ?? isOn("connect") ?? true
                ? "CREATE SUBSCRIPTION ... WITH (create_slot = true)" : nil
        case .drop:
            // Whether there is a slot to drop is known to the server alone.
            "DROP SUBSCRIPTION"
        case .refresh:
            "ALTER SUBSCRIPTION ... REFRESH"
        case .setPublications:
            isOn("refresh") ?? true ? "ALTER SUBSCRIPTION with refresh" : nil
        case .alter:
            // Since PostgreSQL 17 and 18; the slot on the other server is changed at once.
            options.contains { ["failover", "two_phase"].contains($0.name) } ? "ALTER SUBSCRIPTION ... SET" : nil
        }
    }
}
