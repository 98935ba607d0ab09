/// SQL that tells how what stands there differs from what a skipped statement says.
enum SoundnessProbes {
    /// Functions in the session's temporary schema, where no history meets them.
    static let functions = """
        CREATE FUNCTION pg_temp.constraint_text(of oid, probe text, wanted text) RETURNS text LANGUAGE sql AS $f$
            SELECT replace(replace(pg_get_constraintdef(of), probe, wanted), 'lastro_probe', wanted)
        $f$;
        CREATE FUNCTION pg_temp.default_text(of oid, number smallint) RETURNS text LANGUAGE sql AS $f$
            SELECT CASE WHEN d.text LIKE 'nextval%' THEN 'nextval' ELSE d.text END FROM (
                SELECT pg_get_expr(adbin, adrelid) AS text FROM pg_attrdef WHERE adrelid = of AND adnum = number
            ) d
        $f$;
        -- Which columns and constraints a table lacks that another one has; what it has more is no difference.
        CREATE FUNCTION pg_temp.table_difference(there regclass, probe regclass, renamed text, wanted text) RETURNS text
        LANGUAGE sql AS $f$
            SELECT string_agg(what, '; ') FROM (
                SELECT 'column ' || p.attname AS what FROM pg_attribute p
                LEFT JOIN pg_attribute t ON t.attrelid = there AND NOT t.attisdropped
                    AND t.attname = CASE WHEN p.attname = renamed THEN wanted ELSE p.attname END
                WHERE p.attrelid = probe AND p.attnum > 0 AND NOT p.attisdropped AND (
                    t.attname IS NULL OR (t.atttypid, t.atttypmod) <> (p.atttypid, p.atttypmod)
                    OR p.attnotnull AND NOT t.attnotnull OR p.attidentity <> t.attidentity AND p.attidentity <> ''
                    OR p.attgenerated <> t.attgenerated
                    OR pg_temp.default_text(probe, p.attnum) <> coalesce(pg_temp.default_text(there, t.attnum), '')
                )
                UNION ALL
                SELECT c.contype::text || ': ' || pg_get_constraintdef(c.oid) FROM pg_constraint c
                WHERE c.conrelid = probe AND c.contype IN ('c', 'f', 'p', 'u', 'x') AND NOT EXISTS (
                    SELECT FROM pg_constraint o WHERE o.conrelid = there AND o.contype = c.contype
                        AND pg_temp.constraint_text(o.oid, probe::text, there::text)
                            = pg_temp.constraint_text(c.oid, probe::text, there::text)
                ) AND NOT (c.contype = 'u' AND EXISTS (
                    SELECT FROM pg_index i WHERE i.indrelid = there AND i.indisunique AND i.indpred IS NULL
                        AND i.indexprs IS NULL AND (SELECT array_agg(a.attname ORDER BY a.attname) FROM pg_attribute a
                            WHERE a.attrelid = there AND a.attnum = ANY (i.indkey))
                        = (SELECT array_agg(a.attname ORDER BY a.attname) FROM pg_attribute a
                            WHERE a.attrelid = probe AND a.attnum = ANY (c.conkey))
                ))
                UNION ALL
                SELECT 'kind' FROM pg_class t, pg_class p
                WHERE t.oid = there AND p.oid = probe AND t.relkind <> p.relkind
            ) d
        $f$;
        -- How a column differs from the probe beside it, and which constraints of its own it lacks.
        CREATE FUNCTION pg_temp.column_difference(of regclass, name text) RETURNS text LANGUAGE sql AS $f$
            SELECT string_agg(what, '; ') FROM (
                SELECT 'column' AS what FROM pg_attribute p, pg_attribute t
                WHERE p.attrelid = of AND p.attname = 'lastro_probe' AND t.attrelid = of AND t.attname = name AND (
                    (t.atttypid, t.atttypmod) <> (p.atttypid, p.atttypmod) OR p.attnotnull AND NOT t.attnotnull
                    OR pg_temp.default_text(of, p.attnum) <> coalesce(pg_temp.default_text(of, t.attnum), '')
                )
                UNION ALL
                SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_attribute p
                    ON p.attrelid = of AND p.attname = 'lastro_probe' AND p.attnum = ANY (c.conkey)
                WHERE c.conrelid = of AND NOT EXISTS (
                    SELECT FROM pg_constraint o WHERE o.conrelid = of AND o.oid <> c.oid AND o.contype = c.contype
                        AND pg_get_constraintdef(o.oid) = replace(pg_get_constraintdef(c.oid), 'lastro_probe', name)
                )
            ) d
        $f$;
        CREATE FUNCTION pg_temp.index_difference(there regclass, probe regclass) RETURNS text LANGUAGE sql AS $f$
            SELECT CASE WHEN replace(pg_get_indexdef(there), quote_ident(t.relname) || ' ON', 'ON')
                <> replace(pg_get_indexdef(probe), quote_ident(p.relname) || ' ON', 'ON') THEN 'index' END
            FROM pg_class t, pg_class p WHERE t.oid = there AND p.oid = probe
        $f$;
        CREATE FUNCTION pg_temp.label_difference(there regtype, labels text[]) RETURNS text LANGUAGE sql AS $f$
            SELECT CASE WHEN NOT labels <@ array(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = there)
                THEN 'labels' END
        $f$;
        CREATE FUNCTION pg_temp.constraint_difference(of regclass, name text) RETURNS text LANGUAGE sql AS $f$
            -- One that is validated is more than one that is not.
            SELECT CASE WHEN pg_get_constraintdef(t.oid) NOT IN (
                pg_get_constraintdef(p.oid), replace(pg_get_constraintdef(p.oid), ' NOT VALID', '')
            ) THEN 'constraint' END
            FROM pg_constraint t, pg_constraint p
            WHERE t.conrelid = of AND t.conname = name AND p.conrelid = of AND p.conname = 'lastro_probe'
        $f$;
        """

    /// A block that runs scripts and then statements, and tells in a setting what failed and which skips hide something.
    ///
    /// It stops at the first statement that fails. Each line of `lastro.outcome` is `fails|number|SQLSTATE|message` or
    /// `differs|number|words`.
    static func script(start: [String], _ statements: [HistoryStatement]) -> String {
        func array(_ values: [String]) -> String {
            "ARRAY[" + values.map { "$lastro_item$\($0)$lastro_item$" }.joined(separator: ", ") + "]::text[]"
        }
        return """
            DO $lastro_run$ DECLARE
                starts text[] := \(array(start));
                statements text[] := \(array(statements.map(\.sql)));
                looks text[] := \(array(statements.map { $0.looksFor?.isThere ?? "" }));
                probes text[] := \(array(statements.map { $0.looksFor?.probe ?? "" }));
                differences text[] := \(array(statements.map { $0.looksFor?.difference ?? "" }));
                outcome text := '';
                is_there boolean;
                difference text;
            BEGIN
                FOR i IN 1..cardinality(starts) LOOP
                    BEGIN EXECUTE starts[i]; EXCEPTION WHEN OTHERS THEN NULL; END;
                END LOOP;
                FOR i IN 1..cardinality(statements) LOOP
                    is_there := false;
                    IF looks[i] <> '' THEN EXECUTE 'SELECT ' || looks[i] INTO is_there; END IF;
                    BEGIN
                        EXECUTE statements[i];
                    EXCEPTION WHEN OTHERS THEN
                        outcome := outcome || format('fails|%s|%s|%s', i, sqlstate, replace(sqlerrm, E'\\n', ' ')) || E'\\n';
                        EXIT;
                    END;
                    IF is_there THEN
                        difference := CASE WHEN differences[i] = '' THEN 'not known: nothing to compare it with' END;
                        BEGIN
                            IF probes[i] <> '' THEN EXECUTE probes[i]; END IF;
                            IF differences[i] <> '' THEN EXECUTE 'SELECT ' || differences[i] INTO difference; END IF;
                            RAISE EXCEPTION 'lastro_done';
                        EXCEPTION WHEN OTHERS THEN
                            IF sqlerrm <> 'lastro_done' THEN difference := 'not known: ' || sqlerrm; END IF;
                        END;
                        IF difference <> '' THEN
                            outcome := outcome || format('differs|%s|%s', i, replace(difference, E'\\n', ' ')) || E'\\n';
                        END IF;
                    END IF;
                END LOOP;
                PERFORM set_config('lastro.outcome', outcome, false);
            END $lastro_run$
            """
    }
}
