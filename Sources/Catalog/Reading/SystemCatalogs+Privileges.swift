extension SystemCatalogs {
    /// The privileges on objects of every kind, and on columns, where they are not those by default.
    static let privileges = """
        SELECT o.classid, o.oid, o.subid, \(grants("o.letter", "o.acl", "o.owner"))
        FROM (
            SELECT 'pg_class'::regclass::oid, c.oid, 0,
                   (CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", c.relacl, c.relowner
            FROM pg_catalog.pg_class c WHERE c.relacl IS NOT NULL AND c.oid >= 16384
            UNION ALL
            SELECT 'pg_class'::regclass, a.attrelid, a.attnum, 'c', a.attacl, c.relowner
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384 AND NOT a.attisdropped
            UNION ALL
            SELECT 'pg_proc'::regclass, p.oid, 0, 'f', p.proacl, p.proowner
            FROM pg_catalog.pg_proc p WHERE p.proacl IS NOT NULL AND p.oid >= 16384
            UNION ALL
            SELECT 'pg_type'::regclass, t.oid, 0, 'T', t.typacl, t.typowner
            FROM pg_catalog.pg_type t WHERE t.typacl IS NOT NULL AND t.oid >= 16384
            UNION ALL
            SELECT 'pg_namespace'::regclass, n.oid, 0, 'n', n.nspacl, n.nspowner
            FROM pg_catalog.pg_namespace n WHERE n.nspacl IS NOT NULL AND (n.oid >= 16384 OR n.nspname = 'public')
            UNION ALL
            SELECT 'pg_language'::regclass, l.oid, 0, 'l', l.lanacl, l.lanowner
            FROM pg_catalog.pg_language l WHERE l.lanacl IS NOT NULL AND l.oid >= 16384
            UNION ALL
            SELECT 'pg_foreign_data_wrapper'::regclass, f.oid, 0, 'F', f.fdwacl, f.fdwowner
            FROM pg_catalog.pg_foreign_data_wrapper f WHERE f.fdwacl IS NOT NULL
            UNION ALL
            SELECT 'pg_foreign_server'::regclass, s.oid, 0, 'S', s.srvacl, s.srvowner
            FROM pg_catalog.pg_foreign_server s WHERE s.srvacl IS NOT NULL
        ) o (classid, oid, subid, letter, acl, owner)
        """
}
