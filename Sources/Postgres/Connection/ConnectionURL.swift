/// A connection URL cut where libpq cuts it, to find one whose password is not percent-encoded.
///
/// Such a password may lose its tail to the host, the database or a parameter, which messages print. What libpq happens to
/// read as it was meant (`?`, `#` and brackets in a password) other readers of the same URL do not, so that it is refused
/// too, before libpq sees it.
struct ConnectionURL {
    /// What stands before the `@`; nil where there is none, or a `/` comes first.
    private let credentials: Substring?
    /// The hosts with their ports.
    private let hosts: Substring
    /// What stands behind the hosts, up to the first `?`.
    private let path: Substring
    /// What stands behind that.
    private let query: Substring

    init(_ url: String) {
        let start = url.range(ofASCII: "://").map { url.index($0, offsetBy: 3) } ?? url.startIndex
        let beforeSign = url[start...].prefix { $0 != "@" && $0 != "/" }
        let hasSign = url[beforeSign.endIndex...].first == "@"
        credentials = hasSign ? beforeSign : nil
        let rest = hasSign ? url[beforeSign.endIndex...].dropFirst() : url[start...]
        hosts = rest.prefix { $0 != "/" && $0 != "?" }
        path = rest[hosts.endIndex...].prefix { $0 != "?" }
        query = rest[path.endIndex...].dropFirst()
    }

    /// Refuses a URL whose password seems not to be percent-encoded.
    ///
    /// - Throws: ``PostgresError`` with code `settings`, which names the character and nothing else of the URL.
    func check() throws(PostgresError) {
        if let credentials {
            if let bare = credentials.first(where: { "?#[]".contains($0) }) { throw .unescapedPassword(bare) }
            if hosts.contains("@") || path.contains("@") { throw .unescapedPassword("@") }
        } else if hosts.contains(":") {
            if path.contains("@") { throw .unescapedPassword("/") }
            // `user:password` without a host behind it.
            guard hasPortsOnly else { throw .unescapedPassword(query.contains("@") ? "/" : nil) }
        }
    }

    /// Whether what stands behind each host's colon can be a port.
    private var hasPortsOnly: Bool {
        hosts.split(separator: ",").allSatisfy { host in
            let afterAddress = host.hasPrefix("[") ? host.drop { $0 != "]" }.dropFirst() : host[...]
            guard let colon = afterAddress.firstIndex(of: ":") else { return true }
            return afterAddress[afterAddress.index(after: colon)...].allSatisfy(\.isNumber)
        }
    }

    /// Whether a parameter's name may be part of a password: only where a sign behind it shows that one ended too early,
    /// or a password is a parameter itself.
    var hasDoubtfulQuery: Bool { query.contains("@") || query.contains("password") }
}

extension PostgresError {
    /// A URL with a password that some character ends too early.
    static func unescapedPassword(_ character: Character?) -> PostgresError {
        let culprit = character.map { "a bare \"\($0)\"" } ?? "a character that ends it too early"
        return invalidSettings("the password in the URL seems to hold \(culprit)", next: passwordRule)
    }

    /// What libpq could not read, in words that repeat nothing that may be secret.
    static func unreadableSettings(_ words: String, in text: String, isURL: Bool) -> PostgresError {
        if words.hasPrefix("invalid percent-encoded token") {
            return invalidSettings(
                "a % in the URL, perhaps in the password, has no two hexadecimal digits behind it",
                next: passwordRule
            )
        }
        if words.hasPrefix("invalid URI query parameter") {
            guard !ConnectionURL(text).hasDoubtfulQuery else {
                return invalidSettings(
                    "a parameter of the URL is not one of libpq's, or is part of the password",
                    next: passwordRule
                )
            }
            return invalidSettings(
                words,
                next:
                    "take parameters out of the URL that belong to another library (schema, pgbouncer, connection_limit, …)"
            )
        }
        if words.contains("URI query parameter"), ConnectionURL(text).hasDoubtfulQuery {
            return invalidSettings(
                "the password in the URL seems to hold a bare \"?\", which ends it there",
                next: passwordRule
            )
        }
        let option = words.split(separator: "\"").dropFirst().first ?? ""
        let isPlain = option.allSatisfy { $0.isASCII && $0.isLetter || $0 == "_" } && !text.contains("password")
        if words.hasPrefix("invalid connection option"), isPlain { return invalidSettings(words) }
        if !isURL, text.contains("password") || words.hasPrefix("missing") {
            return invalidSettings(
                "a word of the conninfo string is no keyword=value, perhaps a part of the password",
                next: "put a password with blanks in quotes, \' and \\ with a \\ before them: password='PASSWORD'"
            )
        }
        let plain = words.prefix { $0 != ":" && $0 != "\"" }.split(separator: " ").joined(separator: " ")
        return invalidSettings(plain)
    }

    /// How a password is written into a URL, or left out of it.
    private static let passwordRule = """
        write postgresql://USER:PASSWORD@HOST:PORT/DATABASE with the PASSWORD percent-encoded (@ is %40, / %2F, : %3A, \
        ? %3F, # %23, [ %5B, % %25), or leave it out and give it in PGPASSWORD, .pgpass or a file (password-file)
        """
}
