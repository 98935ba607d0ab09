import Postgres
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Backup

extension TestRepository {
    /// Restores a snapshot with the script of last resort, into a database that is made for it.
    ///
    /// - Parameters:
    ///   - name: the snapshot; nil for the newest.
    ///   - target: the database, which is not there yet.
    ///   - programs: a folder of programs that come before the others.
    /// - Returns: what the script wrote to standard error.
    /// - Throws: what keeps it from being run.
    @discardableResult
    func restoreWithScript(
        _ name: String? = nil,
        to target: ConnectionSettings,
        programs: String? = nil
    ) async throws -> String {
        let database = target["dbname"] ?? ""
        try await withPostgresConnection(to: target.with(database: "postgres")) { connection in
            _ = try await connection.query("CREATE DATABASE \(database) TEMPLATE template0")
        }
        let identity = folder.file("key.txt")
        try IdentityFile.write(key, to: FilePath(identity), madeAt: "")
        let script = try RestoreScript(of: repository, with: identities)(name, folder: folder.file("r"))
        #expect(!script.contains("AGE-SECRET-KEY"))
        let url = "postgresql://\(target["user"] ?? "")@/\(database)?host=\(target["host"] ?? "")"
        let path = programs.map { ["PATH=\($0):/usr/bin:/bin"] } ?? []
        let words = path + ["DATABASE_URL=\(url)&port=\(target["port"] ?? "5432")", "AGE_IDENTITY=\(identity)", "bash"]
        let result = try await run("env", words, input: Array(script.utf8))
        #expect(result.status.isSuccess, "\(result.errors)")
        return result.errors
    }
}
