import SourceText
import TestSupport
import Testing

@testable import Migrator

@Suite("A migration's text")
struct MigrationTextTests {
    @Test("is the part that is meant, on the lines that it has in the file")
    func cutsSections() async throws {
        let dbmate =
            "-- lastro: lock-timeout 2s\n-- migrate:up transaction:false\nselect 1;\n-- migrate:down\nselect 'é';\n"
        let up = try await text(dbmate, .dbmateUp)
        #expect(up.text == spaces(26) + "\n" + spaces(31) + "\nselect 1;\n" + spaces(15) + "\n" + spaces(12) + "\n")
        #expect(up.asksForNoTransaction)
        #expect(up.directives.lockTimeout?.value == .seconds(2))
        #expect(up.checksum == Checksum(of: Array(dbmate.utf8)))
        let down = try await text(dbmate, .dbmateDown)
        #expect(down.text.hasSuffix("\nselect 'é';\n"))
        #expect(!down.asksForNoTransaction)
        #expect(down.directives == Directives())
        let goose = """
            -- +goose Up
            -- +goose NO TRANSACTION
            -- +goose StatementBegin
            select 1;
            -- +goose StatementEnd
            -- +goose down
            select 2;
            """
        let gooseUp = try await text(goose, .gooseUp)
        #expect(gooseUp.text.split(separator: "\n").map(trimmed) == ["", "", "", "select 1;", "", "", ""])
        #expect(gooseUp.asksForNoTransaction)
        let gooseDown = try await text(goose, .gooseDown)
        #expect(gooseDown.text.split(separator: "\n").map(trimmed) == ["", "", "", "", "", "", "select 2;"])
    }

    @Test("keeps every length and line end of the file, whatever is blanked out")
    func keepsPlaces() {
        let pieces = [
            "-- migrate:up", "-- migrate:down transaction:false", "select 'é';", "\r\n", "\n", "\r", "-- x", "", "$$a",
            " ", "-- lastro: allow x",
        ]
        forAll(
            generate: { generator in
                (0..<Int.random(in: 0...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? ""
                }
            },
            shrink: { list in list.indices.map { index in Array(list[..<index] + list[(index + 1)...]) } },
            holds: { list in
                let file = Array(list.joined().utf8)
                guard let cut = try? SectionText(.dbmateUp, of: file, path: "x") else { return true }
                return cut.bytes.count == file.count
                    && zip(cut.bytes, file).allSatisfy {
                        $0 == $1 || $0 == .space && $1 != .newline && $1 != .carriageReturn
                    }
            }
        )
    }

    @Test(
        "is refused without its markers, or with wrong ones",
        arguments: [
            ("select 1;\n", .dbmateUp, "missing-marker", nil, "the file has no line `-- migrate:up`"),
            ("-- migrate:up\n", .dbmateDown, "no-down-file", nil, "the file has no line `-- migrate:down`"),
            ("-- +goose Up\n", .gooseDown, "no-down-file", nil, "the file has no line `-- +goose Down`"),
            (
                "\n  select 1;\n-- migrate:up\n", .dbmateUp, "missing-marker", "2:3",
                "the statement stands above the first marker, so it belongs to no part of the file"
            ),
            ("-- migrate:up\n-- migrate:up\n", .dbmateUp, "missing-marker", "2:1", "`-- migrate:up` is there twice"),
            (
                "-- +goose Up\n-- +goose ENVSUB ON\n", .gooseUp, "missing-marker", "2:1",
                "`+goose ENVSUB ON` is not read"
            ),
        ] as [(String, MigrationSource.Section, String, String?, String)]
    )
    func refusesMarkers(
        content: String,
        section: MigrationSource.Section,
        code: String,
        place: String?,
        message: String
    ) async throws {
        let error = try await failure(content, section)
        #expect(error.code.rawValue == code)
        #expect(error.location?.position.map { "\($0)" } == place)
        #expect(error.message == message)
    }

    @Test("loses the transaction that its author put around the whole file for tools that put none")
    func unwraps() async throws {
        let content = "-- Deploy a\n\nBEGIN;\n\ncreate table a (i int);\n\nCOMMIT;\n"
        #expect(
            try await text(content, .wrapped).text.filter { $0 != " " } == "--Deploya\n\n\n\ncreatetablea(iint);\n\n\n"
        )
        let check = "begin work; select 1; rollback;"
        #expect(trimmed(try await text(check, .rolledBack).text) == "select 1;")
        #expect(try await text(check, .wrapped).text == check)
        let two = "begin isolation level serializable; select 1; commit"
        #expect(try await text(two, .wrapped).text == two)
    }

    @Test("runs outside a transaction where sqlx's first line says so")
    func readsSqlxMarker() async throws {
        #expect(try await text("-- no-transaction\nselect 1", .whole).asksForNoTransaction)
        #expect(try await text("-- no-transaction\r\nselect 1", .whole).asksForNoTransaction)
        #expect(try await !text("\n-- no-transaction\nselect 1", .whole).asksForNoTransaction)
        #expect(try await !text("-- no-transactions\nselect 1", .whole).asksForNoTransaction)
        #expect(try await text("-- lastro: no-transaction\nselect 1", .whole).asksForNoTransaction)
    }

    @Test("loses a byte order mark at its head only, and keeps a lone carriage return")
    func keepsContent() async throws {
        #expect(try await text("\u{FEFF}select '\u{FEFF}a\rb'", .whole).text == "select '\u{FEFF}a\rb'")
    }

    @Test("has the values of its placeholders, in quotes and comments too, and errors in their places in the file")
    func replacesPlaceholders() async throws {
        let content = "-- ${app}\nselect '${app}', $${1,2}$$, $${app}$$, ${ x }, ${n}\n  , nope"
        let values = ["app": "lastro-é", "n": "1\n+ 2", "other": "${app}"]
        let read = try await text(content, .whole, values)
        #expect(
            read.text == "-- lastro-é\nselect 'lastro-é', $${1,2}$$, $${app}$$, ${ x }, 1\n+ 2\n  , nope"
        )
        #expect(read.placeholders == ["app": "lastro-é", "n": "1\n+ 2"])
        #expect(read.checksum == Checksum(of: Array(content.utf8)))
        #expect(read.filePosition(of: SourcePosition(line: 2, column: 19)) == SourcePosition(line: 2, column: 17))
        #expect(read.filePosition(of: SourcePosition(line: 3, column: 2)) == SourcePosition(line: 2, column: 48))
        #expect(read.filePosition(of: SourcePosition(line: 4, column: 5)) == SourcePosition(line: 3, column: 5))
        let plain = try await text(content, .whole)
        #expect(plain.text == content)
        #expect(try await text("${other}", .whole, values).text == "${app}")
        let assertion = try await text("-- lastro: assert select '${app}'\n-- migrate:up\n", .dbmateUp, values)
        #expect(assertion.directives.assertions.map(\.value) == ["select 'lastro-é'"])
        let unknown = try await failure("-- lastro: assert select ${aps}\n-- migrate:up\n", .dbmateUp, values)
        #expect(unknown.location?.position == SourcePosition(line: 1, column: 26))
        #expect(unknown.next == "perhaps ${app} is meant")
    }

    @Test("maps each place outside the values back to where it came from")
    func mapsPlaces() {
        forAll(
            generate: { generator in
                (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                    ["a", "é", "\n", "${x}", "${long}", "$", "'"].randomElement(using: &generator) ?? ""
                }
            },
            shrink: { list in list.indices.map { index in Array(list[..<index] + list[(index + 1)...]) } },
            holds: { list in
                let file = list.joined().replacing("$${", with: "$ ${")
                let values = ["x": "", "long": "12\n345é"]
                let replaced = try Replacements(of: values, in: Array(file.utf8), path: "x")
                var expected: [Int] = []
                var rest = file.utf8[...]
                while let byte = rest.first {
                    let offset = file.utf8.distance(from: file.startIndex, to: rest.startIndex)
                    let name = values.keys.first { rest.starts(with: "${\($0)}".utf8) }
                    expected += Array(repeating: offset, count: name.map { values[$0]?.utf8.count ?? 0 } ?? 1)
                    rest = rest.dropFirst(name.map { $0.utf8.count + 3 } ?? 1)
                    _ = byte
                }
                let index = LineIndex(file)
                return replaced.bytes.count == expected.count
                    && expected.indices.allSatisfy {
                        replaced.filePosition(ofByte: $0) == index.position(ofByte: expected[$0])
                    }
            }
        )
    }

    @Test("is refused for a placeholder without a value, which names the one that may be meant")
    func refusesPlaceholders() async throws {
        let error = try await failure("select 1,\n 'é${scheme}'", .whole, ["schema": "x", "user": "y"])
        #expect(error.code == .unknownPlaceholder)
        #expect(error.message == "the placeholder ${scheme} has no value")
        #expect(error.location?.position == SourcePosition(line: 2, column: 4))
        #expect(error.next == "perhaps ${schema} is meant")
        #expect(try await failure("${x}", .whole, [:]).next == "give it a value in the settings")
    }

    private func text(
        _ content: String,
        _ section: MigrationSource.Section,
        _ placeholders: [String: String]? = nil
    ) async throws -> MigrationText {
        try await withTemporaryFolder(["1_a.sql": content]) { folder in
            try MigrationText(
                of: MigrationSource(path: folder.file("1_a.sql"), section: section),
                placeholders: placeholders
            )
        }
    }

    private func failure(
        _ content: String,
        _ section: MigrationSource.Section,
        _ placeholders: [String: String]? = nil
    ) async throws -> MigratorError {
        try #require(
            await #expect(throws: MigratorError.self) { try await text(content, section, placeholders) }
        )
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
