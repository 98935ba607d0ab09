import Postgres
import TestSupport
import Testing

/// Lends a folder of files, an empty database and the program that works on both to a test.
func withProject<Result>(
    _ files: [String: String],
    _ body: (LastroProcess, TemporaryFolder, String) async throws -> Result
) async throws -> Result {
    try await withTestDatabase { settings in
        try await withTemporaryFolder(files) { folder in
            let url = settings.url
            let environment = ["DATABASE_URL": url, "LASTRO_MIGRATIONS": "m"]
            return try await body(LastroProcess(folder: folder.path, environment: environment), folder, url)
        }
    }
}

extension ConnectionSettings {
    /// The settings as a URL, as a user would write it.
    var url: String {
        "postgresql://\(self["user"] ?? "")@/\(self["dbname"] ?? "")?host=\(self["host"] ?? "")&port=\(self["port"] ?? "5432")"
    }
}
