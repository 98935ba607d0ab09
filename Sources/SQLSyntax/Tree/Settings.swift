import CPgQuery

/// `SET` and `RESET`, also as part of other statements.
public struct SettingChange: Hashable, Sendable {
    /// What becomes of a setting.
    public enum Value: Hashable, Sendable {
        /// `SET … TO` a value, or to several.
        case to([String])
        /// `SET … TO DEFAULT`.
        case toDefault
        /// `SET … FROM CURRENT`.
        case fromCurrent
        /// `SET TRANSACTION` and the like, with their options.
        case options([SQLOption])
        /// `RESET`.
        case reset
        /// `RESET ALL`.
        case resetAll
    }

    /// The setting's name, as it was written; `TRANSACTION` and the like for those; empty for all.
    public let name: String
    /// What becomes of it.
    public let value: Value
    /// Whether it holds until the end of the transaction only.
    public let isLocal: Bool
}

/// `BEGIN`, `COMMIT` and the others that begin and end transactions.
public struct TransactionStatement: Hashable, Sendable {
    /// What is done, by the server's names.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        // In the order of the parser's numbers (`TransactionStmtKind` in the server's `nodes/parsenodes.h`), from 1.
        /// `BEGIN`.
        case begin = "BEGIN"
        /// `START TRANSACTION`.
        case start = "START TRANSACTION"
        /// `COMMIT`, `END`.
        case commit = "COMMIT"
        /// `ROLLBACK`, `ABORT`.
        case rollback = "ROLLBACK"
        /// `SAVEPOINT`.
        case savepoint = "SAVEPOINT"
        /// `RELEASE SAVEPOINT`.
        case release = "RELEASE SAVEPOINT"
        /// `ROLLBACK TO SAVEPOINT`.
        case rollbackTo = "ROLLBACK TO SAVEPOINT"
        /// `PREPARE TRANSACTION`.
        case prepare = "PREPARE TRANSACTION"
        /// `COMMIT PREPARED`.
        case commitPrepared = "COMMIT PREPARED"
        /// `ROLLBACK PREPARED`.
        case rollbackPrepared = "ROLLBACK PREPARED"
    }

    /// What is done.
    public let kind: Kind
    /// The name of the savepoint or of the prepared transaction.
    public let name: String?
    /// The options, such as `transaction_isolation`.
    public let options: [SQLOption]
    /// Whether the next transaction begins at once, with `AND CHAIN`.
    public let isChained: Bool
}

extension TreeReader {
    func setting(_ set: PgQuery__VariableSetStmt) -> SettingChange {
        let value: SettingChange.Value =
            switch set.kind {
            case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT: .toDefault
            case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_CURRENT: .fromCurrent
            case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI: .options(options(set.n_args, set.args))
            case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET: .reset
            case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL: .resetAll
            default: .to(nodes(set.n_args, set.args).map { settingValue($0) ?? "" })
            }
        return SettingChange(name: text(set.name) ?? "", value: value, isLocal: set.is_local != 0)
    }

    /// `SET TIME ZONE INTERVAL '…'` has its value under a cast.
    private func settingValue(_ node: PgQuery__Node) -> String? {
        guard node.node_case == PG_QUERY__NODE__NODE_TYPE_CAST else { return word(node) }
        return node.type_cast.pointee.arg.flatMap { word($0.pointee) }
    }

    func transaction(_ control: PgQuery__TransactionStmt) -> SQLNode {
        let index = Int(control.kind.rawValue) - 1
        let kinds = TransactionStatement.Kind.allCases
        guard kinds.indices.contains(index) else { return .other(kind: "TransactionStmt") }
        return .transaction(
            TransactionStatement(
                kind: kinds[index],
                name: text(control.savepoint_name) ?? text(control.gid),
                options: options(control.n_options, control.options),
                isChained: control.chain != 0
            )
        )
    }
}
