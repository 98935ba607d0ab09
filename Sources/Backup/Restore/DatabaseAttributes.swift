import Postgres
import SQLSyntax

/// What a database has as a whole: its owner, who may do what with it, its comment and its limit (PostgreSQL manual, CREATE DATABASE).
struct DatabaseAttributes: Hashable, Codable, Sendable {
    var owner: String
    /// How many sessions there may be at once; absent for no limit.
    var connectionLimit: Int?
    var comment: String?
    /// Absent where nothing was granted or revoked.
    var grants: [Grant]?

    /// A privilege that somebody has.
    struct Grant: Hashable, Codable, Sendable {
        /// Absent for everybody.
        var grantee: String?
        var privilege: String
        var isGrantable: Bool
    }

    /// Reads them.
    ///
    /// - Parameters:
    ///   - database: its number; nil for the connection's.
    ///   - connection: any connection to the server.
    /// - Returns: the attributes.
    /// - Throws: `PostgresError`.
    static func read(of database: Int? = nil, on connection: PostgresConnection) async throws -> DatabaseAttributes {
        let number = database.map(String.init) ?? "(SELECT oid FROM pg_database WHERE datname = current_database())"
        let row = try await connection.query(
            """
            SELECT pg_get_userbyid(d.datdba)::text, d.datconnlimit, d.datacl IS NOT NULL, shobj_description(d.oid, 'pg_database')
            FROM pg_database d WHERE d.oid = \(number)
            """
        ).single
        let limit = try Int(postgres: row[1])
        var attributes = DatabaseAttributes(
            owner: try String(postgres: row[0]),
            connectionLimit: limit == -1 ? nil : limit,
            comment: row[3].text
        )
        guard try Bool(postgres: row[2]) else { return attributes }
        let rows = try await connection.query(
            """
            SELECT CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee)::text END, a.privilege_type, a.is_grantable
            FROM pg_database d, aclexplode(d.datacl) a WHERE d.oid = \(number) ORDER BY 1, 2
            """
        )
        attributes.grants = try rows.map { row in
            Grant(
                grantee: row[0].text,
                privilege: try String(postgres: row[1]),
                isGrantable: try Bool(postgres: row[2])
            )
        }
        return attributes
    }

    /// The statements that give them to a database, but for the comment.
    ///
    /// - Parameters:
    ///   - database: its name, as SQL.
    ///   - role: who stands for a role.
    /// - Returns: statements with what they are about.
    func statements(
        for database: String,
        role: (String) -> String = { $0 }
    ) -> [(subject: String, sql: String)] {
        var statements: [(subject: String, sql: String)] = []
        if let connectionLimit {
            statements.append(("limit", "ALTER DATABASE \(database) CONNECTION LIMIT \(connectionLimit)"))
        }
        let owner = role(owner)
        // Grants are their owner's to give.
        statements.append(("owner \(owner)", "ALTER DATABASE \(database) OWNER TO \(Identifier.quote(owner))"))
        guard let grants else { return statements }
        statements.append(
            ("privileges", "REVOKE ALL ON DATABASE \(database) FROM PUBLIC, \(Identifier.quote(owner))")
        )
        for grant in grants {
            let grantee = grant.grantee.map(role)
            let option = grant.isGrantable ? " WITH GRANT OPTION" : ""
            statements.append(
                (
                    "privilege of \(grantee ?? "everybody")",
                    "GRANT \(grant.privilege) ON DATABASE \(database) TO "
                        + (grantee.map { Identifier.quote($0) } ?? "PUBLIC") + option
                )
            )
        }
        return statements
    }
}
