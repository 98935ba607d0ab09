import Foundation
import Migrator
import Postgres
import StudyPlatform
import TestSupport

@testable import study_app

/// Lends a migrated database of the study platform with its seed rows, and a pool to it, to a test.
func withStudyDatabase<Result>(
    _ body: (ConnectionSettings, PostgresPool) async throws -> Result
) async throws -> Result {
    try await withTestDatabase(template: try await StudyTemplate.shared.name()) { settings in
        let pool = PostgresPool(to: settings, limit: 8)
        do {
            let result = try await body(settings, pool)
            await pool.shutDown()
            return result
        } catch {
            await pool.shutDown()
            throw error
        }
    }
}

/// The database of which every test gets a copy: made once for a process.
private actor StudyTemplate {
    static let shared = StudyTemplate()

    private var making: Task<String, any Error>?

    func name() async throws -> String {
        let making =
            making
            ?? Task {
                let name = "study_" + UUID().uuidString.lowercased().prefix(8)
                let superuser = try await TestServer.standard.superuser()
                try await withPostgresConnection(to: superuser) { connection in
                    try await connection.query("CREATE DATABASE \(name) OWNER lastro")
                }
                let settings = superuser.with(database: name).with("user", "lastro")
                try await Migrator(directory: StudyPlatform.migrations, database: settings).migrate()()
                try await Seed(factor: 1).load(into: settings)
                return name
            }
        self.making = making
        return try await making.value
    }
}

extension PostgresPool {
    /// The value that a statement answers.
    func ask<Value: PostgresDecodable>(
        _ sql: String,
        _ parameter: (any PostgresEncodable)? = nil,
        as type: Value.Type = Value.self
    ) async throws -> Value {
        try await withConnection { connection in
            let rows =
                if let parameter { try await connection.query(sql, parameter) } else { try await connection.query(sql) }
            return try rows.single.decode(type)
        }
    }

    /// Runs a statement.
    func run(_ sql: String) async throws { try await withConnection { _ = try await $0.query(sql) } }
}

/// Passwords that cost little to try: tests have no secrets.
let cheap = ScryptCost("ln=5,r=8,p=1") ?? .standard
