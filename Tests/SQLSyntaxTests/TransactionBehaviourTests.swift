import Postgres
import SQLSyntax
import TestSupport
import Testing

@Suite("A statement's way with transactions")
struct TransactionBehaviourTests {
    @Test(
        "is what the server does inside a transaction",
        arguments: [
            "vacuum", "vacuum (analyze) t", "create index concurrently i on t (a)",
            "create unique index concurrently on t (a)",
            "drop index concurrently i0", "reindex index concurrently i0", "reindex table concurrently t",
            "reindex schema public",
            "reindex database postgres", "create database x", "drop database x", "alter system set work_mem = '5MB'",
            "create tablespace x location '/tmp/x'", "drop tablespace x", "cluster", "discard all",
            "alter database postgres set tablespace x",
            "alter table p detach partition p1 concurrently",
            "create subscription s connection 'host=nowhere' publication p",
            // and what runs
            "create index i on t (a)", "drop index i0", "reindex table t", "reindex index i0", "cluster t using i0",
            "discard plans",
            "alter database postgres set work_mem = '5MB'", "alter table p detach partition p1",
            "create table x (i int)",
            "refresh materialized view concurrently m", "analyze", "alter type e add value 'y'", "truncate t",
            "lock table t",
            "prepare q as select 1", "set local work_mem = '5MB'", "create index \"concurrently\" on t (a)",
            "comment on table t is 'concurrently'",
            "create subscription s connection 'host=nowhere' publication p with (connect = false)",
        ]
    )
    func agreesWithTheServer(sql: String) async throws {
        let statement = try #require(try SQLScript(sql).statements.first)
        let superuser = try await TestServer.standard.superuser()
        let refusal = try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings.with("user", superuser["user"])) { connection in
                try await connection.script(
                    """
                    create table t (a int primary key); create index i0 on t (a); create type e as enum ('x');
                    create table p (a int) partition by range (a); create table p1 partition of p for values from (1) to (2);
                    create materialized view m as select 1 as a; create unique index on m (a);
                    """
                )
                do {
                    try await connection.script("BEGIN")
                    try await connection.script(sql)
                    return false
                } catch let error as PostgresError {
                    return error.sqlState == .activeTransaction
                }
            }
        }
        #expect((statement.transactionBehaviour != .transactional) == refusal)
    }

    @Test(
        "is control for what begins and ends transactions",
        arguments: [
            "begin", "start transaction isolation level serializable", "commit", "end", "rollback", "abort",
            "savepoint a", "release a",
            "rollback to a", "prepare transaction 'x'", "commit prepared 'x'", "set transaction read only",
        ]
    )
    func knowsControl(sql: String) throws {
        let statement = try #require(try SQLScript("/* x */ " + sql).statements.first)
        guard case .controlsTransaction = statement.transactionBehaviour else {
            Issue.record("\(statement.transactionBehaviour)")
            return
        }
    }
}
