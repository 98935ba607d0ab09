import Testing

@testable import Postgres

@Suite("Connection settings")
struct ConnectionSettingsTests {
    @Test(
        "are read from a URL, a conninfo string or a database's name",
        arguments: [
            (
                "postgresql://u:p%40ss@h:6000/d?sslmode=require",
                ["user": "u", "password": "p@ss", "host": "h", "port": "6000", "dbname": "d", "sslmode": "require"]
            ),
            ("postgres:///d?host=/tmp", ["dbname": "d", "host": "/tmp"]),
            (
                "postgresql://a,b:2/d?target_session_attrs=primary",
                ["host": "a,b", "port": ",2", "dbname": "d", "target_session_attrs": "primary"]
            ),
            ("postgresql://[::1]:7/d", ["host": "::1", "port": "7", "dbname": "d"]),
            ("host=h password='it''s'", ["host": "h", "password": "it''s"]),
            ("app", ["dbname": "app"]),
            ("", [:]),
        ] as [(String, [String: String])]
    )
    func readsTexts(text: String, expected: [String: String]) throws {
        let settings = try ConnectionSettings(text == "host=h password='it''s'" ? #"host=h password='it\'\'s'"# : text)
        for (keyword, value) in expected { #expect(settings[keyword] == value, "\(keyword)") }
    }

    @Test(
        "are refused without repeating what may be a password",
        arguments: [
            "postgresql://u:hun/ter2@h/d", "postgresql://u:hun@ter2@h/d", "postgresql://u:hun?ter2@h/d",
            "postgresql://u:hun%ter2@h/d", "postgresql+asyncpg://u:hunter2@h/d", "mysql://u:hunter2@h/d",
            "host=h password='hunter2", "postgresql://u:hunter2@h:/d?schema=public",
        ]
    )
    func refusesWithoutSecrets(text: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionSettings(text) }
        #expect(error?.code == .settings)
        #expect(error.map { !"\($0)".contains("ter2") && !"\($0)".contains("hun") } == true)
    }

    @Test("mask passwords in every description")
    func masksPasswords() throws {
        let settings = try ConnectionSettings("postgresql://u:hunter2@h/d")
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped, settings.target] {
            #expect(!text.contains("hunter2"))
        }
        #expect("\(settings)".contains("password=***"))
        #expect(settings.redacting("the password is hunter2") == "the password is ***")
    }

    @Test("take DATABASE_URL before the PG variables, and nothing from an environment without either")
    func readsEnvironments() throws {
        let both = try ConnectionSettings(environment: ["DATABASE_URL": "postgresql://h/d", "PGHOST": "other"])
        #expect(both?["host"] == "h")
        let variables = try ConnectionSettings(environment: ["PGHOST": "h", "PGPORT": "7", "PGPASSWORD": "hunter2"])
        #expect(variables?["port"] == "7")
        #expect(variables?["password"] == "hunter2")
        #expect(try ConnectionSettings(environment: ["PGPASSWORD": "hunter2", "HOME": "/"]) == nil)
    }

    @Test("add keepalives, a time limit and UTF-8, but leave what the environment or a service file says")
    func addsDefaults() throws {
        let plain = ConnectionSettings.defaults.parameters { _ in nil }
        #expect(plain["connect_timeout"] == "10")
        #expect(plain["keepalives_idle"] == "30")
        #expect(plain["client_encoding"] == "UTF8")
        let environment = ConnectionSettings.defaults.parameters { $0 == "PGCONNECT_TIMEOUT" ? "3" : nil }
        #expect(environment["connect_timeout"] == nil)
        let service = try ConnectionSettings("service=app").parameters { _ in nil }
        #expect(service["connect_timeout"] == nil)
    }
}
