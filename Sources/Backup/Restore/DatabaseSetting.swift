import Postgres
import SQLSyntax

/// A setting that holds in a database, for all or for one role.
struct DatabaseSetting: Hashable, Codable, Sendable {
    /// Absent where it holds for all.
    var role: String?
    /// `name=value`, as the server keeps it.
    var text: String

    /// Reads the settings of a database.
    ///
    /// - Parameters:
    ///   - database: its number; nil for the connection's.
    ///   - connection: any connection to the server.
    /// - Returns: those for all first.
    /// - Throws: `PostgresError`.
    static func all(of database: Int? = nil, on connection: PostgresConnection) async throws -> [DatabaseSetting] {
        let number = database.map(String.init) ?? "(SELECT oid FROM pg_database WHERE datname = current_database())"
        return try await connection.query(
            """
            SELECT coalesce(r.rolname::text, ''), s.setrole <> 0, c.text FROM pg_db_role_setting s
            LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS c (text)
            WHERE s.setdatabase = \(number) ORDER BY 2, 1
            """
        ).decode(as: (String, Bool, String).self).map { DatabaseSetting(role: $1 ? $0 : nil, text: $2) }
    }

    /// The statement that makes it; nil if it cannot be read.
    ///
    /// - Parameter database: the database's name, as SQL.
    /// - Returns: the statement.
    func statement(for database: String) -> String? {
        guard let assignment = Self.assignment(text) else { return nil }
        let whose = role.map { "ROLE \(Identifier.quote($0)) IN DATABASE \(database)" } ?? "DATABASE \(database)"
        return "ALTER \(whose) SET \(assignment)"
    }

    /// `name = value` as SET takes it, of `name=value` as the server keeps it.
    static func assignment(_ text: String) -> String? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        let name = String(text[..<equals])
        let value = String(text[text.index(after: equals)...])
        let quoted = name.split(separator: ".").map { Identifier.quote(String($0)) }.joined(separator: ".")
        // Lists of names are kept with each name quoted where it has to be, all others as one text.
        let lists: Set = [
            "search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries",
            "shared_preload_libraries", "unix_socket_directories",
        ]
        guard lists.contains(name) else { return "\(quoted) = \(StringLiteral.quote(value))" }
        return "\(quoted) = \(value.isEmpty ? "''" : value.replacing("\"\"", with: "''"))"
    }
}
