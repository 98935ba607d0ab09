import Postgres
import SourceText
import TestSupport
import Testing

@testable import Migrator

/// The server reads a text whole before it runs any of it.
@Suite("A statement that the server cannot read")
struct UnreadableTextTests {
    private static let broken = "CREATE TABLE a (i int);\n\nALTER TABLE a ADD COLUMN b int;\nALTER TABEL a ADD c int;\n"

    @Test(
        "is named with its place, whatever stands before it",
        arguments: [
            (broken, "statement 3 of 3: syntax error at or near \"TABEL\" (SQLSTATE 42601)", 4, 7),
            ("SELEC 1;\n", "statement 1 of 1: syntax error at or near \"SELEC\" (SQLSTATE 42601)", 1, 1),
            (
                "CREATE TABLE IF NOT EXISTS a (i int);\nSELECT 1;\nCREATE TABLE b (i int,);\n",
                "statement 3 of 3: syntax error at or near \")\" (SQLSTATE 42601)", 3, 23
            ),
            (
                "-- lastro: no-transaction\nCREATE TABLE a (i int);\nVACUUM a a;\n",
                "step 2: syntax error at or near \"a\" (SQLSTATE 42601)", 3, 10
            ),
            (
                "CREATE TABLE a (i int);\nALTER TABLE a ADD",
                "statement 2 of 2: syntax error at or near \";\" (SQLSTATE 42601)", 2, 18
            ),
        ]
    )
    func isNamed(text: String, message: String, line: Int, column: Int) async throws {
        try await withStage(["0001_a.sql": text]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            #expect(error.message == message)
            #expect(error.location?.position == SourcePosition(line: line, column: column))
            #expect(try await stage.states() == ["0001_a failed"])
        }
    }

    @Test("is named in one transaction of several files, too, and in a down file")
    func isNamedElsewhere() async throws {
        let files = [
            "0001_a.sql": "CREATE TABLE a (i int);\n", "0001_a.down.sql": "DROP TABLE a;\nDROP TABEL b;\n",
            "0002_b.sql": "CREATE TABLE b (i int);\nSELEC 1;\n",
        ]
        try await withStage(files) { stage in
            var migrator = stage.migrator()
            migrator.options.isSingleTransaction = true
            let error = try await stage.failure(of: migrator.migrate())
            #expect(error.message == "statement 2 of 2: syntax error at or near \"SELEC\" (SQLSTATE 42601)")
            #expect(error.location?.position == SourcePosition(line: 2, column: 1))
            try await migrator.migrate(to: .through("1"))()
            let undo = try await stage.failure(of: migrator.undo())
            #expect(undo.message == "statement 2 of 2: syntax error at or near \"TABEL\" (SQLSTATE 42601)")
            #expect(undo.location?.file.hasSuffix("0001_a.down.sql") == true)
        }
    }

    @Test("is that of an assertion or a hook where that is what cannot be read")
    func isNamedBeside() async throws {
        try await withStage(["0001_a.sql": "-- lastro: assert SELEC 1\nCREATE TABLE a (i int);\n"]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .statementFailed)
            #expect(error.message.hasPrefix("syntax error at or near \"1\""), "\(error.message)")
            #expect(error.location?.position?.line == 1)
        }
        let files = ["0001_a.sql": "CREATE TABLE a (i int);\n", "before-run.sql": "SELECT 1;\nSELEC 1;\n"]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .hookFailed)
            #expect(error.message.hasPrefix("syntax error at or near \"SELEC\""), "\(error.message)")
            #expect(error.location?.position == SourcePosition(line: 2, column: 1))
        }
    }

    @Test("is the file's as a whole where the server's encoding lacks a character")
    func tellsEncodings() async throws {
        try await withStage(["0001_a.sql": "CREATE TABLE a (i int);\nCOMMENT ON TABLE a IS '日';\n"]) { stage in
            let superuser = try await TestServer.standard.superuser()
            let name = (stage.settings["dbname"] ?? "") + "_latin"
            try await withPostgresConnection(to: superuser) { connection in
                try await connection.script(
                    "CREATE DATABASE \(name) OWNER lastro ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
                )
            }
            let migrator = Migrator(directory: stage.folder.path, database: stage.settings.with(database: name))
            let error = try await stage.failure(of: migrator.migrate())
            try await withPostgresConnection(to: superuser) { connection in
                try await connection.script("DROP DATABASE \(name) WITH (FORCE)")
            }
            #expect(error.code == .statementFailed)
            #expect(error.message.contains("has no equivalent in encoding \"LATIN1\""), "\(error.message)")
        }
    }

    @Test(
        "is not the data of a COPY, however the file is sent",
        arguments: [
            "CREATE TABLE IF NOT EXISTS t (a text);\nCOPY t (a) FROM stdin;\nx\n\\.\n",
            "CREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\nx\n\\.\nCREATE INDEX IF NOT EXISTS t_a ON t (a);\n",
            "CREATE SCHEMA IF NOT EXISTS public;\nCREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\nx\n\\.\nSELECT 1;\n",
            "-- lastro: no-transaction\nCREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\nx\n\\.\nVACUUM t;\n",
        ]
    )
    func isNoData(text: String) async throws {
        try await withStage(["0001_a.sql": text]) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.value("SELECT string_agg(a, ',') = 'x' FROM t"))
        }
    }

    @Test("is not the data of a COPY before a lock on a table in use")
    func isNoDataBeforeLocks() async throws {
        let files = [
            "0001_a.sql": "CREATE TABLE t (a text);\n",
            "0002_b.sql":
                "COPY t (a) FROM stdin;\nx\n\\.\nALTER TABLE t ADD COLUMN b int;\nCOPY t (a, b) FROM stdin;\ny\t1\n\\.\n",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.value("SELECT string_agg(a, ',' ORDER BY a) = 'x,y' FROM t"))
        }
    }
}
