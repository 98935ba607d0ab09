import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

@Suite("What the rules will not do, or warn of")
struct ObjectHazardTests {
    private func plan(_ from: String, _ to: String) async throws -> SchemaPlan {
        var result: SchemaPlan?
        try await withSuperuserDatabase { before in
            try await withSuperuserDatabase { after in
                for (sql, settings) in [(from, before), (to, after)] {
                    try await withPostgresConnection(to: settings) { _ = try await $0.script(KindCase.roles + sql) }
                }
                result = try SchemaDiff.plan(from: try await catalog(of: before), to: try await catalog(of: after))
            }
        }
        return try #require(result)
    }

    @Test(
        "is refused with the reason",
        arguments: [
            (
                "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TYPE c AS (x e); CREATE TABLE t (c c)",
                "CREATE TYPE e AS ENUM ('b'); CREATE TYPE c AS (x e); CREATE TABLE t (c c)",
                "enum public.e cannot be changed by a plan: values go or change places, and composite type public.c"
            ),
            (
                "CREATE TYPE c AS (x integer); CREATE TABLE t (c c)",
                "CREATE TYPE c AS (x text); CREATE TABLE t (c c)",
                "composite type public.c cannot be changed by a plan: x gets another type, and column public.t.c holds"
            ),
            (
                "CREATE DOMAIN d AS integer; CREATE TABLE t (d d)", "CREATE DOMAIN d AS text; CREATE TABLE t (d d)",
                "domain public.d cannot be changed by a plan: it is to narrow another type, and column public.t.d"
            ),
            (
                "CREATE TYPE r AS RANGE (subtype = integer); CREATE TABLE t (r r)",
                "CREATE TYPE r AS RANGE (subtype = bigint); CREATE TABLE t (r r)",
                "range type public.r cannot be changed by a plan: subtype can only be changed by making it again"
            ),
        ]
    )
    func isRefused(from: String, to: String, words: String) async throws {
        let error = await #expect(throws: SchemaDiffError.self) { _ = try await plan(from, to) }
        #expect(error?.message.hasPrefix(words) == true, "\(String(describing: error))")
    }

    @Test(
        "carries a hazard",
        arguments: [
            ("CREATE TYPE e AS ENUM ('a')", "CREATE TYPE e AS ENUM ('a', 'b')", Hazard.Kind.irreversible),
            (
                "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (e e)",
                "CREATE TYPE e AS ENUM ('b'); CREATE TABLE t (e e)", .rewritesTable
            ),
            (
                "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 2'", .untrackedDependency
            ),
            ("CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "", .untrackedDependency),
            (
                """
                CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                CREATE TABLE t (a integer); CREATE INDEX i ON t (f(a))
                """,
                """
                CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';
                CREATE TABLE t (a integer); CREATE INDEX i ON t (f(a))
                """,
                .correctness
            ),
            ("CREATE SCHEMA s", "CREATE SCHEMA s AUTHORIZATION reader", .authorisationChange),
            ("CREATE SCHEMA s", "CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO reader", .authorisationChange),
            ("CREATE EXTENSION citext", "", .deletesData),
            (
                "CREATE EXTENSION citext VERSION '1.4'", "CREATE EXTENSION citext VERSION '1.6'",
                .extensionVersionChange
            ),
            (
                "CREATE DOMAIN d AS integer; CREATE TABLE t (d d)",
                "CREATE DOMAIN d AS integer CHECK (VALUE > 0); CREATE TABLE t (d d)", .validatesConstraint
            ),
            (
                "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w",
                """
                CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
                CREATE USER MAPPING FOR reader SERVER s OPTIONS (password 'geheim')
                """,
                .correctness
            ),
        ]
    )
    func carriesHazard(from: String, to: String, hazard: Hazard.Kind) async throws {
        let plan = try await plan(from, to)
        #expect(plan.hazards.contains(hazard), "\(plan.steps)")
        #expect(try await self.plan(to, to).steps.isEmpty)
    }

    @Test("names no hazard for what is new")
    func isHarmlessWhereNew() async throws {
        let plan = try await plan(
            "",
            "CREATE EXTENSION citext; CREATE TYPE e AS ENUM ('a'); GRANT USAGE ON TYPE e TO reader;"
                + "CREATE TABLE t (a citext, b e)"
        )
        #expect(plan.hazards.isEmpty)
    }
}
