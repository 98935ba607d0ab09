extension CatalogQuery {
    /// Rewrite rules, but for those that make a view.
    static let rules = CatalogQuery(
        """
        SELECT 'pg_rewrite'::regclass::oid, r.oid, 0, 'rule', n.nspname, c.relname, r.rulename, NULL,
               rtrim(pg_get_ruledef(r.oid), ';') AS definition, \(enabledState("r.ev_enabled")) AS enabled
        FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE r.ev_class >= 16384 AND r.rulename <> '_RETURN' AND c.relpersistence <> 't'
        """
    )

    /// Triggers.
    ///
    /// Copies that a partitioned table brings to its partitions are left out, unless they fire at other times.
    static let triggers = CatalogQuery(
        """
        SELECT 'pg_trigger'::regclass::oid, t.oid, 0, 'trigger', n.nspname, c.relname, t.tgname, NULL,
               pg_get_triggerdef(t.oid) AS definition, \(enabledState("t.tgenabled")) AS enabled,
               p.oid IS NOT NULL AS inherited
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_trigger p ON p.oid = t.tgparentid
        WHERE t.tgrelid >= 16384 AND NOT t.tgisinternal AND c.relpersistence <> 't'
          AND (p.oid IS NULL OR p.tgenabled <> t.tgenabled)
        """
    )

    /// Row-level policies.
    static let policies = CatalogQuery(
        """
        SELECT 'pg_policy'::regclass::oid, p.oid, 0, 'policy', n.nspname, c.relname, p.polname, NULL,
               CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END
                   AS command,
               NOT p.polpermissive AS restrictive,
               CASE WHEN p.polroles <> '{0}' THEN (
                   SELECT array_agg(coalesce(a.rolname::text, 'public') ORDER BY a.rolname COLLATE "C")
                   FROM unnest(p.polroles) r (oid) LEFT JOIN pg_catalog.pg_roles a ON a.oid = r.oid) END AS roles,
               pg_get_expr(p.polqual, p.polrelid) AS using,
               pg_get_expr(p.polwithcheck, p.polrelid) AS with_check
        FROM pg_catalog.pg_policy p
        JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE p.polrelid >= 16384
        """
    )

    /// When a trigger or rule fires, where that is not while the server works on its own.
    private static func enabledState(_ state: String) -> String {
        "CASE \(state) WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END"
    }
}

extension AttributeName {
    /// When a trigger or rule fires, where it was changed: `disabled`, `replica` or `always`.
    public static let enabled = AttributeName(rawValue: "enabled")
    /// The command that a policy is for; absent for all.
    public static let command = AttributeName(rawValue: "command")
    /// Whether a policy narrows what others let through.
    public static let restrictive = AttributeName(rawValue: "restrictive")
    /// The roles that a policy is for, sorted; absent for everybody.
    public static let roles = AttributeName(rawValue: "roles")
    /// Which rows a policy lets be seen.
    public static let using = AttributeName(rawValue: "using")
    /// Which rows a policy lets be written.
    public static let withCheck = AttributeName(rawValue: "with_check")
}
