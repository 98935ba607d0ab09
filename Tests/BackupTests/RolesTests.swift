import Postgres
import TestSupport
import Testing

@testable import Backup

@Suite("Roles and settings of a snapshot", .serialized)
struct RolesTests {
    @Test(
        "come back with their memberships and settings; in full, also with rights, limits and passwords, where both ask for it"
    )
    func comeBack() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let name = settings["dbname"] ?? ""
                let superuser = try await TestServer.standard.superuser().with(database: name)
                let roles = ["\(name)_o", "\(name)_G \"x", "\(name)_a"]
                let quoted = roles.map { "\"\($0.replacing("\"", with: "\"\""))\"" }
                let list = """
                    SELECT string_agg(concat_ws(' ', rolname, rolcanlogin, rolsuper, rolcreatedb, rolconnlimit, rolvaliduntil, rolpassword,
                        (SELECT setconfig::text FROM pg_db_role_setting WHERE setrole = r.oid AND setdatabase = 0),
                        (SELECT string_agg(roleid::regrole || admin_option::text, ',' ORDER BY roleid::regrole::text)
                            FROM pg_auth_members WHERE member = r.oid)), E'\\n' ORDER BY rolname)
                    FROM pg_authid r WHERE rolname LIKE '\(name)\\__%'
                    """
                let drop = quoted.map { "DROP OWNED BY \($0) CASCADE; DROP ROLE \($0);" }.joined()
                try await withPostgresConnection(to: superuser) { connection in
                    _ = try await connection.script(
                        """
                        CREATE ROLE \(quoted[1]) CREATEDB; CREATE ROLE \(quoted[2]);
                        CREATE ROLE \(quoted[0]) LOGIN PASSWORD 'it''s $lastro$' CONNECTION LIMIT 7 VALID UNTIL '2030-01-14 00:00+00';
                        GRANT \(quoted[1]) TO \(quoted[0]) WITH ADMIN OPTION; GRANT \(quoted[2]) TO \(quoted[1]);
                        GRANT pg_monitor TO \(quoted[0]); ALTER ROLE \(quoted[0]) SET search_path = "$user", "a b";
                        CREATE TABLE t (n integer); ALTER TABLE t OWNER TO \(quoted[0]);
                        ALTER DATABASE \(name) SET work_mem = '9MB'; ALTER ROLE \(quoted[0]) IN DATABASE \(name) SET app.words = 'a, "b"'
                        """
                    )
                    let before = try await connection.query(list).single.decode(String.self)
                    var creation = test.creation(of: superuser)
                    _ = try await creation()
                    let basic = try test.repository.snapshot(named: nil).description
                    creation.hasFullRoles = true
                    _ = try await creation()
                    _ = try await connection.script(drop)

                    // Whatever the snapshot knows, rights and passwords are given only where that is asked for.
                    for (snapshot, which) in [(nil, RestoreOptions.Roles.missing), (basic, .full), (nil, .full)] {
                        try await withRestored(superuser) { copy in
                            _ = try await test.restoration(to: copy) { $0.roles = which }(snapshot)
                            let after = try await connection.query(list).single.decode(String.self)
                            if snapshot == nil, which == .full {
                                #expect(after == before)
                            } else {
                                #expect(
                                    !after.contains("SCRAM") && !after.contains("pg_monitor")
                                        && !after.contains(" f f t ")
                                )
                                #expect(after.contains("\(quoted[1])true") && after.contains("\(roles[2])false"))
                            }
                            let made = try await withPostgresConnection(to: copy) { connection in
                                try await connection.query(
                                    """
                                    SELECT string_agg(setrole::regrole || setconfig::text, ' ' ORDER BY setrole) FROM pg_db_role_setting
                                    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
                                    """
                                ).single.decode(String.self)
                            }
                            #expect(made == "-{work_mem=9MB} \(roles[0]){\"app.words=a, \\\"b\\\"\"}")
                        }
                        _ = try await connection.script(drop)
                    }
                }
            }
        }
    }

    @Test("come back with no more of their groups than they had")
    func comeBackWithOptions() async throws {
        guard try await PostgresInstallation.all().contains(where: { $0.version.major == 18 }) else {
            return print("skipped: PostgreSQL 18 is not installed: script/servers brings it")
        }
        let server = TestServer(major: 18)
        try await withTestDatabase(on: server) { settings in
            try await withTestRepository { test in
                let name = settings["dbname"] ?? ""
                let superuser = try await server.superuser().with(database: name)
                let members = [
                    "INHERIT FALSE, SET FALSE", "INHERIT TRUE, SET FALSE", "ADMIN TRUE, INHERIT FALSE", "ADMIN TRUE",
                ]
                let list = """
                    SELECT string_agg(concat_ws(' ', member::regrole, roleid::regrole, admin_option, inherit_option, set_option), E'\n'
                        ORDER BY member::regrole::text) FROM pg_auth_members WHERE roleid::regrole::text = '\(name)_g'
                    """
                try await withPostgresConnection(to: superuser) { connection in
                    _ = try await connection.script(
                        "CREATE ROLE \(name)_g; CREATE ROLE \(name)_n NOINHERIT IN ROLE \(name)_g"
                    )
                    for (number, options) in members.enumerated() {
                        let role = "\(name)_\(number)"
                        _ = try await connection.script(
                            "CREATE ROLE \(role); GRANT \(name)_g TO \(role) WITH \(options); CREATE TABLE t\(number) ();"
                                + "ALTER TABLE t\(number) OWNER TO \(role)"
                        )
                    }
                    _ = try await connection.script("CREATE TABLE n (); ALTER TABLE n OWNER TO \(name)_n")
                    let before = try await connection.query(list).single.decode(String.self)
                    #expect(before.split(separator: "\n").count == 5)
                    _ = try await test.creation(of: superuser)()
                    let roles = (members.indices.map { "\($0)" } + ["g", "n"]).map { "\(name)_\($0)" }.joined(
                        separator: ", "
                    )
                    let drop = "DROP OWNED BY \(roles) CASCADE; DROP ROLE \(roles)"
                    _ = try await connection.script(drop)
                    try await withRestored(superuser) { copy in
                        _ = try await test.restoration(to: copy)()
                        #expect(try await connection.query(list).single.decode(String.self) == before)
                    }
                    _ = try await connection.script(drop)
                }
            }
        }
    }

    @Test("name the one that is missing and may not be made, before anything is restored")
    func namesWhatIsMissing() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let role = "\(settings["dbname"] ?? "")_x"
                let superuser = try await TestServer.standard.superuser().with(database: settings["dbname"] ?? "")
                try await withPostgresConnection(to: superuser) { connection in
                    _ = try await connection.script(
                        "CREATE ROLE \(role); CREATE TABLE t (); ALTER TABLE t OWNER TO lastro; GRANT SELECT ON t TO \(role)"
                    )
                    _ = try await test.creation(of: settings)()
                    _ = try await connection.script("DROP OWNED BY \(role); DROP ROLE \(role)")
                }
                try await withRestored(settings) { copy in
                    let error = await #expect(throws: BackupError.self) { try await test.restoration(to: copy)() }
                    #expect(error?.code == .lacking && "\(error.map { "\($0)" } ?? "")".contains("\"\(role)\""))
                    _ = try await test.restoration(to: copy) { $0.keepsOwners = false }()
                }
            }
        }
    }
}
