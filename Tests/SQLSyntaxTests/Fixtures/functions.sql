-- Functions in every quoting that PostgreSQL knows.
CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT ''a;b''';
CREATE OR REPLACE FUNCTION dollar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- a ; and a $ and a 'quote in a body
    NEW.updated_at := now(); RETURN NEW;
END
$$;
CREATE FUNCTION tagged() RETURNS text AS $body$ SELECT $$ nested ; $$ || $x$ ' " $x$; $body$ LANGUAGE sql;
CREATE FUNCTION überzug() RETURNS text LANGUAGE sql AS $größe$ SELECT '$größ$;'; $größe$;
CREATE FUNCTION overlap() RETURNS text LANGUAGE sql AS $a$ $ab$a$;
DO $do$ BEGIN EXECUTE $q$ DROP TABLE IF EXISTS t; $q$; END $do$;
DO LANGUAGE plpgsql 'BEGIN NULL; END';
CREATE FUNCTION standard(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO log (what) VALUES ('begin; end');
    SELECT CASE WHEN a > 0 THEN CASE b WHEN 1 THEN 2 ELSE 3 END ELSE 0 END;
END;
CREATE OR REPLACE PROCEDURE "Begin Atomic"(INOUT x int) LANGUAGE sql
begin /* between */ atomic
    SELECT 1 AS end;
    SELECT t.end, t.begin, t."case" FROM (SELECT 1 AS "end", 2 AS begin, 3 AS "case") t;
    UPDATE log SET what = (CASE WHEN true THEN 'x' END) WHERE what = 'end;';
END;
CREATE FUNCTION empty_body() RETURNS void BEGIN ATOMIC END;
CREATE FUNCTION returns_expression(x int) RETURNS int RETURN CASE WHEN x > 1 THEN x ELSE 1 END;
CREATE FUNCTION outer_function() RETURNS void LANGUAGE sql BEGIN ATOMIC
    CREATE FUNCTION inner_function() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;
    SELECT 3;
END;
CREATE FUNCTION takes_begin(begin atomic, "end" int) RETURNS int LANGUAGE sql AS 'select 1';
SELECT begin FROM (SELECT 1 AS begin) atomic;
