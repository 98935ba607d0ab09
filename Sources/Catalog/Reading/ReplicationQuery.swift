import Postgres

extension CatalogQuery {
    /// Publications, with the tables and schemas in them.
    static func publications(for server: ServerVersion) -> CatalogQuery {
        let generated =
            server.major >= 18 ? "CASE p.pubgencols WHEN 's' THEN 'stored' END" : "NULL::text"
        return CatalogQuery(
            """
            SELECT 'pg_publication'::regclass::oid, p.oid, 0, 'publication', NULL, NULL, p.pubname, NULL,
                   pg_get_userbyid(p.pubowner) AS owner,
                   p.puballtables AS all_tables,
                   array_remove(ARRAY[CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                                      CASE WHEN p.pubdelete THEN 'delete' END,
                                      CASE WHEN p.pubtruncate THEN 'truncate' END], NULL) AS publish,
                   p.pubviaroot AS via_root,
                   \(generated) AS generated_columns,
                   r.tables, s.schemas
            FROM pg_catalog.pg_publication p
            LEFT JOIN (
                SELECT r.prpubid,
                       array_agg(
                           r.prrelid::regclass::text
                           || coalesce((SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C") || ')'
                                        FROM pg_catalog.pg_attribute a
                                        WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)), '')
                           || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')
                           ORDER BY r.prrelid::regclass::text COLLATE "C") AS tables
                FROM pg_catalog.pg_publication_rel r GROUP BY r.prpubid
            ) r ON r.prpubid = p.oid
            LEFT JOIN (
                SELECT s.pnpubid, array_agg(quote_ident(n.nspname) ORDER BY n.nspname COLLATE "C") AS schemas
                FROM pg_catalog.pg_publication_namespace s
                JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid GROUP BY s.pnpubid
            ) s ON s.pnpubid = p.oid
            WHERE \(SystemCatalogs.isUserObject("pg_publication", "p.oid"))
            """
        )
    }

    /// Subscriptions of this database.
    ///
    /// The connection string is never read: only that there is one is known.
    static func subscriptions(for server: ServerVersion) -> CatalogQuery {
        let streaming =
            server.major >= 16
            ? "CASE s.substream WHEN 't' THEN 'on' WHEN 'p' THEN 'parallel' END"
            : "CASE WHEN s.substream THEN 'on' END"
        let later16 =
            server.major >= 16
            ? ", NOT s.subpasswordrequired AS password_not_required, s.subrunasowner AS run_as_owner, "
                + "NULLIF(s.suborigin, 'any') AS origin" : ""
        let later17 = server.major >= 17 ? ", s.subfailover AS failover" : ""
        return CatalogQuery(
            """
            SELECT 'pg_subscription'::regclass::oid, s.oid, 0, 'subscription', NULL, NULL, s.subname, NULL,
                   pg_get_userbyid(s.subowner) AS owner,
                   true AS secret_connection, s.subpublications AS publications, s.subenabled AS enabled, s.subslotname::text AS slot_name,
                   s.subsynccommit AS synchronous_commit, s.subbinary AS binary, \(streaming) AS streaming,
                   s.subtwophasestate <> 'd' AS two_phase, s.subdisableonerr AS disable_on_error\(later16)\(later17)
            FROM pg_catalog.pg_subscription s
            WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
            """
        )
    }
}
