SELECT 1;
SELECT 2 -- carriage
;

INSERT INTO "t" VALUES (1, E'a\';');
SELECT 3
