public import Postgres

/// Where a schema comes from.
public enum SchemaSource: Hashable, Sendable {
    /// A database as it is.
    case database(ConnectionSettings)
    /// A database in which nothing was made yet.
    case empty
    /// A file of SQL, or a folder of such files in which each stands for itself.
    case sql(String)
    /// A folder of migrations.
    case migrations(String)
    /// A catalog file.
    case catalogFile(String)
    /// A folder or file as it is in a revision of the git repository that it lies in.
    case revision(String, path: String)

    /// Whether it takes a server of its own to build it.
    public var isBuilt: Bool {
        switch self {
        case .sql, .migrations, .revision: true
        case .database, .empty, .catalogFile: false
        }
    }
}
