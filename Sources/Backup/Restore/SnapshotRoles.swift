import Postgres
import SQLSyntax

/// The roles that a snapshot names, and what has to be done so that they are there.
struct SnapshotRoles: Sendable {
    private let roles: [(name: String, words: [String])]

    /// Reads the SQL of a snapshot that makes roles.
    init(sql: String) throws {
        // The statements stand in blocks that look for the role first, as a person who runs them needs it.
        let marker = "CREATE ROLE "
        roles = try sql.split(separator: "\n").compactMap { line in
            let line = line.drop { $0 == " " }
            guard line.hasPrefix(marker), line.hasSuffix(";") else { return nil }
            return try Self.role(in: line.dropFirst(marker.count).dropLast())
        }
    }

    private static func role(in text: Substring) throws -> (name: String, words: [String])? {
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
        return (name, text[end...].split(separator: " ").map { $0.uppercased() })
    }

    /// What only a role gets that is made in full.
    private static let powers: Set = ["SUPERUSER", "REPLICATION", "BYPASSRLS", "CREATEDB", "CREATEROLE"]

    /// Makes the roles that are missing, and tells how those that are there differ; these stay as they are.
    ///
    /// - Parameters:
    ///   - options: which roles, and under which names.
    ///   - connection: a connection of who restores.
    /// - Returns: sentences about what differs.
    /// - Throws: `PostgresError` if a role cannot be made.
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
        for (snapshotName, words) in roles {
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
            try await connection.script("CREATE ROLE \(Identifier.quote(name)) \(given.joined(separator: " "))")
            let withheld = words.filter { !given.contains($0) }
            notes.append(
                "made the role \(name)" + (withheld.isEmpty ? "" : ", without \(withheld.joined(separator: ", "))")
            )
        }
        return notes
    }

    private static func opposite(_ word: String) -> String {
        word.hasPrefix("NO") ? String(word.dropFirst(2)) : "NO" + word
    }
}
