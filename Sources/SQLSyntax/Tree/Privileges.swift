import CPgQuery

/// `GRANT` and `REVOKE` of privileges on objects.
public struct GrantStatement: Hashable, Sendable {
    /// A privilege.
    public struct Privilege: Hashable, Sendable {
        /// Its name in small letters; nil for all there are.
        public let name: String?
        /// The columns it is about; empty for all.
        public let columns: [String]
    }

    /// Which objects.
    public enum Target: Hashable, Sendable {
        /// Those named.
        case objects([ObjectReference])
        /// All that are in some schemas now.
        case allInSchemas([String])
        /// Those to come, in ALTER DEFAULT PRIVILEGES.
        case defaults
    }

    /// Whether privileges are given, not taken.
    public let isGrant: Bool
    /// The kind of the objects.
    public let kind: ObjectKind
    /// The objects.
    public let target: Target
    /// The privileges; empty for all there are.
    public let privileges: [Privilege]
    /// The roles that get or lose them.
    public let grantees: [String]
    /// Whether it is about passing them on too.
    public let grantOption: Bool
    /// Whether `CASCADE` takes them from those who got them from the grantees.
    public let isCascade: Bool
}

/// `GRANT` and `REVOKE` of membership in roles.
public struct GrantRoleStatement: Hashable, Sendable {
    /// Whether membership is given, not taken.
    public let isGrant: Bool
    /// The roles of which one becomes a member.
    public let roles: [String]
    /// The roles that become members.
    public let members: [String]
}

extension TreeReader {
    func grant(_ grant: PgQuery__GrantStmt) -> SQLNode {
        let kind = ObjectKind(grant.objtype)
        let target: GrantStatement.Target =
            switch grant.targtype {
            case PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA:
                .allInSchemas(texts(grant.n_objects, grant.objects))
            case PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_DEFAULTS: .defaults
            default: .objects(objects(kind, grant.n_objects, grant.objects))
            }
        return .grant(
            GrantStatement(
                isGrant: grant.is_grant != 0,
                kind: kind,
                target: target,
                privileges: privileges(grant.n_privileges, grant.privileges).map { privilege in
                    GrantStatement.Privilege(
                        name: text(privilege.priv_name),
                        columns: texts(privilege.n_cols, privilege.cols)
                    )
                },
                grantees: roles(grant.n_grantees, grant.grantees),
                grantOption: grant.grant_option != 0,
                isCascade: grant.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE
            )
        )
    }

    func grantRole(_ grant: PgQuery__GrantRoleStmt) -> SQLNode {
        .grantRole(
            GrantRoleStatement(
                isGrant: grant.is_grant != 0,
                roles: privileges(grant.n_granted_roles, grant.granted_roles).compactMap { text($0.priv_name) },
                members: roles(grant.n_grantee_roles, grant.grantee_roles)
            )
        )
    }

    private func privileges(_ count: Int, _ list: List?) -> [PgQuery__AccessPriv] {
        nodes(count, list).filter { $0.node_case == PG_QUERY__NODE__NODE_ACCESS_PRIV }.map { $0.access_priv.pointee }
    }
}
