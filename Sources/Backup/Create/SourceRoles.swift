import Postgres
import SQLSyntax

/// Writes down the roles that a database names, as SQL that makes those that are missing.
struct SourceRoles: Sendable {
    /// Whether rights over the whole server, settings, and passwords where they may be read, are written too.
    let isFull: Bool
    /// Is told what is left out.
    let note: @Sendable (String) -> Void

    /// Reads them.
    ///
    /// - Parameter connection: a session of the backup.
    /// - Returns: a block for each role, behind those of the roles that it is a member of.
    /// - Throws: `PostgresError`.
    func sql(on connection: PostgresConnection) async throws -> String {
        let roles = try await roles(on: connection)
        let groups = try await groups(on: connection)
        var more: [String: [String]] = [:]
        if isFull {
            more = try await settings(on: connection)
            for (role, lines) in try await passwords(on: connection) { more[role, default: []] += lines }
        }
        return inOrder(roles.keys.sorted(), groups).map { name in
            let literal = StringLiteral.quote(name)
            let quoted = Identifier.quote(name)
            let own = (groups[name] ?? []).filter { isFull || !$0.group.hasPrefix("pg_") }.map {
                "GRANT \(Identifier.quote($0.group)) TO \(quoted)\($0.options.clause)"
            }
            let lines = ["CREATE ROLE \(quoted) \(roles[name] ?? "")"] + (more[name] ?? []) + own
            return """
                DO $lastro$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = \(literal)) THEN
                \(lines.map { "        \($0);" }.joined(separator: "\n"))
                    END IF;
                END $lastro$;

                """
        }.joined()
    }

    /// The words that make each role.
    private func roles(on connection: PostgresConnection) async throws -> [String: String] {
        let rights = ["SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS"]
        let rows = try await connection.query(
            """
            WITH RECURSIVE named (oid) AS (
                SELECT r.oid FROM pg_roles r
                WHERE r.oid = (SELECT datdba FROM pg_database WHERE datname = current_database())
                    OR r.oid IN (SELECT refobjid FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass
                        AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                        AND (dbid <> 0 OR (classid = 'pg_database'::regclass
                            AND objid = (SELECT oid FROM pg_database WHERE datname = current_database()))))
                UNION SELECT m.roleid FROM named JOIN pg_auth_members m ON m.member = named.oid)
            SELECT r.rolname, r.rolcanlogin, r.rolinherit, r.rolsuper, r.rolcreatedb, r.rolcreaterole, r.rolreplication,
                r.rolbypassrls, r.rolconnlimit, r.rolvaliduntil::text
            FROM pg_roles r JOIN named USING (oid) WHERE r.rolname !~ '^pg_'
            """
        )
        return try rows.reduce(into: [:]) { roles, row in
            var words = try [
                Bool(postgres: row[1]) ? "LOGIN" : "NOLOGIN", Bool(postgres: row[2]) ? "INHERIT" : "NOINHERIT",
            ]
            if isFull {
                words += try rights.enumerated().filter { try Bool(postgres: row[3 + $0.offset]) }.map(\.element)
            }
            roles[try String(postgres: row[0])] = words.joined(separator: " ")
        }
    }

    /// What each role is a member of.
    private func groups(
        on connection: PostgresConnection
    ) async throws -> [String: [(group: String, options: MembershipOptions)]] {
        // Where there are no such options, a member inherits if the role does, and may become the other role.
        let (inherits, sets) =
            connection.serverVersion.major >= 16
            ? ("bool_or(a.inherit_option)", "bool_or(a.set_option)") : ("m.rolinherit", "true")
        let rows = try await connection.query(
            """
            SELECT m.rolname::text, g.rolname::text, bool_or(a.admin_option), \(inherits), \(sets), m.rolinherit
            FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
            GROUP BY m.rolname, g.rolname, m.rolinherit ORDER BY 1, 2
            """
        )
        var groups: [String: [(group: String, options: MembershipOptions)]] = [:]
        for row in rows {
            let (member, group) = (try String(postgres: row[0]), try String(postgres: row[1]))
            let flags = try (2..<6).map { try Bool(postgres: row[$0]) }
            let options = MembershipOptions(
                isAdministrator: flags[0],
                inherits: flags[1] == flags[3] ? nil : flags[1],
                mayBecome: flags[2]
            )
            groups[member, default: []].append((group, options))
        }
        return groups
    }

    /// Roles behind those that they are members of, which no circle ever contains.
    private func inOrder(
        _ names: [String],
        _ groups: [String: [(group: String, options: MembershipOptions)]]
    ) -> [String] {
        let all = Set(names)
        var sorted: [String] = []
        var seen: Set<String> = []
        func add(_ name: String) {
            guard all.contains(name), seen.insert(name).inserted else { return }
            for membership in groups[name] ?? [] { add(membership.group) }
            sorted.append(name)
        }
        names.forEach(add)
        return sorted
    }

    /// Limits and settings of roles, wherever they connect to.
    private func settings(on connection: PostgresConnection) async throws -> [String: [String]] {
        var lines: [String: [String]] = [:]
        let limits = try await connection.query(
            "SELECT rolname::text, rolconnlimit, coalesce(rolvaliduntil::text, '') FROM pg_roles WHERE rolname !~ '^pg_'"
        ).decode(as: (String, Int, String).self)
        for (name, limit, time) in limits {
            let role = "ALTER ROLE \(Identifier.quote(name))"
            if limit != -1 { lines[name, default: []].append("\(role) CONNECTION LIMIT \(limit)") }
            if !time.isEmpty { lines[name, default: []].append("\(role) VALID UNTIL \(StringLiteral.quote(time))") }
        }
        let settings = try await connection.query(
            """
            SELECT r.rolname::text, c.text FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole,
                unnest(s.setconfig) AS c (text)
            WHERE s.setdatabase = 0
            """
        ).decode(as: (String, String).self)
        for (name, text) in settings {
            // A statement is a line here.
            guard let assignment = DatabaseSetting.assignment(text), !assignment.contains("\n") else {
                note("a setting of the role \(name) is left out")
                continue
            }
            lines[name, default: []].append("ALTER ROLE \(Identifier.quote(name)) SET \(assignment)")
        }
        return lines
    }

    /// What the server keeps of passwords, if the role may see that.
    private func passwords(on connection: PostgresConnection) async throws -> [String: [String]] {
        let mayRead = try await connection.query("SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT')").single
            .decode(Bool.self)
        guard mayRead else {
            note("passwords are left out: the role may not read pg_authid")
            return [:]
        }
        return try await connection.query(
            "SELECT rolname::text, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL AND rolname !~ '^pg_'"
        ).decode(as: (String, String).self).reduce(into: [:]) { lines, row in
            lines[row.0] = ["ALTER ROLE \(Identifier.quote(row.0)) PASSWORD \(StringLiteral.quote(row.1))"]
        }
    }
}
