extension CatalogQuery {
    /// Text search parsers.
    static let textSearchParsers = CatalogQuery(
        """
        SELECT 'pg_ts_parser'::regclass::oid, p.oid, 0, 'text search parser', n.nspname, NULL, p.prsname, NULL,
               \(SystemCatalogs.functionName("p.prsstart")) AS start,
               \(SystemCatalogs.functionName("p.prstoken")) AS gettoken,
               \(SystemCatalogs.functionName("p.prsend")) AS end,
               \(SystemCatalogs.functionName("p.prsheadline")) AS headline,
               \(SystemCatalogs.functionName("p.prslextype")) AS lextypes
        FROM pg_catalog.pg_ts_parser p
        JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace
        WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_ts_parser", "p.oid"))
        """
    )

    /// Text search templates.
    static let textSearchTemplates = CatalogQuery(
        """
        SELECT 'pg_ts_template'::regclass::oid, t.oid, 0, 'text search template', n.nspname, NULL, t.tmplname, NULL,
               \(SystemCatalogs.functionName("t.tmplinit")) AS init,
               \(SystemCatalogs.functionName("t.tmpllexize")) AS lexize
        FROM pg_catalog.pg_ts_template t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace
        WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_ts_template", "t.oid"))
        """
    )

    /// Text search dictionaries.
    static let textSearchDictionaries = CatalogQuery(
        """
        SELECT 'pg_ts_dict'::regclass::oid, d.oid, 0, 'text search dictionary', n.nspname, NULL, d.dictname, NULL,
               pg_get_userbyid(d.dictowner) AS owner,
               quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) AS template,
               d.dictinitoption AS options
        FROM pg_catalog.pg_ts_dict d
        JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
        JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
        JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace
        WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_ts_dict", "d.oid"))
        """
    )

    /// Text search configurations.
    static let textSearchConfigurations = CatalogQuery(
        """
        SELECT 'pg_ts_config'::regclass::oid, c.oid, 0, 'text search configuration', n.nspname, NULL, c.cfgname, NULL,
               pg_get_userbyid(c.cfgowner) AS owner,
               quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) AS parser,
               (SELECT array_agg(quote_ident(m.alias) || ' ' || m.dictionaries ORDER BY m.alias COLLATE "C")
                FROM (SELECT y.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
                      FROM pg_catalog.pg_ts_config_map m
                      JOIN pg_catalog.ts_token_type(c.cfgparser) y ON y.tokid = m.maptokentype
                      WHERE m.mapcfg = c.oid GROUP BY y.alias) m) AS mappings
        FROM pg_catalog.pg_ts_config c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
        JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
        WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_ts_config", "c.oid"))
        """
    )
}
