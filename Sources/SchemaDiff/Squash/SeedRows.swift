import Catalog
import Postgres
import SQLSyntax

/// The rows that migrations put into their tables, and where their sequences stand.
struct SeedRows: Equatable {
    /// A table, or a materialized view, with its rows.
    struct Table: Equatable {
        /// Its name as SQL writes it.
        let name: String
        let isView: Bool
        /// The columns that can be written, as SQL writes them.
        let columns: [String]
        /// Which of them are whole numbers.
        let numbers: [Bool]
        /// Whether a column takes a value only if that is insisted on.
        let overridesIdentity: Bool
        /// The values as the server prints them.
        let rows: [[String?]]
    }

    /// A sequence that was used.
    struct Sequence: Equatable {
        /// What gives its name, as SQL: that of an identity column is the server's own choice.
        let expression: String
        let value: Int
        let isCalled: Bool
    }

    /// Those that have rows, by name.
    let tables: [Table]
    let sequences: [Sequence]

    /// Reads them.
    ///
    /// - Parameters:
    ///   - catalog: the schema.
    ///   - connection: the database, outside of a transaction; its settings are changed.
    /// - Throws: ``SchemaDiffError`` for large objects; `PostgresError`.
    init(of catalog: Catalog, on connection: PostgresConnection) async throws {
        _ = try await connection.script(Self.settings)
        if try await connection.query("SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)")
            .single.decode(Bool.self)
        {
            throw SchemaDiffError.notSquashed(
                "the migrations make large objects",
                next: "squash up to the migration before they do"
            )
        }
        let keys = try await Self.keys(on: connection)
        var tables: [Table] = []
        let relations =
            catalog.objects(of: .table).filter { $0.text(.partitionOf) == nil }
            + catalog.objects(of: .materializedView)
        for relation in relations {
            do {
                guard let table = try await Self.table(relation, in: catalog, keys: keys, on: connection) else {
                    continue
                }
                tables.append(table)
            } catch let error as PostgresError where error.code == .server {
                throw SchemaDiffError.notSquashed(
                    "the rows of \(relation.identity.qualifiedName) cannot be read: \(error.message)",
                    next: "squash up to the migration before the one that forbids it"
                )
            }
        }
        self.tables = tables
        sequences = try await Self.sequences(of: catalog, on: connection)
    }

    /// How values are printed: so that every server reads them back as what they were.
    private static let settings = """
        SET search_path = ''; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET extra_float_digits = 3; \
        SET bytea_output = 'hex'; SET timezone = 'UTC'; SET xmloption = 'content'; SET row_security = off
        """

    /// The columns of each table's primary key, as SQL writes them.
    private static func keys(on connection: PostgresConnection) async throws -> [String: [String]] {
        let rows = try await connection.query(
            """
            SELECT i.indrelid::regclass::text, array(
                SELECT quote_ident(a.attname) FROM unnest(i.indkey) WITH ORDINALITY AS key (number, place)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number ORDER BY place)
            FROM pg_catalog.pg_index i WHERE i.indisprimary AND i.indrelid >= 16384
            """
        ).decode(as: (String, [String]).self)
        return Dictionary(rows.map { ($0.0, $0.1) }) { first, _ in first }
    }

    private static func table(
        _ relation: CatalogObject,
        in catalog: Catalog,
        keys: [String: [String]],
        on connection: PostgresConnection
    ) async throws -> Table? {
        let isView = relation.identity.kind == .materializedView
        let name = relation.identity.qualifiedName
        // The rows of child tables are theirs; those of partitions are their table's.
        let only = isView || relation.text(.partitionKey) != nil ? "" : "ONLY "
        if isView {
            let isPopulated = try await connection.query(
                "SELECT relispopulated FROM pg_catalog.pg_class WHERE oid = $1::text::regclass",
                name
            ).single.decode(Bool.self)
            guard isPopulated else { return nil }
        }
        guard try await connection.query("SELECT EXISTS (SELECT FROM \(only)\(name))").single.decode(Bool.self) else {
            return nil
        }
        let columns = catalog.children(of: relation.identity, kind: isView ? .viewColumn : .column)
            .filter { $0.attributes[.generated] == nil }
            .sorted { ($0.number(.position) ?? 0) < ($1.number(.position) ?? 0) }
        let names = columns.map { Identifier.quote($0.identity.name) }
        let values = names.map { "\($0)::text" }.joined(separator: ", ")
        let order = keys[name].map { $0.joined(separator: ", ") + ", " } ?? ""
        let rows = try await connection.query(
            "SELECT \(values) FROM \(only)\(name) AS seed ORDER BY \(order)seed::text COLLATE \"C\""
        )
        return Table(
            name: name,
            isView: isView,
            columns: names,
            numbers: columns.map { ["smallint", "integer", "bigint"].contains($0.text(.type) ?? "") },
            overridesIdentity: columns.contains { $0.text(.identity) == "always" },
            rows: try rows.map { row in try names.indices.map { try String?(postgres: row[$0]) } }
        )
    }

    private static func sequences(of catalog: Catalog, on connection: PostgresConnection) async throws -> [Sequence] {
        let found = try await connection.query(
            """
            SELECT c.oid::regclass::text, n.nspname::text, c.relname::text, d.deptype = 'i', t.oid::regclass::text,
                tn.nspname::text, t.relname::text, a.attname::text, s.seqstart
            FROM pg_catalog.pg_sequence s
            JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
            LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
            LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
            WHERE c.relpersistence <> 't' ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
            """
        ).decode(
            as: (String, String, String, Bool?, String?, String?, String?, String?, Int).self
        )
        var sequences: [Sequence] = []
        for (name, schema, own, isIdentity, owner, ownerSchema, ownerName, column, start) in found {
            let expression: String
            if isIdentity == true, let owner, let ownerName, let column {
                guard catalog[ObjectIdentity(.table, schema: ownerSchema, ownerName)] != nil else { continue }
                expression = """
                    pg_catalog.pg_get_serial_sequence(\(StringLiteral.quote(owner)), \(StringLiteral.quote(column)))
                    """
            } else {
                guard catalog[ObjectIdentity(.sequence, schema: schema, own)] != nil else { continue }
                expression = StringLiteral.quote(name)
            }
            let (value, isCalled) = try await connection.query("SELECT last_value, is_called FROM \(name)").single
                .decode(Int.self, Bool.self)
            guard isCalled || value != start else { continue }
            sequences.append(Sequence(expression: expression, value: value, isCalled: isCalled))
        }
        return sequences.sorted { $0.expression < $1.expression }
    }

    /// How many rows there are in tables.
    var rowCount: Int { tables.filter { !$0.isView }.reduce(0) { $0 + $1.rows.count } }

    /// How many tables have rows.
    var tableCount: Int { tables.count { !$0.isView } }

    /// What differs from other rows, table by table, in words.
    func differences(from other: SeedRows) -> [String] {
        let (mine, theirs) = (
            Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) }),
            Dictionary(uniqueKeysWithValues: other.tables.map { ($0.name, $0) })
        )
        var words = Set(mine.keys).union(theirs.keys).sorted().filter { mine[$0]?.rows != theirs[$0]?.rows }.map {
            name in
            "the rows of \(name): \(theirs[name]?.rows.count ?? 0), and \(mine[name]?.rows.count ?? 0) in the new file"
        }
        if sequences != other.sequences {
            let differing = Set(sequences.map(\.expression)).union(other.sequences.map(\.expression)).sorted()
                .filter { name in
                    sequences.first { $0.expression == name } != other.sequences.first { $0.expression == name }
                }
            words += differing.map { "the value of the sequence \($0)" }
        }
        return words
    }
}
