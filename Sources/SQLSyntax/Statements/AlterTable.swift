import CPgQuery

/// `ALTER TABLE`, and the same for indexes, views, sequences and foreign tables; also `ALTER TYPE` of composite types.
public struct AlterTable: Hashable, Sendable {
    /// The relation that is altered.
    public let relation: RelationReference
    /// What the statement calls it.
    public let kind: ObjectKind
    /// Whether a missing relation is no error.
    public let ifExists: Bool
    /// The sub-commands in their order.
    public let actions: [AlterTableAction]
}

/// One sub-command of `ALTER TABLE`.
public struct AlterTableAction: Hashable, Sendable {
    /// What it does.
    public let kind: Kind
    /// The column, constraint, trigger, rule, index or tablespace that it is about.
    public let name: String?
    /// The column that is added, or the new type of one.
    public let column: ColumnDefinition?
    /// The constraint that is added or altered, or the identity.
    public let constraint: ConstraintDefinition?
    /// The new default, or the expression in `TYPE … USING`.
    public let expression: Expression?
    /// The other table: of INHERIT, NO INHERIT, ATTACH and DETACH PARTITION.
    public let relation: RelationReference?
    /// The rows that an attached partition takes.
    public let partitionBound: PartitionBound?
    /// Whether a partition is detached CONCURRENTLY.
    public let isConcurrent: Bool
    /// The options that are set or reset.
    public let options: [StatementOption]
    /// A single word: the new owner, the storage, compression or statistics target.
    public let value: String?
    /// Whether IF EXISTS, or IF NOT EXISTS, makes the sub-command do nothing rather than fail.
    public let isTolerant: Bool
    /// Whether what depends on a dropped thing is dropped too.
    public let cascades: Bool
}

extension NodeReader {
    func alterTable(_ statement: PgQuery__AlterTableStmt) -> AlterTable? {
        guard let relation = relation(statement.relation) else { return nil }
        return AlterTable(
            relation: relation,
            kind: ObjectKind(statement.objtype),
            ifExists: statement.missing_ok != 0,
            actions: list(statement.cmds, statement.n_cmds).compactMap { node in
                guard node.pointee.node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_CMD else { return nil }
                return action(node.pointee.alter_table_cmd.pointee)
            }
        )
    }

    private func action(_ command: PgQuery__AlterTableCmd) -> AlterTableAction {
        let definition = command.def
        let kind = AlterTableAction.Kind(command.subtype)
        let column = member(definition, PG_QUERY__NODE__NODE_COLUMN_DEF)?.column_def?.pointee
        let constraint = member(definition, PG_QUERY__NODE__NODE_CONSTRAINT)?.constraint?.pointee
        let partition = member(definition, PG_QUERY__NODE__NODE_PARTITION_CMD)?.partition_cmd?.pointee
        let list = member(definition, PG_QUERY__NODE__NODE_LIST)?.list?.pointee
        let expressionNode = kind == .setColumnDefault ? definition : column?.raw_default
        return AlterTableAction(
            kind: kind,
            name: text(command.name)
                ?? member(definition, PG_QUERY__NODE__NODE_REPLICA_IDENTITY_STMT)
                .flatMap { text($0.replica_identity_stmt.pointee.name) }
                ?? column.flatMap { text($0.colname) } ?? constraint.flatMap { text($0.conname) },
            column: column.map { self.column($0) },
            constraint: constraint.map { self.constraint($0) },
            expression: expression(expressionNode),
            relation: relation(partition?.name)
                ?? relation(member(definition, PG_QUERY__NODE__NODE_RANGE_VAR)?.range_var),
            partitionBound: partitionBound(partition?.bound),
            isConcurrent: partition.map { $0.concurrent != 0 } ?? false,
            options: list.map { options($0.items, $0.n_items) } ?? [],
            value: role(command.newowner)
                ?? (kind == .setColumnDefault || list != nil ? nil : definition.flatMap { value(of: $0) }),
            isTolerant: command.missing_ok != 0,
            cascades: command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE
        )
    }

    /// The node, if there is one and it is of this kind.
    private func member(_ node: Node?, _ kind: PgQuery__Node__NodeCase) -> PgQuery__Node? {
        guard let node = node?.pointee, node.node_case == kind else { return nil }
        return node
    }
}
