import CPgQuery

/// `CREATE TRIGGER`.
public struct CreateTriggerStatement: Hashable, Sendable {
    /// When a trigger runs.
    public enum Timing: String, Hashable, Sendable {
        /// Before the change.
        case before = "BEFORE"
        /// After the change.
        case after = "AFTER"
        /// In place of the change, on a view.
        case insteadOf = "INSTEAD OF"
    }

    /// What makes a trigger run.
    public enum Event: String, Hashable, Sendable {
        /// New rows.
        case insert = "INSERT"
        /// Rows that go.
        case delete = "DELETE"
        /// Rows that change.
        case update = "UPDATE"
        /// All rows going at once.
        case truncate = "TRUNCATE"
    }

    /// The trigger's name.
    public let name: String
    /// The table or view.
    public let table: RelationReference
    /// The function that it calls.
    public let function: QualifiedName
    /// Whether it may take the place of one of that name.
    public let replace: Bool
    /// Whether it is a constraint trigger.
    public let isConstraint: Bool
    /// When it runs.
    public let timing: Timing
    /// What makes it run.
    public let events: [Event]
    /// The columns that an update must name to make it run; empty for any.
    public let columns: [String]
    /// Whether it runs for each row, not for each statement.
    public let isForEachRow: Bool
    /// The condition under which it runs, with `WHEN`.
    public let condition: SQLExpression?
}

/// `CREATE RULE`.
public struct CreateRuleStatement: Hashable, Sendable {
    /// The rule's name.
    public let name: String
    /// The table or view.
    public let table: RelationReference
    /// The command that it is about: `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    public let event: String
    /// Whether it may take the place of one of that name.
    public let replace: Bool
    /// Whether its actions take the place of the command.
    public let isInstead: Bool
    /// What it does; empty for `NOTHING`.
    public let actions: [SQLNode]
}

/// `CREATE POLICY` and `ALTER POLICY`.
public struct PolicyStatement: Hashable, Sendable {
    /// The policy's name.
    public let name: String
    /// The table.
    public let table: RelationReference
    /// The command that it is about, in small letters: `all`, `select`, `insert`, `update`, `delete`; nil in ALTER.
    public let command: String?
    /// Whether one such policy is enough for a row, as opposed to all being needed.
    public let isPermissive: Bool
    /// The roles that it is about.
    public let roles: [String]
    /// The rows that are seen, with `USING`.
    public let using: SQLExpression?
    /// The rows that may be written, with `WITH CHECK`.
    public let check: SQLExpression?
}

extension TreeReader {
    func createTrigger(_ create: PgQuery__CreateTrigStmt) -> SQLNode {
        guard let table = relation(create.relation) else { return .other(kind: "CreateTrigStmt") }
        // The bits are those of `TRIGGER_TYPE_…` in the server's `catalog/pg_trigger.h`.
        let events: [(Int32, CreateTriggerStatement.Event)] = [
            (1 << 2, .insert), (1 << 3, .delete), (1 << 4, .update), (1 << 5, .truncate),
        ]
        return .createTrigger(
            CreateTriggerStatement(
                name: text(create.trigname) ?? "",
                table: table,
                function: name(create.n_funcname, create.funcname),
                replace: create.replace != 0,
                isConstraint: create.isconstraint != 0,
                timing: create.timing & 1 << 1 != 0 ? .before : create.timing & 1 << 6 != 0 ? .insteadOf : .after,
                events: events.filter { create.events & $0.0 != 0 }.map(\.1),
                columns: texts(create.n_columns, create.columns),
                isForEachRow: create.row != 0,
                condition: expression(create.when_clause, in: parentheses(behind: "WHEN"))
            )
        )
    }

    func createRule(_ rule: PgQuery__RuleStmt) -> SQLNode {
        guard let table = relation(rule.relation) else { return .other(kind: "RuleStmt") }
        let event =
            switch rule.event {
            case PG_QUERY__CMD_TYPE__CMD_INSERT: "INSERT"
            case PG_QUERY__CMD_TYPE__CMD_UPDATE: "UPDATE"
            case PG_QUERY__CMD_TYPE__CMD_DELETE: "DELETE"
            default: "SELECT"
            }
        return .createRule(
            CreateRuleStatement(
                name: text(rule.rulename) ?? "",
                table: table,
                event: event,
                replace: rule.replace != 0,
                isInstead: rule.instead != 0,
                actions: nodes(rule.n_actions, rule.actions).map(statement)
            )
        )
    }

    func createPolicy(_ policy: PgQuery__CreatePolicyStmt) -> SQLNode {
        guard let table = relation(policy.table) else { return .other(kind: "CreatePolicyStmt") }
        return .createPolicy(
            PolicyStatement(
                name: text(policy.policy_name) ?? "",
                table: table,
                command: text(policy.cmd_name),
                isPermissive: policy.permissive != 0,
                roles: roles(policy.n_roles, policy.roles),
                using: expression(policy.qual, in: parentheses(behind: "USING")),
                check: expression(policy.with_check, in: parentheses(behind: "CHECK"))
            )
        )
    }

    func alterPolicy(_ policy: PgQuery__AlterPolicyStmt) -> SQLNode {
        guard let table = relation(policy.table) else { return .other(kind: "AlterPolicyStmt") }
        return .alterPolicy(
            PolicyStatement(
                name: text(policy.policy_name) ?? "",
                table: table,
                command: nil,
                isPermissive: true,
                roles: roles(policy.n_roles, policy.roles),
                using: expression(policy.qual, in: parentheses(behind: "USING")),
                check: expression(policy.with_check, in: parentheses(behind: "CHECK"))
            )
        )
    }
}
