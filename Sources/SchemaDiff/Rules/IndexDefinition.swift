import Catalog
import SQLSyntax

/// `CREATE INDEX` as the server prints it, taken apart where a plan puts something in.
struct IndexDefinition {
    private let head: String
    private let body: String
    private let settings: String

    /// Takes apart the definition of an index object.
    init?(_ index: CatalogObject) {
        guard let definition = index.text(.definition),
            let head = ["CREATE UNIQUE INDEX ", "CREATE INDEX "].first(where: { definition.hasPrefix($0) })
        else { return nil }
        self.head = head
        var rest = definition.dropFirst(head.count)
        if rest.first == "\"" {
            repeat {
                rest = rest.dropFirst().drop { $0 != "\"" }.dropFirst()
            } while rest.first == "\""
        } else {
            rest = rest.drop { $0 != " " }
        }
        let predicate = index.text(.predicate).map { " WHERE \($0)" } ?? ""
        body = String(rest.hasSuffix(predicate) ? rest.dropLast(predicate.count) : rest)
        settings = Self.keeping(of: index) + predicate
    }

    /// How an index is kept, as `CREATE INDEX` says it.
    static func keeping(of object: CatalogObject) -> String {
        var sql = ""
        if let parameters = StorageParameters(object.list(.storageParameters)).clause { sql += " WITH \(parameters)" }
        if let tablespace = object.text(.tablespace) { sql += " TABLESPACE \(Identifier.quote(tablespace))" }
        return sql
    }

    /// Whether it is for a partitioned table, whose partitions have parts of it.
    var isPartitioned: Bool { body.hasPrefix(" ON ONLY ") }

    /// The statement, under a name, and without keeping writers out if that is wanted.
    func sql(named name: String, concurrently: Bool) -> String {
        "\(head)\(concurrently ? "CONCURRENTLY " : "")\(Identifier.quote(name))\(body)\(settings)"
    }
}
