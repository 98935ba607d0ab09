import Postgres
import SQLSyntax

/// The roles that a snapshot names, and what has to be done so that they are there.
struct SnapshotRoles: Sendable {
    private struct Role: Sendable {
        let name: String
        /// What CREATE ROLE says of it.
        let words: [String]
        /// The roles that it is a member of, and how.
        var groups: [(name: String, options: MembershipOptions)] = []
        /// Statements that give it limits, settings and a password.
        var changes: [String] = []
    }

    private let roles: [Role]

    /// Reads the SQL of a snapshot that makes roles.
    init(sql: String) throws {
        // The statements stand in blocks that look for the role first, as a person who runs them needs it; a line each.
        var roles: [Role] = []
        for line in sql.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            guard line.hasSuffix(";") else { continue }
            let statement = line.dropLast()
            if statement.hasPrefix("CREATE ROLE ") {
                guard let (name, rest) = try Self.name(in: statement.dropFirst("CREATE ROLE ".count)) else { continue }
                roles.append(Role(name: name, words: rest.split(separator: " ").map { $0.uppercased() }))
            } else if statement.hasPrefix("GRANT "), !roles.isEmpty {
                guard let (name, rest) = try Self.name(in: statement.dropFirst("GRANT ".count)) else { continue }
                roles[roles.count - 1].groups.append((name, MembershipOptions(endOf: rest)))
            } else if statement.hasPrefix("ALTER ROLE "), !roles.isEmpty {
                roles[roles.count - 1].changes.append(String(statement))
            }
        }
        self.roles = roles
    }

    /// What the roles are called.
    var names: [String] { roles.map(\.name) }

    private static func name(in text: Substring) throws -> (name: String, rest: Substring)? {
        let end: Substring.Index?
        if text.hasPrefix("\"") {
            var index = text.index(after: text.startIndex)
            while let quote = text[index...].firstIndex(of: "\"") {
                index = text.index(after: quote)
                guard index < text.endIndex, text[index] == "\"" else { break }
                index = text.index(after: index)
            }
            end = index
        } else {
            end = text.firstIndex(of: " ") ?? text.endIndex
        }
        guard let end, let name = try Identifier.parse(String(text[..<end])).first else { return nil }
        return (name, text[end...])
    }

    /// What only a role gets that is made in full.
    private static let powers: Set = ["SUPERUSER", "REPLICATION", "BYPASSRLS", "CREATEDB", "CREATEROLE"]

    /// Makes the roles that are missing, and tells how those that are there differ; these stay as they are.
    ///
    /// - Parameters:
    ///   - options: which roles, and under which names.
    ///   - connection: a connection of who restores.
    /// - Returns: sentences about what differs.
    /// - Throws: `BackupError` if a role may not be made, `PostgresError`.
    func provide(_ options: RestoreOptions, on connection: PostgresConnection) async throws -> [String] {
        guard options.roles != .none, !roles.isEmpty else { return [] }
        let rows = try await connection.query(
            "SELECT rolname::text, rolcanlogin, rolinherit, rolsuper, rolreplication, rolbypassrls FROM pg_roles"
        )
        var present: [String: Set<String>] = [:]
        for row in rows {
            let words = ["LOGIN", "INHERIT", "SUPERUSER", "REPLICATION", "BYPASSRLS"]
            present[try String(postgres: row[0])] = Set(
                try words.enumerated().map { try Bool(postgres: row[1 + $0]) ? $1 : "NO" + $1 }
            )
        }
        var notes: [String] = []
        var made: [String] = []
        for role in roles {
            let (snapshotName, words) = (role.name, role.words)
            let name = options.role(for: snapshotName)
            if let here = present[name] {
                // A role that stands for another one is another one.
                guard name == snapshotName else { continue }
                let powers = here.intersection(Self.powers.subtracting(words))
                let other = words.filter { !$0.hasPrefix("PASSWORD") && here.contains(Self.opposite($0)) }
                let differences = other.map { "\($0) in the snapshot" } + powers.sorted().map { "\($0) here" }
                if !differences.isEmpty { notes.append("role \(name) differs: \(differences.joined(separator: ", "))") }
                continue
            }
            guard name == snapshotName else { throw BackupError.noMappedRole(name, for: snapshotName) }
            let given = options.roles == .full ? words : words.filter { !Self.powers.contains($0) }
            do {
                try await connection.script("CREATE ROLE \(Identifier.quote(name)) \(given.joined(separator: " "))")
                try await give(role, options, on: connection)
            } catch let error as PostgresError where error.sqlState == .insufficientPrivilege {
                throw BackupError.mayNotMakeRole(name, error, made: made)
            }
            made.append(name)
            var withheld = words.filter { !given.contains($0) }
            if options.roles != .full, !role.changes.isEmpty { withheld.append("its settings and its password") }
            notes.append(
                "made the role \(name)" + (withheld.isEmpty ? "" : ", without \(withheld.joined(separator: ", "))")
            )
        }
        return notes
    }

    /// Gives a new role what it had: memberships, and in full its settings, its limits and its password.
    private func give(_ role: Role, _ options: RestoreOptions, on connection: PostgresConnection) async throws {
        // The server's own roles are rights over it.
        for group in role.groups where options.roles == .full || !group.name.hasPrefix("pg_") {
            let name = Identifier.quote(options.role(for: group.name))
            try await connection.script(
                "GRANT \(name) TO \(Identifier.quote(role.name))\(group.options.clause)"
            )
        }
        guard options.roles == .full else { return }
        for change in role.changes { try await connection.script(change) }
    }

    private static func opposite(_ word: String) -> String {
        word.hasPrefix("NO") ? String(word.dropFirst(2)) : "NO" + word
    }
}
