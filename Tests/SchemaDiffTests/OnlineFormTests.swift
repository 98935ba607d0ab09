import SchemaDiff
import Testing

@Suite("A plan for tables in use")
struct OnlineFormTests {
    private let table = "CREATE TABLE t (id integer NOT NULL, code text, parent integer);"

    private func plan(_ from: String, _ to: String, isOnline: Bool = true) async throws -> [PlanStatement] {
        try await SchemaTrip(
            from: from,
            to: to,
            rows: "INSERT INTO t VALUES (1, 'c', 1)",
            survivors: "SELECT id || code || parent FROM t",
            isOnline: isOnline
        ).run()
    }

    @Test("builds an index without keeping writers out")
    func index() async throws {
        let to = table + "CREATE INDEX by_code ON t (code)"
        let online = try await plan(table, to)
        #expect(online.map(\.sql) == ["CREATE INDEX CONCURRENTLY by_code ON public.t USING btree (code)"])
        #expect(online[0].hazards.map(\.kind) == [.indexBuild, .notTransactional])
        #expect(online[0].lock == .shareUpdateExclusive && !online[0].isTransactional)
        let offline = try await plan(table, to, isOnline: false)
        #expect(offline.map(\.sql) == ["CREATE INDEX by_code ON public.t USING btree (code)"])
        #expect(offline[0].hazards.map(\.kind) == [.indexBuild, .shareLock])
        #expect(offline[0].lock == .share && offline[0].isTransactional)
    }

    @Test("builds an index before it drops the one in whose place it comes")
    func replacement() async throws {
        let statements = try await plan(
            table + "CREATE INDEX by_code ON t (code)",
            table + "CREATE INDEX by_code ON t (code DESC)"
        )
        #expect(
            statements.map(\.sql) == [
                "CREATE INDEX CONCURRENTLY lastro_new_by_code ON public.t USING btree (code DESC)",
                "DROP INDEX CONCURRENTLY public.by_code",
                "ALTER INDEX public.lastro_new_by_code RENAME TO by_code",
            ]
        )
        #expect(statements[1].hazards.map(\.kind) == [.indexDropped, .notTransactional])
    }

    @Test("gives a key an index that is there")
    func keys() async throws {
        let statements = try await plan(
            table,
            table + "ALTER TABLE t ADD CONSTRAINT key PRIMARY KEY (id), ADD CONSTRAINT once UNIQUE (code) DEFERRABLE"
        )
        #expect(
            statements.map(\.sql) == [
                "CREATE UNIQUE INDEX CONCURRENTLY key ON public.t (id)",
                "ALTER TABLE public.t ADD CONSTRAINT key PRIMARY KEY USING INDEX key",
                "CREATE UNIQUE INDEX CONCURRENTLY once ON public.t (code)",
                "ALTER TABLE public.t ADD CONSTRAINT once UNIQUE USING INDEX once DEFERRABLE",
            ]
        )
        #expect(statements[1].hazards == [])
        #expect(statements[1].lock == .accessExclusive)
    }

    @Test("holds rows against a constraint behind its addition")
    func validation() async throws {
        let key = table + "ALTER TABLE t ADD CONSTRAINT key PRIMARY KEY (id);"
        let statements = try await plan(
            key,
            key
                + "ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0), ADD CONSTRAINT up FOREIGN KEY (parent) REFERENCES t"
        )
        #expect(
            statements.map(\.sql) == [
                "ALTER TABLE public.t ADD CONSTRAINT positive CHECK ((id > 0)) NOT VALID",
                "ALTER TABLE public.t VALIDATE CONSTRAINT positive",
                "ALTER TABLE ONLY public.t ADD CONSTRAINT up FOREIGN KEY (parent) REFERENCES public.t(id) NOT VALID",
                "ALTER TABLE public.t VALIDATE CONSTRAINT up",
            ]
        )
        #expect(statements[0].hazards == [])
        #expect(statements[1].hazards.map(\.kind) == [.validatesConstraint])
        #expect(statements[1].lock == .shareUpdateExclusive)
        #expect(statements[2].lock == .shareRowExclusive)
    }

    @Test("refuses null through a check")
    func notNull() async throws {
        let to = table.replacing("code text", with: "code text NOT NULL")
        let statements = try await plan(table, to)
        #expect(
            statements.map(\.sql) == [
                "ALTER TABLE public.t ADD CONSTRAINT lastro_not_null_code CHECK (code IS NOT NULL) NOT VALID",
                "ALTER TABLE public.t VALIDATE CONSTRAINT lastro_not_null_code",
                "ALTER TABLE public.t ALTER COLUMN code SET NOT NULL",
                "ALTER TABLE public.t DROP CONSTRAINT lastro_not_null_code",
            ]
        )
        let offline = try await plan(table, to, isOnline: false)
        #expect(offline.map(\.sql) == ["ALTER TABLE public.t ALTER COLUMN code SET NOT NULL"])
        #expect(offline[0].hazards.map(\.kind) == [.validatesConstraint, .accessExclusiveLock])
    }

    @Test("builds the parts of an index one by one and attaches them")
    func partitions() async throws {
        let partitions = """
            CREATE TABLE t (id integer NOT NULL, code text, parent integer) PARTITION BY LIST (id);
            CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
            """
        let statements = try await plan(partitions, partitions + "CREATE INDEX by_code ON t (code)")
        #expect(
            statements.map(\.sql) == [
                "CREATE INDEX by_code ON ONLY public.t USING btree (code)",
                "CREATE INDEX CONCURRENTLY t1_code_idx ON public.t1 USING btree (code)",
                "ALTER INDEX public.by_code ATTACH PARTITION public.t1_code_idx",
            ]
        )
        #expect(statements[0].hazards == [])
        #expect(statements[1].hazards.map(\.kind) == [.indexBuild, .notTransactional])
    }

    @Test("tells what deletes, what rewrites and what locks")
    func hazards() async throws {
        func kinds(_ from: String, _ to: String) async throws -> Set<Hazard.Kind> {
            Set(try await SchemaTrip(from: from, to: to).run().flatMap(\.hazards).map(\.kind))
        }
        func adding(_ column: String) async throws -> Set<Hazard.Kind> {
            try await kinds(table, table + "ALTER TABLE t ADD \(column)")
        }
        let dropped = try await kinds(table, "")
        #expect(dropped == [.deletesData])
        let narrowed = try await kinds(table, "CREATE TABLE t (id integer NOT NULL, code text)")
        #expect(narrowed == [.deletesData])
        let rewritten = try await kinds(table, table.replacing("id integer", with: "id bigint"))
        #expect(rewritten == [.rewritesTable, .accessExclusiveLock, .correctness])
        let volatile = try await adding("at timestamptz DEFAULT clock_timestamp()")
        #expect(volatile == [.rewritesTable, .accessExclusiveLock])
        let stable = try await adding("at timestamptz NOT NULL DEFAULT now()")
        #expect(stable == [])
        let demanded = try await adding("must integer NOT NULL")
        #expect(demanded == [.correctness])
        let unlogged = try await kinds(table, table.replacing("TABLE", with: "UNLOGGED TABLE"))
        #expect(unlogged == [.rewritesTable, .accessExclusiveLock])
        let secured = try await kinds(table, table + "ALTER TABLE t ENABLE ROW LEVEL SECURITY")
        #expect(secured == [.authorisationChange])
        let opened = try await kinds(table + "CREATE POLICY p ON t", table)
        #expect(opened == [.authorisationChange])
        let unindexed = try await kinds(table + "CREATE INDEX i ON t (id)", table)
        #expect(unindexed == [.indexDropped, .notTransactional])
    }

    @Test("is refused where a table is to be divided in another way")
    func refusal() async throws {
        await #expect(throws: SchemaDiffError.self) {
            try await SchemaTrip(
                from: "CREATE TABLE t (id integer) PARTITION BY LIST (id)",
                to: "CREATE TABLE t (id integer) PARTITION BY HASH (id)"
            ).run()
        }
    }
}
