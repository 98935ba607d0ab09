import ProjectSettings
import SourceText
import TestSupport
import Testing

@testable import lastro

@Suite("A setting's value")
struct SettingValueTests {
    @Test(
        "is read as a duration",
        arguments: [
            ("500ms", .milliseconds(500)), ("2s", .seconds(2)), ("10min", .seconds(600)), ("1h", .seconds(3600)),
            ("1d", .seconds(86_400)), ("7", .seconds(7)), ("1.5s", .milliseconds(1500)), ("0", .zero),
            ("0.0001ms", nil), ("-1s", nil), ("5 s", nil), ("5sec", nil), ("", nil), ("s", nil), ("1.2.3", nil),
            ("99999999999999999999999999999d", nil), ("١s", nil), ("inf", nil), ("1e3", nil),
        ] as [(String, Duration?)]
    )
    func readsDurations(text: String, expected: Duration?) {
        #expect(Patience(configString: text)?.duration == expected)
    }

    @Test("is read as a time limit, which off and 0 leave to the server")
    func readsTimeLimits() {
        #expect(TimeLimit(configString: "5s") == .after(.seconds(5)))
        #expect(TimeLimit(configString: "off") == .serverDefault)
        #expect(TimeLimit(configString: "0") == .serverDefault)
        #expect(TimeLimit(configString: "0ms") == .serverDefault)
        #expect(TimeLimit(configString: "24d") == .after(.seconds(24 * 86_400)))
        #expect(TimeLimit(configString: "25d") == nil)
        #expect(TimeLimit(configString: "on") == nil)
    }

    @Test(
        "is read as a table's name",
        arguments: [
            ("History", nil, "history"), ("audit.history", "audit", "history"), (#"a."B.""c""#, "a", #"B."c"#),
            ("_x$1", nil, "_x$1"),
        ] as [(String, String?, String)]
    )
    func readsTableNames(text: String, schema: String?, name: String) throws {
        let table = try #require(TableName(configString: text))
        #expect(table.schema == schema)
        #expect(table.name == name)
    }

    @Test(
        "is refused as a table's name",
        arguments: ["", ".", "a.", ".a", "a.b.c", "1a", "a b", #""a"#, #""""#, "a-b", "a;b"]
    )
    func refusesTableNames(text: String) {
        #expect(TableName(configString: text) == nil)
    }

    @Test(
        "belongs to a key that is found though it is misspelt",
        arguments: [
            ("migration", "migrations"), ("lock_timeout", "lock-timeout"), ("lockTimeout", "lock-timeout"),
            ("statment-timeout", "statement-timeout"), ("database.directUrl", "database.direct-url"),
            ("url", "database.url"),
            ("xyzzy", nil), ("", nil),
        ] as [(String, String?)]
    )
    func findsKeys(text: String, expected: String?) {
        #expect(Setting.allCases.map(\.key).nearest(to: text) == expected)
    }

    @Test("has a variable and a key of its own")
    func hasNames() {
        #expect(Set(Setting.allCases.map(\.variable)).count == Setting.allCases.count)
        #expect(Setting.lockTimeout.variable == "LASTRO_LOCK_TIMEOUT")
        #expect(Setting.beforeEach.variable == "LASTRO_HOOKS_BEFORE_EACH")
        #expect(Setting.groups == ["database", "history", "hooks", "diff", "lint"])
    }
}

@Suite("Placeholders")
struct PlaceholderTests {
    private func layer(_ text: String) throws -> SettingsLayer {
        try YAMLSettings(YAMLFile(Array(text.utf8), file: "lastro.yaml"), file: "lastro.yaml").top
    }

    private func variables(_ values: [String: String]) -> SettingsLayer {
        SettingsLayer(name: "environment", variables: values, place: SettingPlace.variable)
    }

    @Test("are off unless there is one, or the file says that there are none")
    func areOff() throws {
        #expect(Placeholders(of: [variables(["LASTRO_PLACEHOLDER_": "x"]), try layer("role: x")]).values == nil)
        #expect(Placeholders(of: [try layer("placeholders:")]).values == nil)
        #expect(Placeholders(of: [try layer("placeholders: {}")]).values == [:])
        #expect(Placeholders(of: [try layer("placeholders: {a: }")]).values == ["a": ""])
        #expect(Placeholders(of: [variables(["LASTRO_PLACEHOLDER_A": ""])]).values == ["a": ""])
    }

    @Test("of a variable take the name that a file writes, whatever its case")
    func takeNames() throws {
        let variables = variables(["LASTRO_PLACEHOLDER_APP_ROLE": "v", "LASTRO_PLACEHOLDER_TENANT_ID": "7"])
        #expect(Placeholders(of: [variables]).values == ["app_role": "v", "tenant_id": "7"])
        let both = Placeholders(of: [variables, try layer("placeholders: {App-Role: f, other: f}")])
        #expect(both.values == ["App-Role": "v", "other": "f", "tenant_id": "7"])
    }
}
