-- The schema and the seed rows of 2 migrations, up to 2_b.
-- A database on which they ran records this file and does not run it.
-- lastro: replaces 1_a v1:7424323486924529824fefd49dc617c2c6a9dcd144dbdc163e4bbee9d90b49f8
-- lastro: replaces 2_b v1:ca6cfa3b66da924ef7a231336a85835e5ae2a82dd88dd79b3e14864fc8282ce1
-- lastro: assert current_schema() = 'public'

CREATE TABLE public.a (
    i integer
);

INSERT INTO public.a (i) VALUES
    (1);
