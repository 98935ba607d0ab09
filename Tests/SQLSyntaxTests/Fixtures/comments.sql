-- header; with a semicolon
/* block ; /* nested ; */ still ' in " here */
SELECT 1 /* in ; side */ + /**/ 2 --tail ;
; -- after
/***/ SELECT 3 /* ** // /*/ */ */ ; /*/**/*/
SELECT 4 */* cut operator */ 5 -- '
;
SELECT 6 -- ends with carriage return; ';
- 1;
SELECT 7 @-- operator before
1, 8 ^/* ; */2;
SELECT - - 9, 10 - -1;
SELECT/**/11/**/;
-- the last word
