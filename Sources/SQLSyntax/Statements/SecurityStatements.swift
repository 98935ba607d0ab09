import CPgQuery

/// `GRANT` and `REVOKE` of privileges on objects.
public struct Grant: Hashable, Sendable {
    /// Whether privileges are given, rather than taken.
    public let isGrant: Bool
    /// The kind of the objects.
    public let kind: ObjectKind
    /// The objects, or the schemas if ``isForAllInSchema``.
    public let objects: [ObjectReference]
    /// Whether all objects of the kind in the schemas are meant.
    public let isForAllInSchema: Bool
    /// The privileges in lower case; empty for ALL.
    public let privileges: [String]
    /// The roles; `PUBLIC` for everybody.
    public let roles: [String]
    /// Whether it is about the right to grant on.
    public let isGrantOption: Bool
}

/// `GRANT` and `REVOKE` of membership in roles.
public struct GrantRole: Hashable, Sendable {
    /// Whether membership is given, rather than taken.
    public let isGrant: Bool
    /// The roles that have members.
    public let roles: [String]
    /// The roles that become, or cease to be, members.
    public let members: [String]
}

/// `CREATE POLICY` and `ALTER POLICY`.
public struct Policy: Hashable, Sendable {
    /// The policy's name.
    public let name: String
    /// The table that it guards.
    public let table: RelationReference
    /// The command that it is about, in lower case; `all` for every one, nil where ALTER leaves it.
    public let command: String?
    /// Whether it permits, rather than restricts; nil where ALTER leaves it.
    public let isPermissive: Bool?
    /// The roles that it is about.
    public let roles: [String]
    /// Which rows are seen.
    public let using: Expression?
    /// Which rows may be written.
    public let withCheck: Expression?
}

extension NodeReader {
    func grant(_ statement: PgQuery__GrantStmt) -> Grant {
        let isForAllInSchema = statement.targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA
        let kind = ObjectKind(statement.objtype)
        return Grant(
            isGrant: statement.is_grant != 0,
            kind: kind,
            objects: list(statement.objects, statement.n_objects).map { node in
                if node.pointee.node_case == PG_QUERY__NODE__NODE_RANGE_VAR,
                    let relation = relation(node.pointee.range_var)
                {
                    return ObjectReference(kind: kind, name: relation.name, relation: nil, arguments: nil)
                }
                return object(isForAllInSchema ? .schema : kind, node)
            },
            isForAllInSchema: isForAllInSchema,
            privileges: roles(statement.privileges, statement.n_privileges),
            roles: roles(statement.grantees, statement.n_grantees),
            isGrantOption: statement.grant_option != 0
        )
    }

    func grantRole(_ statement: PgQuery__GrantRoleStmt) -> GrantRole {
        GrantRole(
            isGrant: statement.is_grant != 0,
            roles: roles(statement.granted_roles, statement.n_granted_roles),
            members: roles(statement.grantee_roles, statement.n_grantee_roles)
        )
    }

    func createPolicy(_ statement: PgQuery__CreatePolicyStmt) -> Policy? {
        guard let table = relation(statement.table) else { return nil }
        return Policy(
            name: text(statement.policy_name) ?? "",
            table: table,
            command: text(statement.cmd_name),
            isPermissive: statement.permissive != 0,
            roles: roles(statement.roles, statement.n_roles),
            using: expression(statement.qual),
            withCheck: expression(statement.with_check)
        )
    }

    func alterPolicy(_ statement: PgQuery__AlterPolicyStmt) -> Policy? {
        guard let table = relation(statement.table) else { return nil }
        return Policy(
            name: text(statement.policy_name) ?? "",
            table: table,
            command: nil,
            isPermissive: nil,
            roles: roles(statement.roles, statement.n_roles),
            using: expression(statement.qual),
            withCheck: expression(statement.with_check)
        )
    }
}
