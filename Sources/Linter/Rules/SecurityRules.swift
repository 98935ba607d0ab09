import SQLSyntax

/// Who may do what.
extension Rule {
    static let securityRules = [
        securityDefinerSearchPath, functionSearchPath, grantToPublic, rowSecurityDisabled, policyWithoutRowSecurity,
        alwaysTruePolicy,
        extensionInPublic, resetRole,
    ]

    static let resetRole = Rule(
        "reset-role",
        .security,
        .warning,
        "RESET ROLE or RESET SESSION AUTHORIZATION in a migration",
        page: """
            Migrations run as the role that is configured. RESET ROLE goes back to the one that connected: what the file makes behind it \
            belongs to that one, and may be out of the application's reach. Lastro sets the role again before it writes down what ran and \
            before the next file; other runners go on as the role that is left. Say OWNER TO where an owner matters, or use SET LOCAL ROLE, \
            which ends with the transaction.
            """,
        bad: Example("RESET ROLE;\nCREATE TABLE jobs (id bigint PRIMARY KEY);"),
        good: Example("CREATE TABLE jobs (id bigint PRIMARY KEY);\nALTER TABLE jobs OWNER TO CURRENT_USER;"),
        judge: .statement([.set]) { context in
            guard case .set(let set) = context.node, ["role", "session_authorization"].contains(set.name), !set.isLocal
            else { return }
            let isReset = [.reset, .default].contains(set.kind) || set.values == ["none"]
            guard isReset else { return }
            context.report(
                "what follows belongs to the role that connected, and not to the one that migrations run as",
                next: "leave it out, and say OWNER TO where an owner matters"
            )
        }
    )

    static let securityDefinerSearchPath = Rule(
        "security-definer-search-path",
        .security,
        .warning,
        "A SECURITY DEFINER function without a search path of its own",
        page:
            "It runs with its owner's rights and the caller's search path: who can make a table or function in a schema of that path can have the owner use it. Write SET search_path = pg_catalog, and name the schemas in the body.",
        bad: Example("CREATE FUNCTION one() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';"),
        good: Example(
            "CREATE FUNCTION one() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';"
        ),
        judge: .statement([.createRoutine]) { context in
            guard case .createRoutine(let create) = context.node,
                create.options.contains(where: { $0.name == "security" && $0.isOn }),
                !context.parsed.setsSearchPath, create.body != nil
            else { return }
            context.report(
                "\(create.name) runs with its owner's rights and its caller's search path",
                next: "add SET search_path = pg_catalog, and name the schemas in the body"
            )
        }
    )

    static let functionSearchPath = Rule(
        "function-search-path",
        .security,
        .note,
        isDefault: false,
        "A function without a search path of its own",
        page: "What its names mean depends on who calls it.",
        bad: Example("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';"),
        good: Example("CREATE FUNCTION one() RETURNS int LANGUAGE sql SET search_path = pg_catalog AS 'SELECT 1';"),
        judge: .statement([.createRoutine]) { context in
            guard case .createRoutine(let create) = context.node, create.body != nil, !context.parsed.setsSearchPath,
                ["sql", "plpgsql"].contains(create.language.lowercased())
            else { return }
            context.report(
                "what the names in \(create.name) mean depends on its caller's search path",
                next: "add SET search_path"
            )
        }
    )

    static let grantToPublic = Rule(
        "grant-to-public",
        .security,
        .warning,
        "GRANT to PUBLIC of more than USAGE or EXECUTE",
        page: "Every role of the cluster gets it, also those that will be made later.",
        bad: Example("GRANT SELECT ON jobs TO PUBLIC;", after: "CREATE TABLE jobs (id int);"),
        good: Example("GRANT SELECT ON jobs TO CURRENT_USER;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.grant, .alterDefaultPrivileges]) { context in
            let grant: Grant
            switch context.node {
            case .grant(let node), .alterDefaultPrivileges(let node): grant = node
            default: return
            }
            guard grant.isGrant, grant.roles.contains("PUBLIC"), [.table, .sequence, .schema].contains(grant.kind)
            else { return }
            let privileges = grant.privileges.isEmpty ? ["all"] : grant.privileges
            guard privileges != ["usage"] else { return }
            let what = grant.objects.map { "\($0.name)" }.joined(separator: ", ")
            context.report(
                "every role gets \(privileges.joined(separator: ", ")) on \(what.isEmpty ? "what will be made" : what)",
                next: "name the roles"
            )
        }
    )

    static let rowSecurityDisabled = Rule(
        "rls-disabled",
        .security,
        .warning,
        "DISABLE or NO FORCE ROW LEVEL SECURITY",
        page: "From then on policies are not looked at: who may read the table reads all of it.",
        bad: Example(
            "ALTER TABLE jobs DISABLE ROW LEVEL SECURITY;",
            after: "CREATE TABLE jobs (id int);\nALTER TABLE jobs ENABLE ROW LEVEL SECURITY;"
        ),
        good: Example("ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;", after: "CREATE TABLE jobs (id int);"),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node else { return }
            for action in alter.actions where action.kind == .disableRowSecurity || action.kind == .noForceRowSecurity {
                context.report(
                    action.kind == .disableRowSecurity
                        ? "the policies of \(alter.relation.name) are not looked at any more"
                        : "the owner of \(alter.relation.name) is past its policies",
                    at: alter.relation.location
                )
            }
        }
    )

    static let policyWithoutRowSecurity = Rule(
        "policy-without-rls",
        .security,
        .warning,
        "A policy on a table whose row level security is off when its file is through",
        page: "The policy does nothing until ALTER TABLE … ENABLE ROW LEVEL SECURITY.",
        bad: Example("CREATE POLICY own ON jobs USING (id = 1);", after: "CREATE TABLE jobs (id int);"),
        good: Example(
            "ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON jobs USING (id = 1);",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .file { context in
            for (index, statement) in context.source.statements.enumerated() {
                guard case .createPolicy(let policy) = statement.node,
                    let relation = context.schema.relation(policy.table.name),
                    !relation.hasRowSecurity, relation.hasColumnList, relation.policies[policy.name] != nil
                else { continue }
                context.report(
                    "row level security of \(policy.table.name) is off, so policy \(policy.name) does nothing",
                    atStatement: index,
                    offset: policy.table.location,
                    next: "ALTER TABLE \(policy.table.name) ENABLE ROW LEVEL SECURITY"
                )
            }
        }
    )

    static let alwaysTruePolicy = Rule(
        "always-true-policy",
        .security,
        .warning,
        "A permissive policy for writing whose condition is always true",
        page: "Everybody whom it is for may write every row. For reading this can be meant, and is left alone.",
        bad: Example(
            "CREATE POLICY everybody ON jobs FOR ALL USING (true);",
            after: "CREATE TABLE jobs (id int);\nALTER TABLE jobs ENABLE ROW LEVEL SECURITY;"
        ),
        good: Example(
            "CREATE POLICY readers ON jobs FOR SELECT USING (true);",
            after: "CREATE TABLE jobs (id int);\nALTER TABLE jobs ENABLE ROW LEVEL SECURITY;"
        ),
        judge: .statement([.createPolicy]) { context in
            guard case .createPolicy(let policy) = context.node, policy.isPermissive != false,
                policy.command != "select"
            else { return }
            let conditions = [policy.using, policy.withCheck].compactMap(\.self)
            guard !conditions.isEmpty, conditions.contains(where: \.isAlwaysTrue) else { return }
            context.report(
                "policy \(policy.name) lets everybody write every row of \(policy.table.name)",
                at: policy.table.location
            )
        }
    )

    static let extensionInPublic = Rule(
        "extension-in-public",
        .security,
        .note,
        isDefault: false,
        "CREATE EXTENSION without a schema, or in public",
        page: "Its functions stand among the application's, where everybody finds them.",
        bad: Example("CREATE EXTENSION IF NOT EXISTS plpgsql;"),
        good: Example("CREATE EXTENSION IF NOT EXISTS plpgsql SCHEMA pg_catalog;"),
        judge: .statement([.createExtension]) { context in
            guard case .createExtension(let name, _, let options) = context.node else { return }
            let schema = options.first { $0.name == "schema" }?.value
            guard schema == nil || schema == "public" else { return }
            context.report(
                "\(Identifier.quote(name)) goes into \(schema ?? "the first schema of the search path")",
                next: "give it a schema of its own: WITH SCHEMA extensions"
            )
        }
    )
}
