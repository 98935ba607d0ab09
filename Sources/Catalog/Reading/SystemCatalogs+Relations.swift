extension SystemCatalogs {
    /// Whether a row of `pg_class` is a user's own relation: not the system's, an extension's, temporary or Lastro's.
    ///
    /// Lastro's own are those whose names begin with `lastro_`, and the history table (``isUserTable(_:)``).
    ///
    /// - Parameter relation: the alias of `pg_class`.
    /// - Returns: an expression for SQL.
    static func isUserRelation(_ relation: String) -> String {
        """
        \(relation).relpersistence <> 't' AND NOT starts_with(\(relation).relname::text, 'lastro_')
            AND \(isUserObject("pg_class", relation + ".oid"))
        """
    }

    /// Whether a row of `pg_class` is a user's own relation and not the history table, which is known by its columns.
    ///
    /// - Parameter relation: the alias of `pg_class`.
    /// - Returns: an expression for SQL.
    static func isUserTable(_ relation: String) -> String {
        """
        \(isUserRelation(relation))
            AND NOT (\(relation).relname = 'schema_migrations' AND \(relation).relkind = 'r' AND (
                SELECT count(*) FILTER (WHERE own.attname IN ('name', 'applied_at')) = 2
                   AND count(*) FILTER (WHERE own.attname NOT IN (
                           'name', 'applied_at', 'position', 'version', 'kind', 'checksum', 'execution_ms',
                           'applied_by', 'tool_version', 'outcome', 'reason', 'run_id')) = 0
                FROM pg_catalog.pg_attribute own
                WHERE own.attrelid = \(relation).oid AND own.attnum > 0 AND NOT own.attisdropped))
        """
    }

    /// The name of the access method of a relation, but for `heap`; as a query of its own, which is seldom run.
    ///
    /// - Parameter relation: the alias of `pg_class`.
    /// - Returns: an expression for SQL.
    static func accessMethod(of relation: String) -> String {
        """
        CASE WHEN \(relation).relam NOT IN (0, 2) THEN (
                   SELECT NULLIF(m.amname, 'heap')::text FROM pg_catalog.pg_am m WHERE m.oid = \(relation).relam) END
        """
    }

    /// The name of the tablespace of a relation, but for the database's own.
    ///
    /// - Parameter relation: the alias of `pg_class`.
    /// - Returns: an expression for SQL.
    static func tablespace(of relation: String) -> String {
        """
        CASE WHEN \(relation).reltablespace <> 0 THEN (
                   SELECT p.spcname::text FROM pg_catalog.pg_tablespace p
                   WHERE p.oid = \(relation).reltablespace) END
        """
    }

    /// A sequence's options that are not the server's own choice, as they are written in SQL, in a fixed order.
    ///
    /// - Parameter sequence: the alias of `pg_sequence`.
    /// - Returns: an expression for SQL.
    static func sequenceOptions(_ sequence: String) -> String {
        let largest = """
            CASE \(sequence).seqtypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 \
            ELSE 9223372036854775807 END
            """
        return """
            array_remove(ARRAY[
                CASE WHEN \(sequence).seqstart
                        <> CASE WHEN \(sequence).seqincrement > 0 THEN \(sequence).seqmin ELSE \(sequence).seqmax END
                     THEN 'START WITH ' || \(sequence).seqstart END,
                CASE WHEN \(sequence).seqincrement <> 1 THEN 'INCREMENT BY ' || \(sequence).seqincrement END,
                CASE WHEN \(sequence).seqmin
                        <> CASE WHEN \(sequence).seqincrement > 0 THEN 1 ELSE -(\(largest)) - 1 END
                     THEN 'MINVALUE ' || \(sequence).seqmin END,
                CASE WHEN \(sequence).seqmax
                        <> CASE WHEN \(sequence).seqincrement > 0 THEN \(largest) ELSE -1 END
                     THEN 'MAXVALUE ' || \(sequence).seqmax END,
                CASE WHEN \(sequence).seqcache <> 1 THEN 'CACHE ' || \(sequence).seqcache END,
                CASE WHEN \(sequence).seqcycle THEN 'CYCLE' END], NULL)
            """
    }

    /// Rows that are parts of relations: the indexes of constraints, defaults that need anything, the queries of views,
    /// the sequences of identity columns.
    static let relationAliases = """
        SELECT 'pg_class'::regclass::oid, k.conindid, 0, 'pg_constraint'::regclass::oid, k.oid, 0
        FROM pg_catalog.pg_constraint k WHERE k.contype IN ('p', 'u', 'x') AND k.conindid >= 16384
        UNION ALL
        SELECT x.classid, x.objid, 0, 'pg_class'::regclass, d.adrelid, d.adnum
        FROM pg_catalog.pg_depend x JOIN pg_catalog.pg_attrdef d ON d.oid = x.objid
        WHERE x.classid = 'pg_attrdef'::regclass AND x.deptype = 'n' AND d.adrelid >= 16384
        UNION ALL
        SELECT 'pg_rewrite'::regclass, r.oid, 0, 'pg_class'::regclass, r.ev_class, 0
        FROM pg_catalog.pg_rewrite r WHERE r.ev_type = '1' AND r.rulename = '_RETURN' AND r.ev_class >= 16384
        UNION ALL
        SELECT d.classid, d.objid, 0, d.refclassid, d.refobjid, d.refobjsubid
        FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
          AND d.deptype = 'i' AND d.objid <> d.refobjid
        """

    /// Edges that `pg_depend` does not have: what a column of a child table has from its parent's column.
    static let inheritedColumns = """
        SELECT 'pg_class'::regclass::oid, child.attrelid, child.attnum::integer,
               'pg_class'::regclass::oid, parent.attrelid, parent.attnum::integer
        FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_attribute child ON child.attrelid = i.inhrelid
        JOIN pg_catalog.pg_attribute parent ON parent.attrelid = i.inhparent AND parent.attname = child.attname
        JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p', 'f')
        WHERE child.attnum > 0 AND NOT child.attisdropped AND parent.attnum > 0
        """
}
