import Postgres
import TestSupport
import Testing

@Suite("What is said of a lock on a table in use")
struct LockOutputTests {
    @Test("is text on standard error, and an event as JSON", arguments: ["text", "json"])
    func isSaid(format: String) async throws {
        try await withProject(["m/0001_t.sql": "alter table t add column b int; select pg_sleep(1)"]) {
            lastro,
            _,
            url in
            try await run("create table t (a int)", on: url)
            try await withPostgresConnection(to: ConnectionSettings(url)) { other in
                try await other.script("begin; select * from t")
                let outcome = try await lastro.running("migrate", "--format", format) {
                    try await wait(until: "select to_regclass('lastro_events') is not null", on: url)
                    try await wait(
                        until: "select count(*) > 0 from lastro_events where event = 'lock-ahead'",
                        on: url
                    )
                    try await other.script("commit")
                }
                #expect(outcome.status == 0, "\(outcome.errors)")
                if format == "text" {
                    #expect(
                        outcome.errors.contains(
                            "0001_t: needs ACCESS EXCLUSIVE on public.t; in the way: process \(other.backendPID) ("
                        ),
                        "\(outcome.errors)"
                    )
                    #expect(outcome.errors.contains("0001_t: held ACCESS EXCLUSIVE on t for 1"), "\(outcome.errors)")
                } else {
                    let lines = outcome.output.split(separator: "\n")
                    let ahead = try #require(lines.first { $0.contains(#""event":"lock-ahead""#) })
                    #expect(
                        ahead.contains(
                            #""locks":[{"estimated_rows":0,"lock":"ACCESS EXCLUSIVE","table":"public.t"}],"migration":"0001_t""#
                        )
                    )
                    #expect(
                        ahead.contains(#""pid":\#(other.backendPID),"#) && ahead.contains(#""tables":["public.t"]"#)
                    )
                    let held = try #require(lines.first { $0.contains(#""event":"lock-held""#) })
                    #expect(held.contains(#""lock":"ACCESS EXCLUSIVE","migration":"0001_t","number":1,"tables":["t"]"#))
                }
            }
        }
    }
}
