import SQLSyntax

/// A lock on a table, the weaker ones first; those of PostgreSQL's manual, "Table-Level Locks".
enum LockLevel: String, Comparable, CaseIterable, Sendable {
    case accessShare = "ACCESS SHARE"
    case rowShare = "ROW SHARE"
    case rowExclusive = "ROW EXCLUSIVE"
    case shareUpdateExclusive = "SHARE UPDATE EXCLUSIVE"
    case share = "SHARE"
    case shareRowExclusive = "SHARE ROW EXCLUSIVE"
    case exclusive = "EXCLUSIVE"
    case accessExclusive = "ACCESS EXCLUSIVE"

    static func < (left: Self, right: Self) -> Bool { left.order < right.order }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Whether writers wait for it.
    var blocksWriters: Bool { self >= .share }
}

extension StatementNode {
    /// The locks that the statement takes on relations which it names: as measured on PostgreSQL 15.
    var locks: [(relation: QualifiedName, lock: LockLevel)] {
        switch self {
        case .alterTable(let alter): alter.locks
        case .createTable(let create):
            (create.constraints + create.columns.flatMap(\.constraints))
                .compactMap { $0.reference.map { ($0.table.name, .shareRowExclusive) } }
                + (create.partitionOf.map { [($0.name, .accessExclusive)] } ?? [])
        case .createIndex(let index):
            [(index.table.name, index.isConcurrent ? .shareUpdateExclusive : .share)]
        case .drop(let drop): drop.locks
        case .rename(let rename): rename.locks
        case .changeSchema(let move):
            move.object.kind.isRelationKind ? [(move.object.name, .accessExclusive)] : []
        case .createTrigger(let trigger): [(trigger.table.name, .shareRowExclusive)]
        case .createRule(_, let relation): [(relation.name, .accessExclusive)]
        case .createPolicy(let policy), .alterPolicy(let policy): [(policy.table.name, .accessExclusive)]
        case .truncate(let truncate): truncate.tables.map { ($0.name, .accessExclusive) }
        case .lock(let lock):
            LockLevel(rawValue: lock.mode).map { level in lock.relations.map { ($0.name, level) } } ?? []
        case .refreshMaterializedView(let refresh):
            [(refresh.view.name, refresh.isConcurrent ? .exclusive : .accessExclusive)]
        case .cluster(let cluster): cluster.table.map { [($0.name, .accessExclusive)] } ?? []
        case .change(let change): [(change.target.name, .rowExclusive)]
        case .vacuum(let vacuum):
            vacuum.relations.map { relation in
                (
                    relation.name,
                    vacuum.options.contains { $0.name == "full" && $0.isOn } ? .accessExclusive : .shareUpdateExclusive
                )
            }
        case .reindex(let reindex): reindex.locks
        case .comment(let comment): comment.object.commentLocks
        default: []
        }
    }
}

extension ObjectKind {
    /// Whether it is a relation that has rows.
    var isRelationKind: Bool { [.table, .foreignTable, .view, .materializedView].contains(self) }
}

extension ObjectReference {
    /// The lock of a comment on it.
    fileprivate var commentLocks: [(relation: QualifiedName, lock: LockLevel)] {
        let relation: QualifiedName? = kind.isRelationKind || kind == .index ? name : self.relation
        return relation.map { [($0, .shareUpdateExclusive)] } ?? []
    }
}

extension AlterTable {
    fileprivate var locks: [(relation: QualifiedName, lock: LockLevel)] {
        guard kind.isRelationKind || kind == .index else { return [] }
        var locks: [(relation: QualifiedName, lock: LockLevel)] = []
        if let lock = actions.map(\.lock).max() { locks.append((relation.name, lock)) }
        for action in actions {
            if let other = action.relation, [.attachPartition, .detachPartition].contains(action.kind), kind != .index {
                locks.append((other.name, .accessExclusive))
            }
            for constraint in [action.constraint].compactMap(\.self) + (action.column?.constraints ?? []) {
                if let reference = constraint.reference { locks.append((reference.table.name, .shareRowExclusive)) }
            }
        }
        return locks
    }
}

extension AlterTableAction {
    /// The lock that this part needs on the altered table, as AlterTableGetLockLevel has it.
    var lock: LockLevel {
        switch kind {
        case .setStatistics, .setColumnOptions, .resetColumnOptions, .clusterOn, .dropCluster, .setOptions,
            .resetOptions, .validateConstraint, .attachPartition, .detachPartitionFinalize:
            .shareUpdateExclusive
        case .detachPartition: isConcurrent ? .shareUpdateExclusive : .accessExclusive
        case .enableTrigger, .enableAlwaysTrigger, .enableReplicaTrigger, .disableTrigger, .enableTriggerAll,
            .disableTriggerAll, .enableTriggerUser, .disableTriggerUser:
            .shareRowExclusive
        case .addConstraint: constraint?.kind == .foreignKey ? .shareRowExclusive : .accessExclusive
        default: .accessExclusive
        }
    }
}

extension Drop {
    fileprivate var locks: [(relation: QualifiedName, lock: LockLevel)] {
        guard !isConcurrent else { return [] }
        switch kind {
        case .table, .foreignTable, .view, .materializedView, .index:
            return objects.map { ($0.name, .accessExclusive) }
        case .trigger, .policy, .rule:
            return objects.compactMap { $0.relation.map { ($0, .accessExclusive) } }
        default: return []
        }
    }
}

extension Rename {
    fileprivate var locks: [(relation: QualifiedName, lock: LockLevel)] {
        if object.kind.isRelationKind { return [(object.name, .accessExclusive)] }
        guard [.column, .tableConstraint, .trigger, .policy, .rule].contains(object.kind) else { return [] }
        return object.relation.map { [($0, .accessExclusive)] } ?? []
    }
}

extension Reindex {
    fileprivate var locks: [(relation: QualifiedName, lock: LockLevel)] {
        switch target {
        case .index(let relation): [(relation.name, isConcurrent ? .shareUpdateExclusive : .accessExclusive)]
        case .table(let relation): [(relation.name, isConcurrent ? .shareUpdateExclusive : .share)]
        case .schema, .database, .system: []
        }
    }
}
