import Foundation
import Postgres

/// Finds jobs by what somebody has at hand: an id or its beginning, a tag, a unique key, a key of concurrency.
enum JobSearch {
    static func ids(_ search: String, on connection: PostgresConnection) async throws -> [String] {
        if let range = idRange(search) {
            let found = try await connection.query(
                "SELECT id FROM jobs WHERE id BETWEEN $1::uuid AND $2::uuid ORDER BY id LIMIT \(JobListing.length)",
                range.first,
                range.last
            )
            if !found.isEmpty { return try found.decode(as: String.self) }
        }
        return try await connection.query(
            """
            (SELECT job_id FROM job_meta WHERE tags @> ARRAY[$1] LIMIT \(JobListing.length))
            UNION (SELECT job_id FROM job_meta WHERE concurrency_key = $1 LIMIT \(JobListing.length))
            UNION (SELECT u.job_id FROM job_unique u WHERE u.key = ANY (ARRAY(
                SELECT sha256(convert_to(t.type || '|' || $1, 'UTF8')) FROM (
                    SELECT unnest(types) FROM job_workers UNION SELECT type FROM job_controls
                ) AS t (type)
            )))
            LIMIT \(JobListing.length)
            """,
            search
        ).decode(as: String.self)
    }

    /// The ids that begin with a text; nil for what is no beginning of an id.
    static func idRange(_ text: String) -> (first: String, last: String)? {
        let digits = text.lowercased().filter { $0 != "-" }
        guard (6...32).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        return (filled(digits, with: "0"), filled(digits, with: "f"))
    }

    private static func filled(_ digits: String, with filler: Character) -> String {
        let all = Array(digits + String(repeating: filler, count: 32 - digits.count))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(all[$0]) }.joined(separator: "-")
    }
}
