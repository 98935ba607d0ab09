import Postgres

extension CatalogQuery {
    /// Languages.
    static let languages = CatalogQuery(
        """
        SELECT 'pg_language'::regclass::oid, l.oid, 0, 'language', NULL, NULL, l.lanname, NULL,
               pg_get_userbyid(l.lanowner) AS owner,
               l.lanpltrusted AS trusted,
               \(SystemCatalogs.functionName("l.lanplcallfoid")) AS handler,
               \(SystemCatalogs.functionName("l.laninline")) AS inline,
               \(SystemCatalogs.functionName("l.lanvalidator")) AS validator
        FROM pg_catalog.pg_language l
        WHERE l.lanispl AND \(SystemCatalogs.isUserObject("pg_language", "l.oid"))
        """
    )

    /// Access methods.
    static let accessMethods = CatalogQuery(
        """
        SELECT 'pg_am'::regclass::oid, a.oid, 0, 'access method', NULL, NULL, a.amname, NULL,
               CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END AS type,
               \(SystemCatalogs.functionName("a.amhandler")) AS handler
        FROM pg_catalog.pg_am a
        WHERE \(SystemCatalogs.isUserObject("pg_am", "a.oid"))
        """
    )

    /// Collations, without the version of the library that a database happened to see.
    static func collations(for server: ServerVersion) -> CatalogQuery {
        let locale = server.major >= 17 ? "c.colllocale" : "c.colliculocale"
        let rules = server.major >= 16 ? "c.collicurules" : "NULL::text"
        return CatalogQuery(
            """
            SELECT 'pg_collation'::regclass::oid, c.oid, 0, 'collation', n.nspname, NULL, c.collname, NULL,
                   pg_get_userbyid(c.collowner) AS owner,
                   CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' WHEN 'd' THEN 'default'
                                       ELSE 'libc' END AS provider,
                   c.collcollate::text AS lc_collate, c.collctype::text AS lc_ctype,
                   \(locale) AS locale, \(rules) AS rules,
                   NOT c.collisdeterministic AS nondeterministic
            FROM pg_catalog.pg_collation c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
            WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_collation", "c.oid"))
            """
        )
    }

    /// Conversions between encodings.
    static let conversions = CatalogQuery(
        """
        SELECT 'pg_conversion'::regclass::oid, c.oid, 0, 'conversion', n.nspname, NULL, c.conname, NULL,
               pg_get_userbyid(c.conowner) AS owner,
               pg_encoding_to_char(c.conforencoding)::text AS from_encoding,
               pg_encoding_to_char(c.contoencoding)::text AS to_encoding,
               \(SystemCatalogs.functionName("c.conproc")) AS function,
               c.condefault AS is_default
        FROM pg_catalog.pg_conversion c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
        WHERE \(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_conversion", "c.oid"))
        """
    )

    /// Event triggers.
    static let eventTriggers = CatalogQuery(
        """
        SELECT 'pg_event_trigger'::regclass::oid, e.oid, 0, 'event trigger', NULL, NULL, e.evtname, NULL,
               pg_get_userbyid(e.evtowner) AS owner,
               e.evtevent::text AS event, e.evttags AS tags,
               \(SystemCatalogs.functionName("e.evtfoid")) AS function,
               CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END
                   AS enabled
        FROM pg_catalog.pg_event_trigger e
        WHERE \(SystemCatalogs.isUserObject("pg_event_trigger", "e.oid"))
        """
    )
}
