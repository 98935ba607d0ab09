import Postgres
import SQLSyntax

/// Which guarded objects are there, in one query over the system catalogs.
///
/// The rules are the server's own: a relation is looked for where it would be made, the first schema of the search path;
/// an index in its table's schema; a column's table and a value's type along the search path.
struct GuardLookup {
    private let subjects: [StatementGuard]

    init(_ subjects: [StatementGuard]) {
        self.subjects = subjects
    }

    /// What was found for a guard.
    struct Found: Hashable, Sendable {
        /// The guard's place among those that were asked for.
        let number: Int
        /// The object; of a column its table, of a value its type.
        let oid: Int
    }

    /// A statement that fails with a division by zero if any of it is there, since a script has no other way to stop.
    var probe: String {
        "SELECT 1 / CASE WHEN EXISTS (\(found)) THEN 0 ELSE 1 END"
    }

    /// The query that finds them.
    var query: String { "\(found) ORDER BY 1" }

    static func read(_ rows: PostgresRows) throws -> [Found] {
        try rows.decode(as: (Int, Int).self).map { Found(number: $0, oid: $1) }
    }

    private var found: String {
        let parts = subjects.enumerated().compactMap { number, subject in part(number, subject) }
        return parts.isEmpty ? "SELECT 0, 0::bigint WHERE false" : parts.joined(separator: " UNION ALL ")
    }

    private func part(_ number: Int, _ subject: StatementGuard) -> String? {
        switch subject.subject {
        case .relation(let name):
            let schema = subject.isTemporary ? "pg_temp" : name.schema
            return """
                SELECT \(number), oid::bigint FROM pg_catalog.pg_class WHERE relname = \(name.name.asName) \
                AND relnamespace = \(Self.namespace(schema))
                """
        case .index(let name, let table):
            return """
                SELECT \(number), c.oid::bigint FROM pg_catalog.pg_class c JOIN pg_catalog.pg_class t \
                ON t.relnamespace = c.relnamespace WHERE c.relname = \(name.asName) AND \(Self.isSeen(table, as: "t"))
                """
        case .column(let name, let table):
            return """
                SELECT \(number), c.oid::bigint FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a \
                ON a.attrelid = c.oid WHERE a.attname = \(name.asName) AND NOT a.attisdropped \
                AND \(Self.isSeen(table, as: "c"))
                """
        case .enumValue(let label, let type):
            let isSeen =
                type.schema.map { "t.typnamespace = \(Self.namespace($0))" }
                ?? "pg_catalog.pg_type_is_visible(t.oid)"
            return """
                SELECT \(number), t.oid::bigint FROM pg_catalog.pg_type t JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid \
                WHERE t.typname = \(type.name.asName) AND e.enumlabel = \(label.asName) AND \(isSeen)
                """
        case .schema(let name):
            return "SELECT \(number), oid::bigint FROM pg_catalog.pg_namespace WHERE nspname = \(name.asName)"
        case .extension(let name):
            return "SELECT \(number), oid::bigint FROM pg_catalog.pg_extension WHERE extname = \(name.asName)"
        case .statistics(let name):
            return """
                SELECT \(number), oid::bigint FROM pg_catalog.pg_statistic_ext WHERE stxname = \(name.name.asName) \
                AND stxnamespace = \(Self.namespace(name.schema))
                """
        case .collation(let name):
            return """
                SELECT \(number), oid::bigint FROM pg_catalog.pg_collation WHERE collname = \(name.name.asName) \
                AND collnamespace = \(Self.namespace(name.schema))
                """
        case .server(let name):
            return "SELECT \(number), oid::bigint FROM pg_catalog.pg_foreign_server WHERE srvname = \(name.asName)"
        case .userMapping(let role, let server):
            let isCurrent = ["current_user", "current_role", "user"].contains(role)
            let name = isCurrent ? "current_user" : role.asName
            return """
                SELECT \(number), umid::bigint FROM pg_catalog.pg_user_mappings \
                WHERE srvname = \(server.asName) AND usename = \(name)
                """
        case .other:
            return nil
        }
    }

    /// A schema by name; without one, the one that new objects go to.
    static func namespace(_ schema: String?) -> String {
        switch schema {
        case "pg_temp"?: "pg_catalog.pg_my_temp_schema()"
        case let schema?: "(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = \(schema.asName))"
        case nil: "(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = pg_catalog.current_schema())"
        }
    }

    /// A condition for the relation that a name means.
    static func isSeen(_ name: QualifiedName, as alias: String) -> String {
        "\(alias).relname = \(name.name.asName) AND "
            + (name.schema.map { "\(alias).relnamespace = \(namespace($0))" }
                ?? "pg_catalog.pg_table_is_visible(\(alias).oid)")
    }
}

extension String {
    /// The text as a constant of the type of names, which the indexes of the system catalogs are about.
    var asName: String { StringLiteral.quote(self) + "::name" }
}
