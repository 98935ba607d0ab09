import TestSupport
import Testing

@testable import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A date")
struct TimestampTests {
    @Test(
        "is refused in words where it is none that can be counted",
        arguments: [
            "'5874897-12-31'::date", "'294247-01-01'::timestamptz", "'infinity'::timestamptz", "'-infinity'::date",
            "'0001-12-31 BC'::date", "'9000000000000000000-1-1'", "'99999999999999999999-1-1'",
            "'2026-01-01 9000000000000000000:00:00'", "'2026-01-01 00:00:00.1234567'", "'2026-01-01 00:00:00.'",
            "'2026-01-01 00:00:00+9000000000000000000'", "'2026-01-01 00:00:00+00:'",
        ]
    )
    func refusesWhatIsOutOfRange(literal: String) async throws {
        try await withTestConnection { connection in
            let row = try await connection.query("SELECT \(literal) AS day").single
            let error = #expect(throws: PostgresError.self) { try row.decode("day", as: Date.self) }
            #expect(error?.code == .decoding)
            #expect(error?.message.hasPrefix("column \"day\": \"") == true)
            #expect(error?.message.hasSuffix("cannot be read as Date") == true)
        }
    }

    @Test(
        "is not sent where PostgreSQL has none",
        arguments: [Double.infinity, -.infinity, .nan, 1e300, -1e300, 9_223_372_036_855, -62_135_596_801]
    )
    func refusesToSend(seconds: Double) async throws {
        try await withTestConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT $1::timestamptz", Date(timeIntervalSince1970: seconds))
            }
            #expect(error?.code == .encoding)
            #expect(error?.message == "a value cannot be sent: a date outside of the years 1 to 294246")
            try await connection.expectUsable()
        }
    }

    @Test("goes to the server and comes back, from the first that can be counted to the last")
    func keepsTheEnds() async throws {
        try await withTestConnection { connection in
            for text in ["0001-01-01 00:00:00+00", "294246-12-31 23:59:59+00", "1969-12-31 23:59:59.5+00"] {
                let row = try await connection.query("SELECT '\(text)'::timestamptz AS at").single
                let date = try row.decode("at", as: Date.self)
                // So far from now a Date counts in milliseconds.
                let same = try await connection.query(
                    "SELECT abs(extract(epoch FROM '\(text)'::timestamptz - $1::timestamptz)) < 0.01",
                    date
                )
                #expect(try same.decode(as: Bool.self) == [true], "\(text)")
            }
        }
    }

    @Test("in microseconds is printed and read again as the same")
    func isReadAgain() {
        forAll(
            generate: { generator in
                let day = Int.random(in: -719_162...106_751_990, using: &generator)
                return Double(day) * 86_400 + Double(Int.random(in: 0..<86_400, using: &generator))
            },
            holds: { seconds in
                guard let timestamp = Timestamp(Date(timeIntervalSince1970: seconds)) else { return false }
                return Timestamp(postgres: timestamp.description) == timestamp
            }
        )
    }
}
