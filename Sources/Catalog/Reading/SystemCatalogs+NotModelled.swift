import Postgres

extension SystemCatalogs {
    /// What a database holds and no query reads, in words: one column of text.
    ///
    /// What a later server keeps in system catalogs, columns or letters of its own is found without knowing of it: an
    /// unknown catalog or column counts where it holds something, which only SQL made at run time can tell.
    static let notModelled = """
        SELECT DISTINCT words FROM (
            \(changedPrivileges) UNION ALL \(misplaced) UNION ALL \(ofTheDatabase)
        ) w (words)
        """

    /// As ``notModelled``, of what only servers have whose system catalogs are others than those that are known.
    static let unknownToThisVersion = """
        SELECT DISTINCT words FROM (
            \(unknownCatalogs) UNION ALL \(unknownColumns) UNION ALL \(unknownLetters)
        ) w (words)
        """

    /// The system catalogs, with the condition that they are not those that PostgreSQL of this version has: `initdb` makes
    /// them once for all, so that their number and that of their columns tell them from those of a fork.
    static func otherCatalogs(than server: ServerVersion) -> String {
        let known = KnownSystemCatalogs.counts[server.major] ?? (catalogs: 0, columns: 0)
        return """
            pg_class WHERE relkind = 'r' AND relnamespace = 'pg_catalog'::regnamespace AND oid < 16384
            HAVING count(*) <> \(known.catalogs) OR sum(relnatts) <> \(known.columns)
            """
    }

    private static let unknownCatalogs = """
        SELECT 'rows of the system catalog ' || c.relname
        FROM pg_catalog.pg_class c
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND c.oid < 16384
          AND c.relname NOT IN (\("\(KnownSystemCatalogs.read) \(KnownSystemCatalogs.others)".namesInSQL))
          AND has_table_privilege(c.oid, 'SELECT')
          AND query_to_xml(format('SELECT FROM pg_catalog.%I LIMIT 1', c.relname), false, false, '')::text LIKE '%<row%'
        """

    /// The first column of each of these catalogs is an object identifier.
    private static let unknownColumns = """
        SELECT 'the column ' || c.relname || '.' || a.attname
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_catalog.pg_attribute k ON k.attrelid = c.oid AND k.attnum = 1
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'
          AND c.oid < 16384 AND c.relname IN (\(KnownSystemCatalogs.read.namesInSQL))
          AND a.attname NOT IN (\(KnownSystemCatalogs.columns.namesInSQL))
          AND has_column_privilege(c.oid, a.attname, 'SELECT')
          AND query_to_xml(
                  format('SELECT FROM pg_catalog.%I WHERE %I::oid >= 16384 AND %I::text NOT IN (%L, %L, %L, %L, %L) LIMIT 1',
                         c.relname, k.attname, a.attname, 'f', '0', '-', '', '{}'),
                  false, false, '')::text LIKE '%<row%'
        """

    private static let unknownLetters = """
        SELECT 'relation ' || c.oid::regclass || ' of kind ' || quote_literal(c.relkind::text)
        FROM pg_catalog.pg_class c
        WHERE c.oid >= 16384 AND c.relkind NOT IN ('r', 'i', 'S', 't', 'v', 'm', 'c', 'f', 'p', 'I')
        UNION ALL
        SELECT 'type ' || format_type(t.oid, NULL) || ' of kind ' || quote_literal(t.typtype::text)
        FROM pg_catalog.pg_type t
        WHERE t.oid >= 16384 AND t.typtype NOT IN ('b', 'c', 'd', 'e', 'p', 'r', 'm')
        UNION ALL
        SELECT 'function ' || p.oid::regprocedure || ' of kind ' || quote_literal(p.prokind::text)
        FROM pg_catalog.pg_proc p
        WHERE p.oid >= 16384 AND p.prokind NOT IN ('f', 'p', 'a', 'w')
        UNION ALL
        SELECT 'constraint ' || quote_ident(c.conname) || ' of kind ' || quote_literal(c.contype::text)
        FROM pg_catalog.pg_constraint c
        WHERE c.oid >= 16384 AND c.contype NOT IN ('c', 'f', 'n', 'p', 'u', 't', 'x')
        UNION ALL
        SELECT 'column ' || a.attrelid::regclass || '.' || quote_ident(a.attname) || ', identity '
               || quote_literal(a.attidentity::text) || ', generated ' || quote_literal(a.attgenerated::text)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid >= 16384
          AND (a.attidentity <> '' AND a.attidentity NOT IN ('a', 'd')
               OR a.attgenerated <> '' AND a.attgenerated NOT IN ('s', 'v'))
        UNION ALL
        SELECT 'default privileges on objects of kind ' || quote_literal(d.defaclobjtype::text)
        FROM pg_catalog.pg_default_acl d WHERE d.defaclobjtype NOT IN ('r', 'S', 'f', 'T', 'n')
        UNION ALL
        SELECT 'collation ' || c.oid::regcollation || ' of provider ' || quote_literal(c.collprovider::text)
        FROM pg_catalog.pg_collation c WHERE c.oid >= 16384 AND c.collprovider NOT IN ('c', 'i', 'b', 'd')
        """

    /// Privileges that were changed on what the system or an extension brought.
    private static let changedPrivileges = """
        SELECT coalesce('privileges on objects of the extension ' || quote_ident(e.extname),
                        'privileges on ' || pg_describe_object(o.classid, o.oid, 0) || ', of the system')
        FROM (
            SELECT 'pg_class'::regclass AS classid, c.oid, c.relnamespace AS schema, c.relacl AS acl
            FROM pg_catalog.pg_class c
            UNION ALL SELECT 'pg_proc'::regclass, p.oid, p.pronamespace, p.proacl FROM pg_catalog.pg_proc p
            UNION ALL SELECT 'pg_type'::regclass, t.oid, t.typnamespace, t.typacl FROM pg_catalog.pg_type t
            UNION ALL SELECT 'pg_language'::regclass, l.oid, 0, l.lanacl FROM pg_catalog.pg_language l
        ) o
        LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = o.classid AND i.objoid = o.oid AND i.objsubid = 0
        LEFT JOIN pg_catalog.pg_depend d ON d.classid = o.classid AND d.objid = o.oid AND d.deptype = 'e'
        LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
        WHERE o.acl IS DISTINCT FROM i.initprivs AND (o.oid < 16384 OR d.objid IS NOT NULL)
          AND o.schema <> 'information_schema'::regnamespace
          AND coalesce((SELECT array_agg(a::text ORDER BY a::text COLLATE "C") FROM unnest(o.acl) a), '{default}')
              <> coalesce((SELECT array_agg(a::text ORDER BY a::text COLLATE "C") FROM unnest(i.initprivs) a), '{default}')
        """

    private static let misplaced = """
        SELECT pg_describe_object(o.classid, o.oid, 0) || ', made in a schema of the system'
        FROM (
            SELECT 'pg_class'::regclass AS classid, c.oid, c.relnamespace AS schema FROM pg_catalog.pg_class c
            WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S')
            UNION ALL SELECT 'pg_proc'::regclass, p.oid, p.pronamespace FROM pg_catalog.pg_proc p
        ) o
        WHERE o.oid >= 16384 AND o.schema IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid = o.classid AND d.objid = o.oid AND d.deptype IN ('e', 'i'))
        """

    private static let ofTheDatabase = """
        SELECT count(*) || ' large objects, with owners, privileges and comments'
        FROM pg_catalog.pg_largeobject_metadata HAVING count(*) > 0
        UNION ALL
        SELECT 'settings of the database' || coalesce(' for the role ' || quote_ident(r.rolname), '')
        FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
        WHERE s.setdatabase = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
        UNION ALL
        SELECT 'the comment on the database'
        FROM pg_catalog.pg_shdescription s
        WHERE s.classoid = 'pg_database'::regclass
          AND s.objoid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
        """
}

extension String {
    /// Names between white space as a query: of an array, the planner would estimate each of hundreds of names.
    fileprivate var namesInSQL: String {
        "SELECT unnest('{\(split(whereSeparator: \.isWhitespace).joined(separator: ","))}'::name[])"
    }
}
