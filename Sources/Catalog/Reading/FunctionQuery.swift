extension CatalogQuery {
    /// Functions and procedures.
    ///
    /// Those that the server made for a range type are the type's.
    static let functions = CatalogQuery(
        """
        SELECT 'pg_proc'::regclass::oid, p.oid, 0, CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
               n.nspname, NULL, p.proname, oidvectortypes(p.proargtypes),
               pg_get_userbyid(p.proowner) AS owner,
               pg_get_functiondef(p.oid) AS definition,
               pg_get_function_arguments(p.oid) AS arguments,
               p.proargnames AS argument_names,
               NULLIF(p.pronargdefaults, 0) AS argument_defaults,
               pg_get_function_result(p.oid) AS result,
               l.lanname::text AS language,
               p.prosqlbody IS NULL AND l.lanname NOT IN ('c', 'internal') AS untracked_body
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE p.prokind <> 'a' AND \(SystemCatalogs.isUserSchema("n"))
          AND \(SystemCatalogs.isUserObject("pg_proc", "p.oid"))
          AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend i
            WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i'
              AND i.refclassid = 'pg_type'::regclass)
        """
    )

    /// Aggregates; what they are made of is told piece by piece, for no function of the server prints them.
    static let aggregates = CatalogQuery(
        """
        SELECT 'pg_proc'::regclass::oid, p.oid, 0, 'aggregate', n.nspname, NULL, p.proname,
               oidvectortypes(p.proargtypes),
               pg_get_userbyid(p.proowner) AS owner,
               pg_get_function_arguments(p.oid) AS arguments,
               pg_get_function_result(p.oid) AS result,
               a.aggkind = 'h' AS hypothetical,
               CASE WHEN p.proparallel <> 'u' THEN
                   CASE p.proparallel WHEN 's' THEN 'safe' ELSE 'restricted' END END AS parallel,
               \(SystemCatalogs.functionName("a.aggtransfn")) AS sfunc,
               format_type(a.aggtranstype, NULL) AS stype,
               NULLIF(a.aggtransspace, 0) AS sspace,
               \(SystemCatalogs.functionName("a.aggfinalfn")) AS finalfunc,
               a.aggfinalextra AS finalfunc_extra,
               CASE WHEN a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN
                   CASE a.aggfinalmodify WHEN 'r' THEN 'read_only' WHEN 's' THEN 'shareable' ELSE 'read_write' END END
                   AS finalfunc_modify,
               \(SystemCatalogs.functionName("a.aggcombinefn")) AS combinefunc,
               \(SystemCatalogs.functionName("a.aggserialfn")) AS serialfunc,
               \(SystemCatalogs.functionName("a.aggdeserialfn")) AS deserialfunc,
               a.agginitval AS initcond,
               \(SystemCatalogs.functionName("a.aggmtransfn")) AS msfunc,
               \(SystemCatalogs.functionName("a.aggminvtransfn")) AS minvfunc,
               CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END AS mstype,
               NULLIF(a.aggmtransspace, 0) AS msspace,
               \(SystemCatalogs.functionName("a.aggmfinalfn")) AS mfinalfunc,
               a.aggmfinalextra AS mfinalfunc_extra,
               CASE WHEN a.aggmtransfn <> 0 AND a.aggmfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN
                   CASE a.aggmfinalmodify WHEN 'r' THEN 'read_only' WHEN 's' THEN 'shareable' ELSE 'read_write' END END
                   AS mfinalfunc_modify,
               a.aggminitval AS minitcond,
               CASE WHEN a.aggsortop <> 0 THEN
                   'OPERATOR(' || quote_ident(son.nspname) || '.' || so.oprname || ')' END AS sortop
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = p.oid
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        LEFT JOIN pg_catalog.pg_operator so ON so.oid = a.aggsortop
        LEFT JOIN pg_catalog.pg_namespace son ON son.oid = so.oprnamespace
        WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_proc", "p.oid"))
        """
    )
}

extension AttributeName {
    /// A function's arguments, with names and defaults, as `pg_get_function_arguments` prints them.
    public static let arguments = AttributeName(rawValue: "arguments")
    /// The names of a function's arguments, those of its result among them; empty ones where there are none.
    public static let argumentNames = AttributeName(rawValue: "argument_names")
    /// How many of a function's arguments have a default.
    public static let argumentDefaults = AttributeName(rawValue: "argument_defaults")
    /// What a function returns; absent for a procedure.
    public static let result = AttributeName(rawValue: "result")
    /// The language of a function's body.
    public static let language = AttributeName(rawValue: "language")
    /// Whether a function's body is a text to the server, which does not know what it uses.
    public static let untrackedBody = AttributeName(rawValue: "untracked_body")
}
