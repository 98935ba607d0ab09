import Testing

@testable import SchemaDiff

@Suite("A printed expression")
struct PrintedExpressionTests {
    @Test(
        "surely means something else where its constants do",
        arguments: [
            ("0", "1"), ("0", "0.0"), ("true", "false"), ("'a'::text", "'b'::text"), ("'-1'::integer", "1"),
            ("'{}'::text[]", "'{a}'::text[]"), ("'it''s'::character varying", "'it'::character varying"),
            (
                "CHECK (((state)::text = ANY ((ARRAY['new'::character varying, 'open'::character varying])::text[])))",
                "CHECK (((state)::text = ANY (ARRAY[('new'::character varying)::text, ('done'::character varying)::text])))"
            ),
            ("f('a'::text, $x$ b $x$)", "f('a'::text, $x$ c $x$)"), ("(E'a\\'b'::text || x)", "(E'a\\'c'::text || x)"),
        ]
    )
    func differs(left: String, right: String) {
        #expect(!PrintedExpression(left).mayMean(PrintedExpression(right), sameMajor: true))
    }

    @Test(
        "may mean the same in other words, and under other settings",
        arguments: [
            (
                "CHECK (((state)::text = ANY ((ARRAY['new'::character varying, 'open'::character varying])::text[])))",
                "CHECK (((state)::text = ANY (ARRAY[('new'::character varying)::text, ('open'::character varying)::text])))"
            ),
            (
                "'2026-01-01 00:00:00+00'::timestamp with time zone",
                "'2026-01-01 01:00:00+01'::timestamp with time zone"
            ),
            ("'1 day'::interval", "'P1D'::interval"), ("(0)::numeric", "0"), ("now()", "CURRENT_TIMESTAMP"),
            ("'a'::text.mood", "'b'::text.mood"), ("(x > 1)", "(x > 2)"),
            ("FOR VALUES FROM ('2026-01-01 00:00:00+00')", "FOR VALUES FROM ('2026-01-01 01:00:00+01')"),
            ("(\"it's\" || 'a'::text)", "((\"it's\") || 'a'::text)"),
        ]
    )
    func mayBeTheSame(left: String, right: String) {
        #expect(PrintedExpression(left).mayMean(PrintedExpression(right), sameMajor: true))
    }

    @Test("of another major version is judged by constants alone, not by those in an expression")
    func isJudgedAcrossVersions() {
        #expect(PrintedExpression("(x || 'a'::text)").mayMean(PrintedExpression("(x || 'b'::text)"), sameMajor: false))
        #expect(!PrintedExpression("'a'::text").mayMean(PrintedExpression("'b'::text"), sameMajor: false))
    }
}
