extension CatalogQuery {
    /// Enums.
    static let enumerations = CatalogQuery(
        """
        SELECT 'pg_type'::regclass::oid, t.oid, 0, 'enum', n.nspname, NULL, t.typname, NULL,
               pg_get_userbyid(t.typowner) AS owner,
               l.labels
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN (SELECT e.enumtypid, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
                   FROM pg_catalog.pg_enum e GROUP BY e.enumtypid) l ON l.enumtypid = t.oid
        WHERE t.typtype = 'e' AND \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_type", "t.oid"))
        """
    )

    /// Types that stand alone and have the shape of a row.
    static let compositeTypes = CatalogQuery(
        """
        SELECT 'pg_type'::regclass::oid, t.oid, 0, 'composite type', n.nspname, NULL, t.typname, NULL,
               pg_get_userbyid(t.typowner) AS owner,
               a.attributes, a.attribute_comments
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
        LEFT JOIN LATERAL (
            SELECT array_agg(
                       quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                       || CASE WHEN a.attcollation IN (0, y.typcollation) THEN ''
                               ELSE ' COLLATE ' || a.attcollation::regcollation::text END
                       ORDER BY a.attnum) AS attributes,
                   array_agg(quote_ident(a.attname) || ': ' || d.description ORDER BY a.attnum)
                       FILTER (WHERE d.description IS NOT NULL) AS attribute_comments
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
            LEFT JOIN pg_catalog.pg_description d
                ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ) a ON true
        WHERE t.typtype = 'c' AND \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_type", "t.oid"))
        """
    )

    /// Domains, without their checks.
    static let domains = CatalogQuery(
        """
        SELECT 'pg_type'::regclass::oid, t.oid, 0, 'domain', n.nspname, NULL, t.typname, NULL,
               pg_get_userbyid(t.typowner) AS owner,
               format_type(t.typbasetype, t.typtypmod) AS base_type,
               CASE WHEN t.typcollation NOT IN (0, b.typcollation) THEN t.typcollation::regcollation::text END
                   AS collation,
               coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) AS default,
               t.typnotnull AS not_null,
               CASE WHEN nn.conname <> t.typname || '_not_null' AND length(t.typname) <= 54 THEN nn.conname::text END
                   AS not_null_name
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
        LEFT JOIN pg_catalog.pg_constraint nn ON nn.contypid = t.oid AND nn.contype = 'n'
        WHERE t.typtype = 'd' AND \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_type", "t.oid"))
        """
    )

    /// Checks of domains.
    static let domainConstraints = CatalogQuery(
        """
        SELECT 'pg_constraint'::regclass::oid, c.oid, 0, 'domain constraint', n.nspname, t.typname, c.conname, NULL,
               pg_get_constraintdef(c.oid) AS definition
        FROM pg_catalog.pg_constraint c
        JOIN pg_catalog.pg_type t ON t.oid = c.contypid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        WHERE c.contypid >= 16384 AND c.contype = 'c' AND \(SystemCatalogs.isUserSchema("n"))
          AND \(SystemCatalogs.isUserObject("pg_type", "t.oid"))
        """
    )

    /// Range types, each with its multirange type.
    static let rangeTypes = CatalogQuery(
        """
        SELECT 'pg_type'::regclass::oid, t.oid, 0, 'range type', n.nspname, NULL, t.typname, NULL,
               pg_get_userbyid(t.typowner) AS owner,
               format_type(r.rngsubtype, NULL) AS subtype,
               CASE WHEN NOT o.opcdefault THEN quote_ident(on_.nspname) || '.' || quote_ident(o.opcname) END
                   AS operator_class,
               CASE WHEN r.rngcollation NOT IN (0, s.typcollation) THEN r.rngcollation::regcollation::text END
                   AS collation,
               \(SystemCatalogs.functionName("r.rngcanonical")) AS canonical,
               \(SystemCatalogs.functionName("r.rngsubdiff")) AS subtype_diff,
               format_type(r.rngmultitypid, NULL) AS multirange
        FROM pg_catalog.pg_range r
        JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
        JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc
        JOIN pg_catalog.pg_namespace on_ ON on_.oid = o.opcnamespace
        WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_type", "t.oid"))
        """
    )

    /// Base types, and shells of types that were never filled.
    static let baseTypes = CatalogQuery(
        """
        SELECT 'pg_type'::regclass::oid, t.oid, 0, 'type', n.nspname, NULL, t.typname, NULL,
               pg_get_userbyid(t.typowner) AS owner,
               NOT t.typisdefined AS shell,
               \(SystemCatalogs.functionName("t.typinput")) AS input,
               \(SystemCatalogs.functionName("t.typoutput")) AS output,
               \(SystemCatalogs.functionName("t.typreceive")) AS receive,
               \(SystemCatalogs.functionName("t.typsend")) AS send,
               \(SystemCatalogs.functionName("t.typmodin")) AS typmod_in,
               \(SystemCatalogs.functionName("t.typmodout")) AS typmod_out,
               \(SystemCatalogs.functionName("t.typanalyze")) AS analyze,
               \(SystemCatalogs.functionName("t.typsubscript")) AS subscript,
               CASE WHEN t.typisdefined THEN t.typlen END AS length,
               t.typbyval AND t.typisdefined AS by_value,
               CASE WHEN t.typisdefined THEN
                   CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END END
                   AS alignment,
               CASE WHEN t.typisdefined THEN
                   CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main'
                                     ELSE 'extended' END END AS storage,
               CASE WHEN t.typisdefined AND t.typcategory <> 'U' THEN t.typcategory::text END AS category,
               t.typispreferred AS preferred,
               t.typdefault AS default,
               CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END AS element,
               CASE WHEN t.typisdefined AND t.typdelim <> ',' THEN t.typdelim::text END AS delimiter,
               t.typcollation <> 0 AS collatable
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        WHERE (t.typtype = 'b' OR NOT t.typisdefined)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
          AND \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_type", "t.oid"))
        """
    )
}

extension AttributeName {
    /// An enum's values, in their order.
    public static let labels = AttributeName(rawValue: "labels")
    /// A composite type's attributes, each as `name type`.
    public static let attributes = AttributeName(rawValue: "attributes")
    /// The comments on a composite type's attributes, each as `name: comment`.
    public static let attributeComments = AttributeName(rawValue: "attribute_comments")
    /// The type that a domain narrows.
    public static let baseType = AttributeName(rawValue: "base_type")
    /// Whether a type is a shell: a name and nothing more.
    public static let shell = AttributeName(rawValue: "shell")
}
