SELECT 'it''s', 'back\', 'semi;colon', '--not a comment', '/* nor this */';
SELECT E'esc\'aped;', e'\\', E'a''b', E'\x41\u00e9\U0001F600', E'tail\\';
SELECT U&'d\0061t\+000061', u&'!0061;' UESCAPE '!', U&"d\0061ta" FROM (SELECT 1 AS data) x;
SELECT B'1010', X'1F', b'', x'', N'national;';
SELECT 'first'
    ' second;'
    ' third';
SELECT E'first\n'
  'sec\'ond;' AS continued;
SELECT $$ ; $$, $tag$ ; $$ ; $tag$, $T1$;$T1$, $_$;$_$, $é$;$é$;
SELECT a$b$ FROM (SELECT 1 AS a$b$) t; SELECT a$1, a$$ FROM (SELECT 1 AS a$1, 2 AS a$$) t;
PREPARE p (int, text) AS SELECT $1, $2::text || ';' || $1;
SELECT 1.5e10, .5, 5., 1e5, 1.e-3, 42;
SELECT '';;  ; ; SELECT ''''; SELECT E'';
SELECT 'Zürich; 東京 🙂', "Spalte; mit ""Zitat""" FROM (SELECT 1 AS "Spalte; mit ""Zitat""") "🙂";
