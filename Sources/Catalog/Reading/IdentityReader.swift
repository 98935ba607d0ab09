import Postgres

/// Reads the identities of objects from the rows of a ``CatalogQuery``.
///
/// Kinds and names of schemas and tables come again from row to row, and are made once.
struct IdentityReader {
    private let rows: PostgresRows
    private var kind = CatalogKind.schema
    private var schema: String?
    private var parent: String?

    init(_ rows: PostgresRows) {
        self.rows = rows
    }

    /// The identity in a row; rows are read one after another.
    mutating func identity(row: Int) throws -> ObjectIdentity {
        if !isRepeated(.kind, row) {
            let text = text(.kind, row) ?? ""
            guard let kind = CatalogKind(rawValue: text) else { preconditionFailure("no kind of object: \(text)") }
            self.kind = kind
        }
        if !isRepeated(.schema, row) { schema = text(.schema, row) }
        if !isRepeated(.parent, row) { parent = text(.parent, row) }
        guard let name = text(.name, row) else { preconditionFailure("an object without a name") }
        return ObjectIdentity(kind, schema: schema, parent: parent, name, signature: text(.signature, row))
    }

    private func isRepeated(_ column: IdentityColumn, _ row: Int) -> Bool {
        rows.isRepeated(row: row, column: column.rawValue)
    }

    private func text(_ column: IdentityColumn, _ row: Int) -> String? {
        rows.text(row: row, column: column.rawValue)
    }
}
