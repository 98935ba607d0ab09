import Postgres

extension Restoration {
    /// Makes the settings, the owner, the privileges and the limit of a new database those of the original, as far as it may be done.
    func give(_ draft: DraftDatabase, whatHas original: Manifest.Database) async throws {
        for var setting in original.settings ?? [] {
            setting.role = setting.role.map { options.role(for: $0) }
            guard let statement = setting.statement(for: draft.name) else { continue }
            let whose = setting.role.map { " of \($0)" } ?? ""
            try await attempt(statement, on: draft) {
                "the setting \(setting.text.prefix { $0 != "=" })\(whose) was not made: \($0)"
            }
        }
        for (subject, sql) in original.attributes?.statements(for: draft.name, role: options.role(for:)) ?? [] {
            try await attempt(sql, on: draft) { "the database's \(subject) is not as it was: \($0)" }
        }
    }

    private func attempt(_ sql: String, on draft: DraftDatabase, words: (String) -> String) async throws {
        do {
            try await draft.administrator.script(sql)
        } catch let error as PostgresError where error.code == .server {
            note(words(error.message))
        }
    }
}
