import Postgres
import SQLSyntax

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a Sqitch registry says is deployed of one project.
struct SqitchRegistry: Hashable, Sendable {
    /// A deployed change.
    struct Change: Hashable, Sendable {
        let id: String
        let name: String
        let scriptHash: String?
        let committedAt: Date?
        /// The tags that the change carries, in the order of the plan, with their @.
        let tags: [String]
    }

    /// The changes, in the order in which they were deployed.
    let changes: [Change]

    init(changes: [Change]) {
        self.changes = changes
    }

    /// Reads the registry whose table of changes this is.
    ///
    /// - Throws: ``MigratorError`` if it serves several projects and none is named.
    init(reading table: ForeignTable, project: String?, on connection: PostgresConnection) async throws {
        let projects = try await connection.query(
            "SELECT DISTINCT project FROM \(table.qualifiedName) ORDER BY 1"
        ).decode(as: String.self)
        if let project, !projects.contains(project) {
            throw MigratorError.unknownProject(project, among: projects, in: table.title)
        }
        if project == nil, projects.count > 1 { throw MigratorError.severalProjects(projects, in: table.title) }
        // Registries from before Sqitch 0.9995 have no hashes.
        let hash = table.columns.contains("script_hash") ? "script_hash" : "NULL::text"
        changes = try await connection.query(
            """
            SELECT change_id, change, \(hash), \(microseconds("committed_at")), array(
                SELECT t.tag FROM \(Identifier.quote(table.schema)).tags t
                WHERE t.change_id = c.change_id ORDER BY t.planned_at, t.tag)
            FROM \(table.qualifiedName) c WHERE project = $1 ORDER BY committed_at, planned_at
            """,
            project ?? projects.first
        ).decode(as: (String, String, String?, Int?, [String]).self).map {
            Change(id: $0, name: $1, scriptHash: $2, committedAt: $3.map(Date.init(microseconds:)), tags: $4)
        }
    }
}

extension ForeignHistory {
    /// Reads a registry: of a change that was reworked, the file of each earlier instance is called `name@tag`, after a
    /// tag that was set before the next instance.
    init(_ registry: SqitchRegistry) {
        let changes = registry.changes
        rows = changes.indices.map { index in
            let change = changes[index]
            let next = changes[(index + 1)...].firstIndex { $0.name == change.name }
            // The latest tag is the likeliest: Sqitch takes it when it copies the file.
            let tags = next.map { changes[index..<$0].reversed().flatMap(\.tags) } ?? []
            return ForeignRow(
                label: tags.first.map { change.name + $0 } ?? change.name,
                names: next == nil ? [change.name] : tags.map { change.name + $0 },
                appliedAt: change.committedAt,
                // A registry that was upgraded has the change's own id where nothing is known.
                sum: change.scriptHash.flatMap { $0 == change.id ? nil : .sqitch($0) },
                isReworkable: next == nil
            )
        }
    }
}
