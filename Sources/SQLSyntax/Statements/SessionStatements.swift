import CPgQuery

/// `SET`, `RESET` and `ALTER SYSTEM SET`.
public struct SetVariable: Hashable, Sendable {
    /// What happens to the parameter.
    public enum Kind: Hashable, Sendable {
        /// It gets a value.
        case value
        /// It gets its default (`SET … TO DEFAULT`).
        case `default`
        /// A function's setting is that of its creator (`FROM CURRENT`).
        case current
        /// `SET TRANSACTION` and `SET SESSION CHARACTERISTICS AS TRANSACTION`; the name tells which.
        case multiple
        /// It gets its default (`RESET`).
        case reset
        /// All parameters get their defaults.
        case resetAll
    }

    /// What happens to the parameter.
    public let kind: Kind
    /// The parameter's name; empty for `RESET ALL`.
    public let name: String
    /// Its values as text; options of a transaction are left out.
    public let values: [String]
    /// Whether it lasts only until the end of the transaction.
    public let isLocal: Bool
}

/// A statement that begins, ends or marks a transaction.
public struct TransactionStatement: Hashable, Sendable {
    /// What it does.
    public let control: TransactionControl
    /// The savepoint, or the name of a prepared transaction.
    public let name: String?
    /// Whether the next transaction begins at once (`AND CHAIN`).
    public let chains: Bool
}

/// What a statement does to a transaction.
public enum TransactionControl: String, Codable, Hashable, Sendable {
    /// `BEGIN` or `START TRANSACTION`.
    case begin
    /// `COMMIT` or `END`.
    case commit
    /// `ROLLBACK` or `ABORT`.
    case rollback
    /// `SAVEPOINT`.
    case savepoint
    /// `RELEASE SAVEPOINT`.
    case release
    /// `ROLLBACK TO SAVEPOINT`.
    case rollbackToSavepoint
    /// `PREPARE TRANSACTION`.
    case prepare
    /// `COMMIT PREPARED`.
    case commitPrepared
    /// `ROLLBACK PREPARED`.
    case rollbackPrepared
    /// `SET TRANSACTION`.
    case setCharacteristics
}

/// What `DISCARD` throws away.
public enum DiscardTarget: String, Hashable, Sendable {
    /// Everything that a session keeps.
    case all
    /// Cached plans.
    case plans
    /// Cached values of sequences.
    case sequences
    /// Temporary tables.
    case temporary
}

extension NodeReader {
    func setVariable(_ statement: PgQuery__VariableSetStmt) -> SetVariable {
        let kind: SetVariable.Kind =
            switch statement.kind {
            case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT: .default
            case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_CURRENT: .current
            case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI: .multiple
            case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET: .reset
            case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL: .resetAll
            default: .value
            }
        return SetVariable(
            kind: kind,
            name: text(statement.name) ?? "",
            values: list(statement.args, statement.n_args).compactMap { value(of: $0) },
            isLocal: statement.is_local != 0
        )
    }

    func transaction(_ statement: PgQuery__TransactionStmt) -> TransactionStatement {
        let control: TransactionControl =
            switch statement.kind {
            case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT: .commit
            case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK: .rollback
            case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT: .savepoint
            case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE: .release
            case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO: .rollbackToSavepoint
            case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE: .prepare
            case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED: .commitPrepared
            case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED: .rollbackPrepared
            default: .begin
            }
        return TransactionStatement(
            control: control,
            name: text(statement.savepoint_name) ?? text(statement.gid),
            chains: statement.chain != 0
        )
    }

    func discard(_ statement: PgQuery__DiscardStmt) -> DiscardTarget {
        switch statement.target {
        case PG_QUERY__DISCARD_MODE__DISCARD_PLANS: .plans
        case PG_QUERY__DISCARD_MODE__DISCARD_SEQUENCES: .sequences
        case PG_QUERY__DISCARD_MODE__DISCARD_TEMP: .temporary
        default: .all
        }
    }
}
