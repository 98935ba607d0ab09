import Postgres
import SQLSyntax

extension [SchemaEntry] {
    /// The tablespaces that objects are put into.
    var tablespaces: Set<String> { Set(compactMap(\.tablespace)) }

    /// Puts what would go into one of these into the database's own.
    mutating func leaveOut(_ tablespaces: Set<String>) {
        for index in indices {
            guard let name = self[index].tablespace, tablespaces.contains(name) else { continue }
            self[index].settings = self[index].settings.split(separator: "\n").map {
                $0.hasPrefix(SchemaEntry.tablespaceSetting) ? SchemaEntry.tablespaceSetting + "'';" : String($0)
            }.joined(separator: "\n")
        }
    }
}

extension SchemaEntry {
    fileprivate static let tablespaceSetting = "SET default_tablespace = "

    /// The tablespace that it is put into; nil for the database's own.
    fileprivate var tablespace: String? {
        guard let line = settings.split(separator: "\n").first(where: { $0.hasPrefix(Self.tablespaceSetting) }) else {
            return nil
        }
        let word = line.dropFirst(Self.tablespaceSetting.count).dropLast()
        // What is no name is the empty text.
        return (try? Identifier.parse(String(word)))?.first
    }
}
