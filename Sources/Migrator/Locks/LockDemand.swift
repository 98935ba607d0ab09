import SQLSyntax

/// A lock that a statement takes on a relation which it names and does not make.
///
/// A view that is replaced is left out: it may not be there yet, and no table is locked for it.
/// What the statement does not name is not seen: the other side of a foreign key that is dropped, a default partition,
/// what CASCADE takes along, what a function or a DO block does.
struct LockDemand: Hashable, Sendable {
    /// The table, view or index; an index stands for its table.
    let relation: QualifiedName
    let lock: TableLock

    init(_ relation: QualifiedName, _ lock: TableLock) {
        self.relation = relation
        self.lock = lock
    }
}

extension StatementNode {
    /// The locks of SHARE ROW EXCLUSIVE and above that the statement takes on relations which are there before it.
    var lockDemands: [LockDemand] {
        switch self {
        case .alterTable(let alter): alter.lockDemands
        case .createTable(let create): create.lockDemands
        case .drop(let drop): drop.lockDemands
        case .rename(let rename): rename.lockDemands
        case .changeSchema(let move):
            move.object.kind.isRelation ? [LockDemand(move.object.name, .accessExclusive)] : []
        case .createTrigger(let trigger): [LockDemand(trigger.table.name, .shareRowExclusive)]
        case .createRule(_, let relation): [LockDemand(relation.name, .accessExclusive)]
        case .createPolicy(let policy), .alterPolicy(let policy): [LockDemand(policy.table.name, .accessExclusive)]
        case .truncate(let truncate): truncate.tables.map { LockDemand($0.name, .accessExclusive) }
        case .lock(let lock):
            TableLock(rawValue: lock.mode).map { mode in lock.relations.map { LockDemand($0.name, mode) } } ?? []
        case .refreshMaterializedView(let refresh):
            [LockDemand(refresh.view.name, refresh.isConcurrent ? .exclusive : .accessExclusive)]
        case .cluster(let cluster): cluster.table.map { [LockDemand($0.name, .accessExclusive)] } ?? []
        case .reindex(let reindex): reindex.lockDemands
        case .vacuum(let vacuum): vacuum.lockDemands
        default: []
        }
    }
}

extension ObjectKind {
    /// Whether it is a relation that has rows.
    fileprivate var isRelation: Bool { [.table, .foreignTable, .view, .materializedView].contains(self) }
}

extension AlterTable {
    fileprivate var lockDemands: [LockDemand] {
        guard kind.isRelation || kind == .index else { return [] }
        var demands: [LockDemand] = []
        // The server takes the strongest lock that any part needs, once, before it does anything.
        if let lock = actions.compactMap(\.lock).max() { demands.append(LockDemand(relation.name, lock)) }
        for action in actions {
            if let other = action.relation, [.attachPartition, .detachPartition].contains(action.kind), kind != .index {
                // A partition that is detached CONCURRENTLY is locked hard in the second of its two transactions.
                demands.append(LockDemand(other.name, .accessExclusive))
            }
            demands += ([action.constraint].compactMap(\.self) + (action.column?.constraints ?? [])).lockDemands
        }
        return demands
    }
}

extension AlterTableAction {
    /// The lock that this part needs on the altered table; nil for a weaker one.
    ///
    /// As in PostgreSQL's AlterTableGetLockLevel, and as measured on 15.
    fileprivate var lock: TableLock? {
        switch kind {
        case .setStatistics, .setColumnOptions, .resetColumnOptions, .clusterOn, .dropCluster, .setOptions,
            .resetOptions, .validateConstraint, .attachPartition, .detachPartitionFinalize:
            nil
        case .detachPartition:
            isConcurrent ? nil : .accessExclusive
        case .enableTrigger, .enableAlwaysTrigger, .enableReplicaTrigger, .disableTrigger, .enableTriggerAll,
            .disableTriggerAll, .enableTriggerUser, .disableTriggerUser:
            .shareRowExclusive
        case .addConstraint:
            constraint?.kind == .foreignKey ? .shareRowExclusive : .accessExclusive
        default:
            .accessExclusive
        }
    }
}

extension [ConstraintDefinition] {
    /// What foreign keys take on the tables that they refer to.
    fileprivate var lockDemands: [LockDemand] {
        compactMap { $0.reference.map { LockDemand($0.table.name, .shareRowExclusive) } }
    }
}

extension CreateTable {
    fileprivate var lockDemands: [LockDemand] {
        let keys = (constraints + columns.flatMap(\.constraints)).lockDemands.filter { $0.relation != table.name }
        return keys + (partitionOf.map { [LockDemand($0.name, .accessExclusive)] } ?? [])
    }
}

extension Drop {
    fileprivate var lockDemands: [LockDemand] {
        guard !isConcurrent else { return [] }
        switch kind {
        case .table, .foreignTable, .view, .materializedView, .index:
            return objects.map { LockDemand($0.name, .accessExclusive) }
        case .trigger, .policy, .rule:
            return objects.compactMap { $0.relation.map { LockDemand($0, .accessExclusive) } }
        default:
            return []
        }
    }
}

extension Rename {
    fileprivate var lockDemands: [LockDemand] {
        if object.kind.isRelation { return [LockDemand(object.name, .accessExclusive)] }
        guard [.column, .tableConstraint, .trigger, .policy, .rule].contains(object.kind) else { return [] }
        return object.relation.map { [LockDemand($0, .accessExclusive)] } ?? []
    }
}

extension Reindex {
    fileprivate var lockDemands: [LockDemand] {
        guard !isConcurrent else { return [] }
        // Of a table the indexes are locked, and no query is planned without looking at them.
        switch target {
        case .index(let relation), .table(let relation): return [LockDemand(relation.name, .accessExclusive)]
        case .schema, .database, .system: return []
        }
    }
}

extension Vacuum {
    fileprivate var lockDemands: [LockDemand] {
        let isFull = options.contains { $0.name == "full" && $0.isOn }
        return isFull ? relations.map { LockDemand($0.name, .accessExclusive) } : []
    }
}
