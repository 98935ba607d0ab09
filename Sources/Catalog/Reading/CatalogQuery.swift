import Postgres

/// One query over the system catalogs whose rows are objects.
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
struct CatalogQuery: Sendable {
    let sql: String

    init(_ sql: String) {
        self.sql = sql
    }
}

/// The first columns of a ``CatalogQuery``.
enum IdentityColumn: Int, CaseIterable {
    case systemCatalog, oid, subid, kind, schema, parent, name, signature
}
