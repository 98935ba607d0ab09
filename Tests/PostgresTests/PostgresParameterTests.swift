import TestSupport
import Testing

@testable import Postgres

@Suite("A parameter")
struct PostgresParameterTests {
    /// A type that encodes itself, as a user's may.
    private struct Word: PostgresEncodable {
        let text: String
        var postgresParameter: PostgresParameter { PostgresParameter(text: text) }
    }

    @Test("of text is refused when it holds a NUL, wherever it stands, and never cut there")
    func refusesNUL() async throws {
        try await withTestConnection { connection in
            let values: [any PostgresEncodable] = ["a\0b", ["a", "b\0"], String?("\0"), Word(text: "a\0b")]
            for value in values {
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.query("SELECT $1::text", value)
                }
                #expect(error?.code == .encoding)
                #expect(error?.message == "text for the server holds a NUL character, which PostgreSQL cannot store")
            }
            let channel = await #expect(throws: PostgresError.self) { try await connection.notifications(on: "a\0b") }
            #expect(channel?.code == .encoding)
            let bytes: [UInt8] = [1, 0, 2]
            let same = try await connection.query("SELECT $1::bytea", bytes).decode(as: [UInt8].self)
            #expect(same == [bytes])
        }
    }

    @Test("of a connection is refused when it holds a NUL, too")
    func refusesNULInSettings() async throws {
        let text = #expect(throws: PostgresError.self) { try ConnectionSettings("host=a\0b") }
        #expect(text?.code == .settings)
        try await withTestDatabase { settings in
            let error = await #expect(throws: PostgresError.self) {
                try await PostgresConnection.open(settings.with("password", "a\0b"))
            }
            #expect(error?.code == .settings)
            #expect(error?.message.hasSuffix("the value of password holds a NUL character") == true)
        }
    }

    @Test("that is an array of bytes' arrays is refused, not sent as text")
    func refusesBinaryElements() async throws {
        try await withTestConnection { connection in
            let values: [[UInt8]?] = [Array("abc".utf8), nil]
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT $1::bytea[]", values)
            }
            #expect(error?.code == .encoding)
            #expect(error?.message == "a value cannot be sent: an array of values in binary format")
            try await connection.expectUsable()
        }
    }

    @Test("is refused when the values together are more than the server takes")
    func refusesTooMuch() async throws {
        try await withTestConnection { connection in
            let large = [UInt8](repeating: 7, count: 1 << 24)
            let error = #expect(throws: PostgresError.self) {
                try PostgresStatement("SELECT 1", parameters: Array(repeating: large, count: 64))
            }
            #expect(error?.code == .encoding)
            #expect(error?.message.contains("1073741824 bytes") == true)
            let length = try await connection.query("SELECT length($1)", large).decode(as: Int.self)
            #expect(length == [1 << 24])
        }
    }
}
