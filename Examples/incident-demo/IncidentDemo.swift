import Foundation
import Migrator
import Postgres
import StudyPlatform

/// The incident from beginning to end, on a private server.
///
/// It asserts what it prints, and fails when it is not so.
@main
struct IncidentDemo {
    /// The last of the thirteen; what came behind it is the job runtime's.
    private static let last = "0013_fix_jobs_scheduled_for"

    static func main() async {
        do {
            try await withLocalServer { server in
                print("A private PostgreSQL \(server.version), from a cached template; it is thrown away at the end.\n")
                let stage = DemoStage(server: server)
                try await showTheIncident(on: stage)
                try await migrateLegacy(on: stage)
                try await migrateEmpty(on: stage)
            }
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    /// What the original 0011 does to the legacy database, as it was before somebody typed its row.
    private static func showTheIncident(on stage: DemoStage) async throws {
        print("1  The incident: the legacy database, and 0011 as it was first written")
        let settings = try await stage.makeDatabase("incident")
        try await withPostgresConnection(to: settings) { connection in
            try await connection.script(try StudyPlatform.incident("legacy.sql"))
            try await connection.query("DELETE FROM schema_migrations WHERE name = '0011_jobs_system.sql'")
            let columns = try await stage.columns(of: "jobs", on: connection)
            try check(!columns.contains("scheduled_for"), "the old jobs table has no scheduled_for")
            do {
                try await connection.script(try StudyPlatform.incident("0011_jobs_system.sql"))
                try check(false, "the original 0011 fails")
            } catch let error as PostgresError {
                let place = error.position.map { "\($0)" } ?? "?"
                print("   0011_jobs_system.sql:\(place): statement \(error.completedStatements + 1): \(error.message)")
                try check(
                    error.message == "column \"scheduled_for\" does not exist",
                    "CREATE TABLE IF NOT EXISTS jobs did nothing, and the index met a column that is not there"
                )
            }
        }
    }

    /// The way out: the real thirteen on the legacy database, with the row that was typed by hand.
    private static func migrateLegacy(on stage: DemoStage) async throws {
        print("\n2  The legacy database, with the row typed by hand, migrated to \(last)")
        let settings = try await stage.makeDatabase("legacy")
        try await withPostgresConnection(to: settings) { try await $0.script(try StudyPlatform.incident("legacy.sql")) }
        try await migrate(settings)
        try await stage.look(at: settings)
    }

    /// The same files on an empty database.
    private static func migrateEmpty(on stage: DemoStage) async throws {
        print("\n3  An empty database, migrated to \(last)")
        let settings = try await stage.makeDatabase("empty")
        try await migrate(settings)
        try await stage.look(at: settings)
        let plan = try await Migrator(directory: StudyPlatform.migrations, database: settings).plan()
        let tables = try await stage.tableCount(settings)
        let indexes = try await stage.jobIndexes(settings)
        let applied = plan.statuses.count { $0.state == .applied }
        print(
            "\n\(applied) migrations · \(tables) tables · \(indexes.count) indexes on jobs: "
                + indexes.joined(separator: ", ")
        )
        try check(
            applied == 13,
            "13 migrations are applied, and the job runtime's \(plan.statuses.count - applied) wait"
        )
    }

    private static func migrate(_ settings: ConnectionSettings) async throws {
        let migrator = Migrator(directory: StudyPlatform.migrations, database: settings)
        for try await event in migrator.migrate(to: .through(last)) {
            switch event {
            case .tookOver(let takeover):
                print("   took over \(takeover.table): \(takeover.rows) migrations in it count as applied, unverified")
            case .applied(let step, let duration):
                print("   applied \(step.name) in \(Int(duration / .milliseconds(1))) ms")
            case .finished(let summary):
                try check(summary.appliedCount == 13, "\(summary.appliedCount) migrations are applied")
            default: break
            }
        }
    }
}

/// A claim that does not hold.
struct ClaimFailed: Error, CustomStringConvertible {
    let claim: String
    var description: String { "this does not hold: \(claim)" }
}

/// Prints a claim that holds, and throws one that does not.
func check(_ holds: Bool, _ claim: String) throws {
    guard holds else { throw ClaimFailed(claim: claim) }
    print("   ✓ \(claim)")
}
