import Postgres

extension RelationFacts {
    /// Reads relations and, of indexes, the tables that they are of.
    static func read(_ oids: [Int], on connection: PostgresConnection, marker: RunMarker) async throws -> [Int: Self] {
        guard !oids.isEmpty else { return [:] }
        let list = Set(oids).sorted().map(String.init).joined(separator: ", ")
        let rows = try await connection.script("\(marker) \(sql(list))")
        let facts = try (rows.last?.decode(as: PostgresJSON<Self>.self) ?? []).map(\.value)
        return Dictionary(facts.map { ($0.oid, $0) }) { first, _ in first }
    }

    /// One JSON document a relation.
    private static func sql(_ oids: String) -> String {
        """
        SELECT pg_catalog.jsonb_build_object(
            'oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
            'persistence', c.relpersistence, 'method', am.amname, 'tablespace', ts.spcname,
            'options', coalesce(pg_catalog.to_jsonb(c.reloptions), '[]'), 'toastOptions', coalesce(pg_catalog.to_jsonb(toast.reloptions), '[]'),
            'rowType', c.reloftype::bigint, 'isPartition', c.relispartition,
            'parents', coalesce((SELECT pg_catalog.jsonb_agg(inhparent::bigint ORDER BY inhseqno) FROM pg_catalog.pg_inherits
                WHERE inhrelid = c.oid), '[]'),
            'bound', pg_catalog.pg_get_expr(c.relpartbound, c.oid),
            'partitionKey', CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
            'server', (SELECT srvname FROM pg_catalog.pg_foreign_table f
                JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid),
            'columns', coalesce((\(columns)), '[]'),
            'constraints', coalesce((\(constraints)), '[]'),
            'index', (\(index)),
            'sequence', (\(sequence("c.oid"))),
            'query', CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
            LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
            LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
        WHERE c.oid IN (\(oids)) OR c.oid IN (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid IN (\(oids)))
        """
    }

    private static let columns = """
        SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
            'number', a.attnum, 'name', a.attname, 'type', a.atttypid::bigint, 'modifier', a.atttypmod,
            'typeName', pg_catalog.format_type(a.atttypid, a.atttypmod), 'isNotNull', a.attnotnull,
            'expression', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
            'isTrusted', \(trust("pg_attrdef", "d.oid")) AND \(trust("pg_class", "c.oid", "a.attnum")),
            'generated', a.attgenerated, 'identity', a.attidentity,
            'collation', a.attcollation::bigint, 'typeCollation', t.typcollation::bigint,
            'collationName', (SELECT pg_catalog.format('%I.%I', cn.nspname, co.collname) FROM pg_catalog.pg_collation co
                JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                WHERE co.oid = a.attcollation AND a.attcollation <> t.typcollation),
            'storage', a.attstorage, 'typeStorage', t.typstorage, 'compression', pg_catalog.to_jsonb(a) ->> 'attcompression',
            'sequence', (\(sequence("i.objid")))) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            LEFT JOIN pg_catalog.pg_depend i ON i.refclassid = 'pg_catalog.pg_class'::regclass AND i.refobjid = c.oid
                AND i.refobjsubid = a.attnum AND i.classid = 'pg_catalog.pg_class'::regclass AND i.deptype = 'i'
                AND a.attidentity <> ''
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        """

    private static let constraints = """
        SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
            'name', k.conname, 'kind', k.contype, 'columns', \(names("k.conkey", of: "k.conrelid")),
            'isValid', k.convalidated, 'isEnforced', coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, true),
            'isDeferrable', k.condeferrable, 'isDeferred', k.condeferred, 'isNotInherited', k.connoinherit,
            'table', k.confrelid::bigint, 'referenced', \(names("k.confkey", of: "k.confrelid")),
            'onUpdate', k.confupdtype, 'onDelete', k.confdeltype, 'match', k.confmatchtype,
            'setColumns', coalesce((SELECT pg_catalog.jsonb_agg(a.attname ORDER BY a.attname) FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = k.conrelid AND pg_catalog.to_jsonb(k) -> 'confdelsetcols' @> pg_catalog.to_jsonb(a.attnum)), '[]'),
            'expression', pg_catalog.pg_get_expr(k.conbin, k.conrelid),
            'isTrusted', \(trust("pg_constraint", "k.oid")),
            'included', coalesce((SELECT \(included("x"))
                FROM pg_catalog.pg_index x WHERE x.indexrelid = k.conindid AND k.contype IN ('p', 'u')), '[]'),
            'nullsAreEqual', coalesce((SELECT (pg_catalog.to_jsonb(x) ->> 'indnullsnotdistinct')::boolean
                FROM pg_catalog.pg_index x WHERE x.indexrelid = k.conindid AND k.contype = 'u'), false),
            'definition', pg_catalog.pg_get_constraintdef(k.oid)) ORDER BY k.conname)
        FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid
        """

    private static let index = """
        SELECT pg_catalog.jsonb_build_object(
            'table', x.indrelid::bigint,
            'tableName', (SELECT pg_catalog.format('%I.%I', tn.nspname, t.relname) FROM pg_catalog.pg_class t
                JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace WHERE t.oid = x.indrelid),
            'isUnique', x.indisunique, 'isValid', x.indisvalid AND x.indisready,
            'nullsAreEqual', coalesce((pg_catalog.to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false),
            'keys', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                'column', a.attname, 'expression', pg_catalog.pg_get_indexdef(x.indexrelid, k, true),
                'operatorClass', oc.opcname, 'operatorClassSchema', ocn.nspname, 'isDefaultClass', oc.opcdefault,
                'collation', (x.indcollation[k - 1])::bigint, 'columnCollation', coalesce(a.attcollation, 0)::bigint,
                'isDescending', (x.indoption[k - 1] & 1) = 1, 'nullsFirst', (x.indoption[k - 1] & 2) = 2) ORDER BY k)
                FROM pg_catalog.generate_series(1, x.indnkeyatts::int) AS k
                    JOIN pg_catalog.pg_opclass oc ON oc.oid = x.indclass[k - 1]
                    JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace
                    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k - 1]
                        AND a.attnum <> 0),
            'included', \(included("x")),
            'predicate', pg_catalog.pg_get_expr(x.indpred, x.indrelid),
            'isTrusted', \(trust("pg_class", "x.indexrelid")))
        FROM pg_catalog.pg_index x WHERE x.indexrelid = c.oid
        """

    /// The names of an index's columns behind its keys.
    private static func included(_ index: String) -> String {
        """
        coalesce((SELECT pg_catalog.jsonb_agg(a.attname ORDER BY g) FROM pg_catalog.generate_series(
            \(index).indnkeyatts::int, \(index).indnatts - 1) AS g
            JOIN pg_catalog.pg_attribute a ON a.attrelid = \(index).indrelid AND a.attnum = \(index).indkey[g]), '[]')
        """
    }

    private static func names(_ numbers: String, of relation: String) -> String {
        """
        coalesce((SELECT pg_catalog.jsonb_agg(a.attname ORDER BY u.place)
            FROM pg_catalog.unnest(\(numbers)) WITH ORDINALITY AS u (number, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = \(relation) AND a.attnum = u.number), '[]')
        """
    }

    private static func sequence(_ oid: String) -> String {
        """
        SELECT pg_catalog.jsonb_build_object('type', pg_catalog.format_type(s.seqtypid, NULL), 'start', s.seqstart,
            'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache, 'cycles', s.seqcycle,
            'ownerTable', o.refobjid::bigint, 'ownerColumn', oa.attname)
        FROM pg_catalog.pg_sequence s
            LEFT JOIN pg_catalog.pg_depend o ON o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = s.seqrelid
                AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.deptype = 'a' AND o.refobjsubid > 0
            LEFT JOIN pg_catalog.pg_attribute oa ON oa.attrelid = o.refobjid AND oa.attnum = o.refobjsubid
        WHERE s.seqrelid = \(oid)
        """
    }

    /// Whether an expression calls only what superusers, or the role itself, have written.
    ///
    /// To have the server read an expression it is planned, and what is immutable in it is run: not as this role, if
    /// anybody else may have written it.
    private static func trust(_ catalog: String, _ oid: String, _ column: String? = nil) -> String {
        """
        NOT EXISTS (SELECT FROM pg_catalog.pg_depend dep
            LEFT JOIN pg_catalog.pg_operator op ON dep.refclassid = 'pg_catalog.pg_operator'::regclass
                AND op.oid = dep.refobjid
            JOIN pg_catalog.pg_proc p ON p.oid = coalesce(op.oprcode::oid, dep.refobjid)
            JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
            WHERE dep.classid = 'pg_catalog.\(catalog)'::regclass AND dep.objid = \(oid)
                \(column.map { "AND dep.objsubid = \($0)" } ?? "")
                AND dep.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)
                AND NOT r.rolsuper AND r.rolname NOT IN (current_user, session_user))
        """
    }
}
