extension CatalogQuery {
    /// Operators; without the shells that stand for one which another operator names.
    static let operators = CatalogQuery(
        """
        SELECT 'pg_operator'::regclass::oid, o.oid, 0, 'operator', n.nspname, NULL, o.oprname,
               CASE o.oprleft WHEN 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END
               || ', ' || format_type(o.oprright, NULL),
               pg_get_userbyid(o.oprowner) AS owner,
               \(SystemCatalogs.functionName("o.oprcode")) AS function,
               'OPERATOR(' || quote_ident(cn.nspname) || '.' || c.oprname || ')' AS commutator,
               'OPERATOR(' || quote_ident(gn.nspname) || '.' || g.oprname || ')' AS negator,
               \(SystemCatalogs.functionName("o.oprrest")) AS restrict,
               \(SystemCatalogs.functionName("o.oprjoin")) AS join,
               o.oprcanhash AS hashes, o.oprcanmerge AS merges
        FROM pg_catalog.pg_operator o
        JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
        LEFT JOIN pg_catalog.pg_operator c ON c.oid = o.oprcom
        LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
        LEFT JOIN pg_catalog.pg_operator g ON g.oid = o.oprnegate
        LEFT JOIN pg_catalog.pg_namespace gn ON gn.oid = g.oprnamespace
        WHERE o.oprcode <> 0 AND \(SystemCatalogs.isUserSchema("n"))
          AND \(SystemCatalogs.isUserObject("pg_operator", "o.oid"))
        """
    )

    /// Operator families, with the members that belong to no class of theirs.
    static let operatorFamilies = CatalogQuery(
        """
        SELECT 'pg_opfamily'::regclass::oid, f.oid, 0, 'operator family', n.nspname, NULL, f.opfname, m.amname,
               pg_get_userbyid(f.opfowner) AS owner,
               \(members("operator", of: "pg_opfamily", "f.oid")) AS operators,
               \(members("function", of: "pg_opfamily", "f.oid")) AS functions
        FROM pg_catalog.pg_opfamily f
        JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace
        JOIN pg_catalog.pg_am m ON m.oid = f.opfmethod
        WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_opfamily", "f.oid"))
        """
    )

    /// Operator classes.
    static let operatorClasses = CatalogQuery(
        """
        SELECT 'pg_opclass'::regclass::oid, c.oid, 0, 'operator class', n.nspname, NULL, c.opcname, m.amname,
               pg_get_userbyid(c.opcowner) AS owner,
               format_type(c.opcintype, NULL) AS type,
               c.opcdefault AS is_default,
               quote_ident(fn.nspname) || '.' || quote_ident(f.opfname) AS family,
               CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS storage,
               \(members("operator", of: "pg_opclass", "c.oid")) AS operators,
               \(members("function", of: "pg_opclass", "c.oid")) AS functions
        FROM pg_catalog.pg_opclass c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace
        JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod
        JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily
        JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
        WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_opclass", "c.oid"))
        """
    )

    /// The members that hang on a class or a family itself, as `CREATE OPERATOR CLASS` writes them; `pg_depend` knows.
    ///
    /// A member's operator is written without a type where the class says it, which is how the manual does it.
    private static func members(_ member: String, of systemCatalog: String, _ oid: String) -> String {
        let from =
            """
            FROM pg_catalog.pg_depend d
            """
        let condition =
            "d.refclassid = '\(systemCatalog)'::regclass AND d.refobjid = \(oid) AND d.deptype IN ('i', 'a')"
        if member == "operator" {
            return """
                (SELECT array_agg('OPERATOR ' || a.amopstrategy || ' ' || a.amopopr::regoperator
                            || coalesce(' FOR ORDER BY ' || quote_ident(sn.nspname) || '.' || quote_ident(s.opfname), '')
                            ORDER BY a.amopstrategy, a.amopopr::regoperator::text COLLATE "C")
                 \(from)
                 JOIN pg_catalog.pg_amop a ON d.classid = 'pg_amop'::regclass AND a.oid = d.objid
                 LEFT JOIN pg_catalog.pg_opfamily s ON s.oid = a.amopsortfamily
                 LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = s.opfnamespace
                 WHERE \(condition))
                """
        }
        return """
            (SELECT array_agg('FUNCTION ' || p.amprocnum || ' (' || format_type(p.amproclefttype, NULL) || ', '
                        || format_type(p.amprocrighttype, NULL) || ') ' || p.amproc::regprocedure
                        ORDER BY p.amprocnum, p.amproc::regprocedure::text COLLATE "C")
             \(from)
             JOIN pg_catalog.pg_amproc p ON d.classid = 'pg_amproc'::regclass AND p.oid = d.objid
             WHERE \(condition))
            """
    }

    /// Casts, without those of a range to its multirange.
    static let casts = CatalogQuery(
        """
        SELECT 'pg_cast'::regclass::oid, c.oid, 0, 'cast', NULL, NULL, format_type(c.castsource, NULL),
               format_type(c.casttarget, NULL),
               CASE c.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT'
                                 ELSE 'WITH FUNCTION ' || c.castfunc::regprocedure END AS method,
               CASE c.castcontext WHEN 'a' THEN 'ASSIGNMENT' WHEN 'i' THEN 'IMPLICIT' END AS context
        FROM pg_catalog.pg_cast c
        WHERE \(SystemCatalogs.isUserObject("pg_cast", "c.oid"))
          AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend i
            WHERE i.classid = 'pg_cast'::regclass AND i.objid = c.oid AND i.deptype = 'i')
        """
    )

    /// Transforms.
    static let transforms = CatalogQuery(
        """
        SELECT 'pg_transform'::regclass::oid, t.oid, 0, 'transform', NULL, NULL, l.lanname,
               format_type(t.trftype, NULL),
               CASE WHEN t.trffromsql <> 0 THEN t.trffromsql::regprocedure::text END AS from_sql,
               CASE WHEN t.trftosql <> 0 THEN t.trftosql::regprocedure::text END AS to_sql
        FROM pg_catalog.pg_transform t JOIN pg_catalog.pg_language l ON l.oid = t.trflang
        WHERE \(SystemCatalogs.isUserObject("pg_transform", "t.oid"))
        """
    )
}
