import Postgres
import SQLSyntax

extension Manifest.Database {
    /// How its texts are written and sorted, as CREATE DATABASE says it.
    ///
    /// - Parameter server: the server that it is made on; what older ones than 15 do not know is left out.
    /// - Returns: the options, from TEMPLATE on.
    func form(on server: ServerVersion) -> String {
        var words = [
            "TEMPLATE template0", "ENCODING \(StringLiteral.quote(encoding))",
            "LC_COLLATE \(StringLiteral.quote(collation))", "LC_CTYPE \(StringLiteral.quote(characterType))",
        ]
        if server.major >= 15, let provider {
            // The template may have another one.
            words.append("LOCALE_PROVIDER \(provider.rawValue)")
            let option: String? =
                switch provider {
                case .libc: nil
                case .icu: "ICU_LOCALE"
                case .builtin: "BUILTIN_LOCALE"
                }
            if let option, let locale { words.append("\(option) \(StringLiteral.quote(locale))") }
            if let rules { words.append("ICU_RULES \(StringLiteral.quote(rules))") }
        }
        return words.joined(separator: " ")
    }

    /// Reads which library sorts a database's texts, by which rules.
    static func locale(
        on connection: PostgresConnection
    ) async throws -> (provider: Manifest.LocaleProvider?, locale: String?, rules: String?) {
        let version = connection.serverVersion.major
        guard version >= 15 else { return (nil, nil, nil) }
        let row = try await connection.query(
            """
            SELECT CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                \(version >= 17 ? "datlocale" : "daticulocale"), \(version >= 16 ? "daticurules" : "NULL::text")
            FROM pg_database WHERE datname = current_database()
            """
        ).single
        return (Manifest.LocaleProvider(rawValue: try String(postgres: row[0])), row[1].text, row[2].text)
    }

    /// What a server does not have of that, in words; nil if it has all.
    ///
    /// - Parameter connection: a session that may make temporary objects.
    /// - Returns: the words.
    /// - Throws: `PostgresError`.
    func missingLocale(on connection: PostgresConnection) async throws -> String? {
        let (words, name) =
            provider == .icu
            ? ("provider = icu, locale = \(StringLiteral.quote(locale ?? "und"))", "ICU locale \(locale ?? "")")
            : (
                "LC_COLLATE = \(StringLiteral.quote(collation)), LC_CTYPE = \(StringLiteral.quote(characterType))",
                "locale \(collation)"
            )
        do {
            try await connection.script("BEGIN; CREATE COLLATION pg_temp.lastro_probe (\(words))")
            await connection.rollBack()
            return nil
        } catch let error as PostgresError where error.code == .server {
            await connection.rollBack()
            // No such locale; a server without ICU. One of another encoding than the session's is there all the same.
            guard let state = error.sqlState, ["22023", "0A000"].contains(state) else { return nil }
            return "the \(name)"
        }
    }
}
