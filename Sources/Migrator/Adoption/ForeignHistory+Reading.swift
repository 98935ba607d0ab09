import Postgres

extension ForeignHistory {
    /// Reads a tool's history; never writes to it.
    init(
        of tool: AdoptionTool,
        in table: ForeignTable,
        project: String?,
        on connection: PostgresConnection
    ) async throws {
        switch tool {
        case .flyway: self.init(try await FlywayRow.read(from: table, on: connection), in: table)
        case .prisma: self.init(try await PrismaRow.read(from: table, on: connection), in: table)
        case .sqlx: self.init(try await SqlxRow.read(from: table, on: connection), in: table)
        case .goose: self.init(try await GooseRow.read(from: table, on: connection))
        case .golangMigrate: self.init(try await GolangMigrateRow.read(from: table, on: connection), in: table)
        case .sqitch:
            let registry = try await SqitchRegistry(reading: table, project: project, on: connection)
            self.init(registry)
        case .naive: self.init(try await NaiveRow.read(from: table, on: connection), in: table)
        case .dbmate, .rails, .alembic:
            let column = tool == .alembic ? "version_num" : "version"
            let versions = try await connection.query(
                "SELECT \(column)::text FROM \(table.qualifiedName) ORDER BY 1"
            ).decode(as: String.self)
            self.init(versions: versions)
        }
    }

    /// A history of nothing but versions, as dbmate and Rails have it.
    init(versions: [String]) {
        let numbered = versions.map { (text: $0, version: ForeignVersion($0)) }.sorted { left, right in
            guard let left = left.version, let right = right.version else { return left.text < right.text }
            return left < right
        }
        rows = numbered.map { ForeignRow(label: $0.text, names: [$0.text], version: $0.version) }
    }
}

/// The SQL that reads an instant as microseconds since 1970; one without a time zone is in the session's, as the tool
/// that wrote it had it.
func microseconds(_ column: String) -> String {
    "(extract(epoch FROM \(column)::timestamptz) * 1000000)::bigint"
}
