extension SystemCatalogs {
    /// What an extension brought stands for the extension; it comes before the parts of what was brought.
    static let extensionMembers = """
        SELECT classid, objid, 0, refclassid, refobjid, 0
        FROM pg_catalog.pg_depend WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
        """

    /// Rows that are parts of an object: what depends on the part, or what the part needs, is told of the whole.
    ///
    /// Array types are their elements', multirange types and constructor functions their range type's; the members of
    /// operator families and publications have rows of their own in `pg_depend`.
    static let partAliases = """
        SELECT 'pg_class'::regclass::oid, c.oid, 0, 'pg_type'::regclass::oid, c.reltype, 0
        FROM pg_catalog.pg_class c WHERE c.relkind = 'c' AND c.oid >= 16384
        UNION ALL
        SELECT 'pg_type'::regclass, t.typarray, 0,
               CASE WHEN c.oid IS NULL THEN 'pg_type'::regclass ELSE 'pg_class'::regclass END, coalesce(c.oid, t.oid), 0
        FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind <> 'c'
        WHERE t.typarray >= 16384
        UNION ALL
        SELECT 'pg_type'::regclass, m.oid, 0, 'pg_type'::regclass, r.rngtypid, 0
        FROM pg_catalog.pg_range r JOIN pg_catalog.pg_type t ON t.oid = r.rngmultitypid,
             LATERAL (VALUES (t.oid), (t.typarray)) m (oid)
        WHERE r.rngtypid >= 16384
        UNION ALL
        SELECT d.classid, d.objid, 0, d.refclassid, coalesce(r.rngtypid, d.refobjid), 0
        FROM pg_catalog.pg_depend d LEFT JOIN pg_catalog.pg_range r ON r.rngmultitypid = d.refobjid
        WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'
        UNION ALL
        SELECT 'pg_publication_rel'::regclass, r.oid, 0, 'pg_publication'::regclass, r.prpubid, 0
        FROM pg_catalog.pg_publication_rel r
        UNION ALL
        SELECT 'pg_publication_namespace'::regclass, s.oid, 0, 'pg_publication'::regclass, s.pnpubid, 0
        FROM pg_catalog.pg_publication_namespace s
        UNION ALL
        SELECT d.classid, d.objid, 0, d.refclassid, d.refobjid, 0
        FROM pg_catalog.pg_depend d
        WHERE d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) AND d.deptype IN ('i', 'a')
          AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass) AND d.objid >= 16384
        """
}
