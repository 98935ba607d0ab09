public import Foundation
public import Postgres

/// A clock of the database that a test moves.
///
/// Queue, scheduler and leader go by the database's time. Connections that are made with ``settings`` find functions
/// `now()` and `clock_timestamp()` before the server's own, which add what the clock was moved by: a job of tomorrow is
/// due once the test has moved the clock by a day. The server's clock, other connections and defaults of columns stay as
/// they are.
public struct TestClock: Sendable {
    /// What to connect with in order to see the clock's time.
    public let settings: ConnectionSettings

    /// Puts a clock into a database, which has to be one of the test's own: it makes the schema `lastro_test_clock`.
    ///
    /// - Parameter settings: where the database is, as a role that may make schemas.
    /// - Throws: ``PostgresError``.
    public init(in settings: ConnectionSettings) async throws {
        let path = try await withPostgresConnection(to: settings) { connection in
            try await connection.script(
                """
                CREATE SCHEMA lastro_test_clock;
                CREATE TABLE lastro_test_clock.moved (by interval NOT NULL);
                INSERT INTO lastro_test_clock.moved VALUES ('0');
                CREATE FUNCTION lastro_test_clock.now() RETURNS timestamptz LANGUAGE sql STABLE
                    RETURN pg_catalog.now() + (SELECT by FROM lastro_test_clock.moved);
                CREATE FUNCTION lastro_test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
                    RETURN pg_catalog.clock_timestamp() + (SELECT by FROM lastro_test_clock.moved);
                """
            )
            return try await connection.query("SHOW search_path").single.decode(String.self)
        }
        // The system's schema comes first unless it is named.
        let whole = "lastro_test_clock, \(path), pg_catalog"
        let escaped = whole.replacing("\\", with: "\\\\").replacing(" ", with: "\\ ")
        let options = [settings["options"], "-c search_path=\(escaped)"].compactMap(\.self).joined(separator: " ")
        self.settings = settings.with("options", options)
    }

    /// Moves the clock forward.
    ///
    /// Who leads and who lives is as it was before: their times move along.
    ///
    /// - Throws: ``PostgresError``.
    public func advance(by duration: Duration) async throws {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.withTransaction { connection in
                let seconds = duration / .seconds(1)
                // Who is just about to say that it lives does so before, or by the new time.
                try await connection.query("LOCK TABLE job_workers, runtime_leader IN EXCLUSIVE MODE")
                for sql in [
                    "UPDATE lastro_test_clock.moved SET by = by + make_interval(secs => $1)",
                    "UPDATE job_workers SET last_seen = last_seen + make_interval(secs => $1)",
                    "UPDATE runtime_leader SET expires_at = expires_at + make_interval(secs => $1)",
                ] {
                    try await connection.query(sql, seconds)
                }
            }
        }
    }

    /// The clock's time.
    ///
    /// - Throws: ``PostgresError``.
    public func now() async throws -> Date {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.query("SELECT clock_timestamp()").single.decode(Date.self)
        }
    }
}
