import CPgQuery

/// `ALTER TABLE`, and `ALTER` of indexes, views, sequences and the like where it does what ALTER TABLE can do.
public struct AlterTableStatement: Hashable, Sendable {
    /// One of the commands of an ALTER TABLE.
    public struct Command: Hashable, Sendable {
        /// What it does.
        public let kind: Kind
        /// What it does it to: the name of a column (its number, of an index), a constraint, a trigger, an index, a tablespace.
        public let name: String?
        /// The column that `ADD COLUMN` adds, or with its new type the one that `ALTER COLUMN … TYPE` changes.
        public let column: ColumnDefinition?
        /// The constraint that `ADD CONSTRAINT` adds or `ALTER CONSTRAINT` changes.
        public let constraint: TableConstraint?
        /// The default of `SET DEFAULT` (nil for `DROP DEFAULT`), or what `USING` makes of the old values.
        public let expression: SQLExpression?
        /// The table of `ATTACH PARTITION`, `DETACH PARTITION`, `INHERIT` and `NO INHERIT`.
        public let other: RelationReference?
        /// The role of `OWNER TO`.
        public let role: String?
        /// What it is set to by `SET STATISTICS`, `SET STORAGE`, `SET COMPRESSION` and `REPLICA IDENTITY`.
        public let value: String?
        /// The options of `SET (…)` and `RESET (…)`.
        public let options: [SQLOption]
        /// Whether `CASCADE` takes along what depends on it.
        public let isCascade: Bool
        /// Whether `IF EXISTS` or `IF NOT EXISTS` lets it pass where there is nothing to do.
        public let isConditional: Bool
        /// Whether `DETACH PARTITION` does it `CONCURRENTLY`.
        public let isConcurrent: Bool
        /// Where it stands in the script, in bytes; nil if its place cannot be told.
        public let range: Range<Int>?
    }

    /// The kind of relation, as the statement calls it.
    public let kind: ObjectKind
    /// The relation.
    public let relation: RelationReference
    /// Whether `IF EXISTS` lets it pass if there is no such relation.
    public let ifExists: Bool
    /// What is done, in order.
    public let commands: [Command]
}

extension TreeReader {
    func alterTable(_ alter: PgQuery__AlterTableStmt) -> SQLNode {
        guard let relation = relation(alter.relation) else { return .other(kind: "AlterTableStmt") }
        let commands = nodes(alter.n_cmds, alter.cmds).filter { $0.node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_CMD }
        let places = commandRanges(behind: relation)
        return .alterTable(
            AlterTableStatement(
                kind: ObjectKind(alter.objtype),
                relation: relation,
                ifExists: alter.missing_ok != 0,
                commands: commands.indices.compactMap { index in
                    command(
                        commands[index].alter_table_cmd.pointee,
                        range: places.count == commands.count ? places[index] : nil
                    )
                }
            )
        )
    }

    private func command(_ command: PgQuery__AlterTableCmd, range: Range<Int>?) -> AlterTableStatement.Command? {
        guard let kind = AlterTableStatement.Command.Kind(command.subtype) else { return nil }
        let definition = command.def?.pointee
        let column = definition.flatMap { columns([$0], name: text(command.name)).first }
        let partition =
            definition?.node_case == PG_QUERY__NODE__NODE_PARTITION_CMD ? definition?.partition_cmd.pointee : nil
        return AlterTableStatement.Command(
            kind: kind,
            name: text(command.name)
                ?? (kind == .addColumn ? column?.name : command.num > 0 ? String(command.num) : nil),
            column: column,
            constraint: definition.flatMap { constraints([$0]).first },
            expression: expression(of: kind, command.def, in: range),
            other: definition.flatMap { self.relation(partition?.name) ?? other($0) },
            role: command.newowner.map { role($0) },
            value: definition.flatMap(value),
            options: options(of: definition),
            isCascade: command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE,
            isConditional: command.missing_ok != 0,
            isConcurrent: partition?.concurrent ?? 0 != 0,
            range: range
        )
    }

    private func other(_ definition: PgQuery__Node) -> RelationReference? {
        definition.node_case == PG_QUERY__NODE__NODE_RANGE_VAR ? relation(definition.range_var) : nil
    }

    private func value(_ definition: PgQuery__Node) -> String? {
        switch definition.node_case {
        case PG_QUERY__NODE__NODE_STRING, PG_QUERY__NODE__NODE_INTEGER: return word(definition)
        case PG_QUERY__NODE__NODE_REPLICA_IDENTITY_STMT:
            let identity = definition.replica_identity_stmt.pointee
            return text(identity.name) ?? text(identity.identity_type).flatMap { replicaIdentities[$0] }
        default: return nil
        }
    }

    private func options(of definition: PgQuery__Node?) -> [SQLOption] {
        guard let definition, definition.node_case == PG_QUERY__NODE__NODE_LIST else { return [] }
        return options(definition.list.pointee.n_items, definition.list.pointee.items).map { option in
            // SET GENERATED holds the number of a letter.
            guard option.name == "generated" else { return option }
            return SQLOption(name: option.name, value: option.value == "97" ? "always" : "by default")
        }
    }

    private func expression(
        of kind: AlterTableStatement.Command.Kind,
        _ definition: UnsafeMutablePointer<PgQuery__Node>?,
        in range: Range<Int>?
    ) -> SQLExpression? {
        switch kind {
        case .columnDefault:
            expression(
                definition,
                in: range.flatMap { rest(behind: "DEFAULT", from: $0.lowerBound, before: $0.upperBound) }
            )
        case .alterColumnType:
            definition.flatMap { definition in
                guard definition.pointee.node_case == PG_QUERY__NODE__NODE_COLUMN_DEF else { return nil }
                return expression(
                    definition.pointee.column_def.pointee.raw_default,
                    in: range.flatMap { rest(behind: "USING", from: $0.lowerBound, before: $0.upperBound) }
                )
            }
        default: nil
        }
    }

    /// Where the commands stand that follow the relation's name: what commas divide outside of parentheses.
    private func commandRanges(behind relation: RelationReference) -> [Range<Int>] {
        guard let start = relation.offset else { return [] }
        var lexer = SQLLexer(statement.bytes)
        lexer.move(to: start)
        var end = start
        // The name, its schema and its database, with the points between them, and `*` for the tables that inherit.
        while let token = (try? lexer.next()) ?? nil {  // split before: no error left
            guard token.kind == .word || token.kind == .quotedName else { break }
            end = token.range.upperBound
            guard let point = (try? lexer.next()) ?? nil, lexer.byte(at: point.range.lowerBound) == UInt8(ascii: ".")
            else { break }
        }
        lexer.move(to: end)
        if let star = (try? lexer.next()) ?? nil, lexer.byte(at: star.range.lowerBound) == UInt8(ascii: "*") {
            end = star.range.upperBound
        }
        return elements(from: end)
    }
}

/// What REPLICA IDENTITY can be besides an index (`REPLICA_IDENTITY_…` in the server's `catalog/pg_class.h`).
private let replicaIdentities = ["f": "FULL", "d": "DEFAULT", "n": "NOTHING"]
