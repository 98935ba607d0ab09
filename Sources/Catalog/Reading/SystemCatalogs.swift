/// Queries over the system catalogs that say something of objects of every kind.
enum SystemCatalogs {
    /// Whether a row of a system catalog is the user's own: neither the system's nor an extension's.
    ///
    /// - Parameters:
    ///   - systemCatalog: the system catalog's name.
    ///   - oid: the expression for the object's identifier.
    /// - Returns: an expression for SQL.
    static func isUserObject(_ systemCatalog: String, _ oid: String) -> String {
        """
        \(oid) >= 16384 AND \(oid) <> ALL (ARRAY(
            SELECT x_member.objid FROM pg_catalog.pg_depend x_member
            WHERE x_member.refclassid = 'pg_catalog.pg_extension'::regclass AND x_member.deptype = 'e'
              AND x_member.classid = 'pg_catalog.\(systemCatalog)'::regclass))
        """
    }

    /// Whether a schema is one that users keep objects in: no system schema, and none of temporary objects.
    ///
    /// - Parameter schema: the alias of `pg_namespace`.
    /// - Returns: an expression for SQL.
    static func isUserSchema(_ schema: String) -> String {
        "\(schema).nspname !~ '^pg_' AND \(schema).nspname <> 'information_schema'"
    }

    /// A function's name, qualified; null for none.
    static func functionName(_ function: String) -> String {
        "NULLIF(\(function)::regproc::text, '-')"
    }

    /// Options of foreign-data objects as a list, each as `name 'value'`.
    static func options(_ options: String) -> String {
        """
        CASE WHEN \(options) IS NOT NULL THEN (
            SELECT array_agg(quote_ident(x_option.option_name) || ' ' || quote_literal(x_option.option_value)
                             ORDER BY x_option.option_name COLLATE "C")
            FROM pg_catalog.pg_options_to_table(\(options)) x_option) END
        """
    }

    /// What the privileges of a row differ in from those that its owner and everybody have by default: a list of
    /// ``AccessControlItem``s in the order in which they were given, null for nothing.
    ///
    /// - Parameters:
    ///   - letter: the expression for the kind of object, as `acldefault` names it.
    ///   - acl: the expression for the access control list.
    ///   - owner: the expression for the owner's identifier.
    /// - Returns: an expression for SQL.
    static func grants(_ letter: String, _ acl: String, _ owner: String) -> String {
        // An item of the owner's that gives anything reads "owner=U/owner": so long is the name as items quote it.
        """
        CASE WHEN \(acl) IS NOT NULL THEN (
            SELECT array_agg(g_differing.item ORDER BY g_differing.place, g_differing.item COLLATE "C")
            FROM (SELECT left(g_own.item, (length(g_own.item) - 3) / 2) AS owner,
                         acldefault(\(letter), \(owner)) AS standard
                  FROM (SELECT makeaclitem(\(owner), \(owner), 'USAGE', false)::text AS item) g_own) g_default,
            LATERAL (
                SELECT CASE WHEN right(g_item::text, length(g_default.owner) + 1) = '/' || g_default.owner
                            THEN left(g_item::text, -length(g_default.owner) - 1) ELSE g_item::text END AS item, place
                FROM unnest(\(acl)) WITH ORDINALITY g_given (g_item, place) WHERE NOT g_item = ANY (g_default.standard)
                UNION ALL
                SELECT g_standard.grantee || '=', 0
                FROM (SELECT CASE WHEN left(g_item::text, 1) = '=' THEN '' ELSE g_default.owner END AS grantee
                      FROM unnest(g_default.standard) g_item) g_standard
                WHERE NOT EXISTS (
                    SELECT FROM unnest(\(acl)) g_item
                    WHERE starts_with(g_item::text, g_standard.grantee || '=')
                      AND right(g_item::text, length(g_default.owner) + 1) = '/' || g_default.owner)
            ) g_differing) END
        """
    }

    /// What stands for another object: row types and array types, indexes of constraints, defaults, rules of views.
    static let aliases = """
        SELECT 'pg_type'::regclass::oid, t.oid, 0, 'pg_class'::regclass::oid, t.typrelid, 0
        FROM pg_catalog.pg_type t WHERE t.typrelid >= 16384
        UNION ALL
        \(relationAliases)
        """

    /// All that stands for another object, what extensions brought first.
    static let allAliases = [extensionMembers, aliases, partAliases].joined(separator: " UNION ALL ")

    static let comments = """
        SELECT classoid, objoid, objsubid, description FROM pg_catalog.pg_description
        WHERE objoid >= 16384
           OR classoid IN ('pg_namespace'::regclass, 'pg_extension'::regclass, 'pg_language'::regclass)
        """

    static let labels = """
        SELECT classoid, objoid, objsubid, array_agg(provider || ': ' || label ORDER BY provider)
        FROM pg_catalog.pg_seclabel GROUP BY 1, 2, 3
        """

    /// The edges between objects that are not the system's own, without those from a part of an object to the object:
    /// of an array type to its elements', of a row type or a TOAST table to its table, of the index behind a constraint to
    /// the constraint, of a default to its column.
    static let dependencies = """
        SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid
        FROM pg_catalog.pg_depend
        WHERE refobjid >= 16384 AND objid >= 16384 AND deptype <> 'e'
          -- What a table needs of its own columns is no edge: they are a part of it.
          AND NOT (classid = refclassid AND objid = refobjid)
          AND NOT (classid = 'pg_attrdef'::regclass AND deptype IN ('a', 'i'))
          AND NOT (deptype = 'i' AND (
            classid = 'pg_trigger'::regclass AND refclassid = 'pg_constraint'::regclass
            OR classid = 'pg_type'::regclass AND refclassid IN ('pg_type'::regclass, 'pg_class'::regclass)
            OR classid = 'pg_class'::regclass AND refclassid IN ('pg_constraint'::regclass, 'pg_class'::regclass)
               AND refobjsubid = 0))
        UNION ALL
        \(inheritedColumns)
        """
}
