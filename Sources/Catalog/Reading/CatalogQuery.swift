import Postgres

/// One query over the system catalogs whose rows are objects, or say more of them.
///
/// Its columns are, by position:
///
/// 0. `class`: the object identifier of the system catalog that holds the object, `'pg_class'::regclass::oid`;
/// 1. `oid`: the object's own;
/// 2. `subid`: a column's number, else 0;
/// 3. `kind`: the raw value of an ``CatalogKind``;
/// 4. `schema`, 5. `parent`, 6. `name`, 7. `signature`: its identity;
/// 8. and on: its attributes, each under its ``AttributeName``: Booleans become flags, whole numbers numbers, `text[]`
///    lists, everything else text; what is null, false or an empty list is absent.
///
/// Objects of extensions, system objects and Lastro's own tables are left out by the query itself (``ownedByNobody``).
///
/// Rows that only say more of objects have the columns 0 to 2 and their attributes.
struct CatalogQuery: Sendable {
    let sql: String
    let content: Content
    /// The system catalog, with a condition where it is not on its own rows, without which there are no rows.
    private(set) var source: String?

    /// What the rows are.
    enum Content {
        case objects
        /// Objects whose positions are still to be counted.
        case columns
        /// More of objects that other rows are, and that were read before.
        case details
        /// Something that is said of objects of every kind.
        case link(Link)
        /// The sources of other queries that are not empty.
        case populations
    }

    /// What is said of objects of every kind.
    enum Link {
        case aliases, comments, labels, privileges, dependencies, notModelled, unknown
    }

    init(_ sql: String, content: Content = .objects) {
        self.sql = sql
        self.content = content
    }

    /// The query, which need not be sent where a system catalog has no rows of users.
    func unlessEmpty(_ source: String) -> CatalogQuery {
        var query = self
        query.source = source
        return query
    }
}

/// The first columns of a ``CatalogQuery``.
enum IdentityColumn: Int, CaseIterable {
    case systemCatalog, oid, subid, kind, schema, parent, name, signature
}
