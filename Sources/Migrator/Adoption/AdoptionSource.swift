/// A tool whose history Lastro can read.
public enum AdoptionTool: String, Hashable, Sendable, CaseIterable {
    /// Flyway's `flyway_schema_history`.
    case flyway
    /// golang-migrate's `schema_migrations(version, dirty)`.
    case golangMigrate = "golang-migrate"
    /// dbmate's `schema_migrations(version)`.
    case dbmate
    /// goose's `goose_db_version`.
    case goose
    /// The `schema_migrations(version)` of Rails.
    case rails
    /// Prisma's `_prisma_migrations`.
    case prisma
    /// sqlx's `_sqlx_migrations`.
    case sqlx
    /// Sqitch's registry.
    case sqitch
    /// Alembic's `alembic_version`, which holds a revision and nothing of the files.
    case alembic
    /// A table of `(name, applied_at)`, as home-made runners have it.
    case naive

    /// What the tool is called in a sentence.
    public var title: String {
        switch self {
        case .flyway: "Flyway"
        case .golangMigrate: "golang-migrate"
        case .dbmate: "dbmate"
        case .goose: "goose"
        case .rails: "Rails"
        case .prisma: "Prisma"
        case .sqlx: "sqlx"
        case .sqitch: "Sqitch"
        case .alembic: "Alembic"
        case .naive: "a home-made runner"
        }
    }
}

/// Where to look for another tool's history.
public struct AdoptionSource: Hashable, Sendable {
    /// Whose history it is; nil to tell by the columns of its table.
    public var tool: AdoptionTool?
    /// The table, as SQL would name it; nil to look along `search_path` and in the schema `sqitch`.
    public var table: String?
    /// The project of a Sqitch registry that serves several.
    public var project: String?

    /// Makes a source; what is left out is found out.
    public init(tool: AdoptionTool? = nil, table: String? = nil, project: String? = nil) {
        self.tool = tool
        self.table = table
        self.project = project
    }
}

/// How a history is adopted.
public struct AdoptionOptions: Hashable, Sendable {
    /// The last migration whose work the database holds, by version or name, for a history that says nothing of the
    /// files; nil to match rows with files.
    public var baseline: String?
    /// Whether the files as they are count as what ran, also where nothing proves it.
    public var trustsFiles: Bool

    /// Makes options: rows are matched with files, and only proven files are trusted.
    public init(baseline: String? = nil, trustsFiles: Bool = false) {
        self.baseline = baseline
        self.trustsFiles = trustsFiles
    }
}
