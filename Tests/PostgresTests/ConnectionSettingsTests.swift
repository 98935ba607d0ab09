import TestSupport
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
            "host=h password='hunter2", "postgresql://u:hunter2@h:/d?schema=public", "postgresql://u:hunter2",
            "postgresql://u:12?hunter2=x@h/d", "postgresql://u:hun@er?ter2=x@h/d", "postgresql://u:hun@er/ter2@h/d",
            "host=h password=a hunter2=b", "host=h password=hun ter2", "host=h password=hunter2://x x", "u:hunter2@h/d",
            "u:hun=ter2@h/d", "postgresql://u:hun\0ter2@h/d", "postgresql://h/d?password=a&hunter2=b",
        ]
    )
    func refusesWithoutSecrets(text: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionSettings(text) }
        #expect(error?.code == .settings)
        #expect(error.map { !"\($0)".contains("ter2") && !"\($0)".contains("hun") } == true)
    }

    @Test(
        "say which part of a URL looks unescaped, and the rule",
        arguments: [
            ("postgres://u:p?a[ss@h:5432/d", "the password in the URL seems to hold a bare \"?\""),
            ("postgres://u:p#w@h:5432/d", "the password in the URL seems to hold a bare \"#\""),
            ("postgres://u:p[w@h:5432/d", "the password in the URL seems to hold a bare \"[\""),
            ("postgres://u:p/w?x@h:5432/d", "the password in the URL seems to hold a bare \"/\""),
            ("postgres://u:12?3@h:5432/d", "the password in the URL seems to hold a bare \"?\""),
            ("postgres://u:p/w@h:5432/d", "the password in the URL seems to hold a bare \"/\""),
            ("postgres://u:p@w@h:5432/d", "the password in the URL seems to hold a bare \"@\""),
            ("postgres://u:p@w/x@h:5432/d", "the password in the URL seems to hold a bare \"@\""),
            (
                "postgres://u:p%zz@h:5432/d",
                "a % in the URL, perhaps in the password, has no two hexadecimal digits behind it"
            ),
            ("postgres://u:secret", "the password in the URL seems to hold a character that ends it too early"),
        ]
    )
    func explainsPasswords(url: String, message: String) throws {
        let error = try #require(throws: PostgresError.self) { try ConnectionSettings(url) }
        #expect(error.message == "the connection settings cannot be read: \(message)")
        #expect(
            error.next == """
                write postgresql://USER:PASSWORD@HOST:PORT/DATABASE with the PASSWORD percent-encoded (@ is %40, / %2F, \
                : %3A, ? %3F, # %23, [ %5B, % %25), or leave it out and give it in PGPASSWORD, .pgpass or a file \
                (password-file)
                """
        )
    }

    @Test("come back as they were from a percent-encoded password, and never repeat one that is not encoded")
    func readsAnyPassword() {
        // No message has these letters: a piece of a password that holds one comes from the password.
        let letters = "QZé😀"
        let characters = Array(letters + letters + letters + "1?/@:#%[]&= '\"\\$+,;.~-_!*()<>|^`{}")
        forAll(
            count: 2000,
            generate: { generator in
                String(
                    (0..<Int.random(in: 4...24, using: &generator)).map { _ in
                        characters.randomElement(using: &generator) ?? "Q"
                    }
                )
            },
            shrink: { password in
                password.indices.map { index in
                    var shorter = password
                    shorter.remove(at: index)
                    return shorter
                }.filter { $0.count >= 4 }
            },
            holds: { password in
                let encoded = password.utf8.map { "%" + String($0 / 16, radix: 16) + String($0 % 16, radix: 16) }
                    .joined()
                guard try ConnectionSettings("postgresql://u:\(encoded)@h:5432/d")["password"] == password else {
                    return false
                }
                for text in ["postgresql://u:\(password)@h:5432/d", "host=h password=\(password)"] {
                    do {
                        let settings = try ConnectionSettings(text)
                        let isWhole = settings["host"] == "h" && settings["password"] != nil
                        if !isWhole || settings.target.contains(password) { return false }
                    } catch {
                        // Whatever four characters of it stand together are nowhere in the text.
                        let parts = password.indices.map { password[$0...].prefix(4) }
                            .filter { $0.count == 4 && $0.contains(where: letters.contains) }
                        if parts.contains(where: "\(error)".contains) { return false }
                    }
                }
                return true
            }
        )
    }

    @Test("take what they leave out from variables, unless a service is to say it")
    func fillsIn() throws {
        let variables = ["PGUSER": "app", "PGHOST": "other", "PGPASSWORD": "", "HOME": "/"]
        let filled = try ConnectionSettings("postgresql://h/d").filled(from: variables)
        #expect("\(filled)" == "dbname=d host=h user=app")
        #expect("\(try ConnectionSettings("service=s").filled(from: variables))" == "service=s")
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
