public import Postgres
import Testing

extension PostgresConnection {
    /// Asks until a statement answers true; a test waits for what happens, not for a time.
    ///
    /// - Throws: an expectation's failure after half a minute; ``PostgresError``.
    public func wait(until sql: String) async throws {
        let limit = ContinuousClock.now.advanced(by: .seconds(30))
        while try await query(sql).decode(as: Bool.self) != [true] {
            try #require(ContinuousClock.now < limit, "still not so: \(sql)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// Asks until something is so; a test waits for what happens, not for a time.
///
/// - Throws: an expectation's failure after half a minute.
public func wait(for what: String, until isSo: () -> Bool) async throws {
    let limit = ContinuousClock.now.advanced(by: .seconds(30))
    while !isSo() {
        try #require(ContinuousClock.now < limit, "still not so: \(what)")
        try await Task.sleep(for: .milliseconds(5))
    }
}
