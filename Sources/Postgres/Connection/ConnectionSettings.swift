import CLibpq

/// Where a database is and how to reach it, read exactly as libpq reads it (PostgreSQL manual, "Database Connection
/// Control Functions").
///
/// What is not given here libpq takes from the service file, the `PG*` environment variables, `.pgpass` and its
/// defaults. The description never holds the password.
public struct ConnectionSettings: Hashable, Sendable {
    private var values: [String: String]

    private init(values: [String: String]) {
        self.values = values
    }

    /// Settings that leave everything to libpq: service file, environment and defaults.
    public static let defaults = ConnectionSettings(values: [:])

    /// Reads a URL (`postgresql://user@host/database?sslmode=require`) or a conninfo string (`host=… dbname=…`).
    ///
    /// A string without `=` and without a URL scheme names a database, as in `psql NAME`.
    ///
    /// - Throws: ``PostgresError`` with code `settings`, whose text repeats no part of the string that may be secret.
    public init(_ text: String) throws(PostgresError) {
        // libpq would read up to there and take the start for the whole.
        guard !text.utf8.contains(0) else { throw .invalidSettings("they hold a NUL character") }
        let isURL = text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
        if isURL {
            try ConnectionURL(text).check()
        } else if let scheme = text.range(ofASCII: "://"), !text[..<scheme].contains("=") {
            throw .invalidSettings(
                "\"\(text[..<scheme])\" is not a scheme that libpq knows",
                next: "write the URL as postgresql://USER@HOST/DATABASE"
            )
        } else if !text.contains("=") {
            // A mistyped URL, or a line of a password file: the server would be asked for a database of that name, and
            // everybody told.
            guard !text.contains(where: { ":/@".contains($0) }) else {
                throw .invalidSettings(
                    "they are neither a URL nor a database's name",
                    next: "begin a URL with postgresql://; a name with :, / or @ in it is written dbname=NAME"
                )
            }
            self.init(values: text.isEmpty ? [:] : ["dbname": text])
            return
        }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            let words = message.map { String(cString: $0).trimmingTrailingNewlines } ?? "out of memory"
            PQfreemem(message)
            throw .unreadableSettings(words, in: text, isURL: isURL)
        }
        defer { PQconninfoFree(options) }
        self.init(values: [:])
        for option in optionList(options) {
            values[String(cString: option.keyword)] = option.val.map { String(cString: $0) }
        }
        try checkNames()
    }

    /// Reads `DATABASE_URL` if it is there, and otherwise the `PG*` variables, from a given environment.
    ///
    /// - Returns: nil if the environment holds neither.
    public init?(environment: [String: String]) throws(PostgresError) {
        if let url = environment["DATABASE_URL"], !url.isEmpty {
            try self.init(url)
            return
        }
        self.init(values: [:])
        for (keyword, variable) in Self.environmentVariables {
            if let value = environment[variable], !value.isEmpty { values[keyword] = value }
        }
        let naming: Set<String> = ["host", "hostaddr", "port", "dbname", "user", "service"]
        if naming.isDisjoint(with: values.keys) { return nil }
        try checkNames()
    }

    /// Refuses a database or a host whose name looks like an address with a password: messages repeat names.
    private func checkNames() throws(PostgresError) {
        for keyword in ["dbname", "host", "user"] where values[keyword].map(looksLikeAddress) == true {
            throw .invalidSettings(
                "what is given for \(keyword) looks like a URL, perhaps with a password in it",
                next: "write the whole URL as postgresql://USER@HOST/DATABASE, and nothing around it"
            )
        }
    }

    /// The same settings, with what they leave out taken from `PG*` variables that libpq does not see by itself.
    ///
    /// A service comes before variables in libpq, so that where there is one nothing is taken.
    public func filled(from environment: [String: String]) -> ConnectionSettings {
        guard values["service"] == nil else { return self }
        var copy = self
        for (keyword, variable) in Self.environmentVariables where copy.values[keyword] == nil {
            if let value = environment[variable], !value.isEmpty { copy.values[keyword] = value }
        }
        return copy
    }

    /// Each of libpq's keywords that has an environment variable, with that variable.
    static let environmentVariables: [(keyword: String, variable: String)] = {
        // Not PQconndefaults, which looks up who runs the program and reads service files.
        guard let options = PQconninfoParse("", nil) else { return [] }
        defer { PQconninfoFree(options) }
        return optionList(options).compactMap { option in
            option.envvar.map { (String(cString: option.keyword), String(cString: $0)) }
        }
    }()

    /// The value of a libpq keyword such as `host`, `dbname` or `sslmode`; nil where it is left to libpq.
    public subscript(keyword: String) -> String? {
        get { values[keyword] }
        set { values[keyword] = newValue }
    }

    /// The same settings with another value for one keyword.
    public func with(_ keyword: String, _ value: String?) -> ConnectionSettings {
        var copy = self
        copy[keyword] = value
        return copy
    }

    /// The same server with another database.
    public func with(database: String) -> ConnectionSettings { with("dbname", database) }

    /// The keywords and values that go to libpq: these settings over the defaults of this module.
    ///
    /// A default gives way to the environment and to a service file, which only libpq reads.
    func parameters(environment: (String) -> String?) -> [String: String] {
        var result = values
        result["client_encoding"] = "UTF8"
        if result["fallback_application_name"] == nil { result["fallback_application_name"] = "lastro" }
        let usesService = result["service"] != nil || environment("PGSERVICE") != nil
        if usesService { return result }
        let defaults = ["keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"]
        result.merge(defaults) { given, _ in given }
        if result["connect_timeout"] == nil, environment("PGCONNECT_TIMEOUT") == nil {
            result["connect_timeout"] = "10"
        }
        return result
    }

    /// A text without the parts of it that are secret here.
    public func redacting(_ text: String) -> String {
        var text = text
        for keyword in secretKeywords {
            if let secret = values[keyword], secret.count > 2 { text = text.replacing(secret, with: "***") }
        }
        return text
    }
}

extension ConnectionSettings: CustomStringConvertible, CustomReflectable {
    /// The settings as a conninfo string, secrets masked.
    public var description: String {
        values.sorted { $0.key < $1.key }.map { keyword, value in
            "\(keyword)=\(secretKeywords.contains(keyword) || looksLikeAddress(value) ? "***" : value)"
        }.joined(separator: " ")
    }

    /// A mirror of the description, so that a dump shows no password either.
    public var customMirror: Mirror { Mirror(self, children: ["settings": description]) }

    /// Host, port and database in short, for messages: `db.example.com:5432/app`.
    public var target: String {
        let host =
            values["host"] ?? values["hostaddr"] ?? values["service"].map { "service \($0)" } ?? "the default host"
        let port = values["port"].map { ":\($0)" } ?? ""
        let database = values["dbname"].map { ", database \"\(looksLikeAddress($0) ? "***" : $0)\"" } ?? ""
        return (looksLikeAddress(host) ? "***" : host) + port + database
    }
}

/// The keywords whose values are never shown; newer versions of libpq know more of them than older ones.
private let secretKeywords: Set = [
    "password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret",
]

/// Whether a value may be a URL that came to the wrong place: a colon, and an @ behind it.
private func looksLikeAddress(_ value: String) -> Bool {
    value.firstIndex(of: ":").map { value[$0...].contains("@") } ?? false
}

private func optionList(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [PQconninfoOption] {
    var list: [PQconninfoOption] = []
    var option = options
    while option.pointee.keyword != nil {
        list.append(option.pointee)
        option += 1
    }
    return list
}

extension String {
    /// The start of the first occurrence of an ASCII text.
    func range(ofASCII needle: String) -> Index? {
        indices.first { self[$0...].hasPrefix(needle) }
    }
}
