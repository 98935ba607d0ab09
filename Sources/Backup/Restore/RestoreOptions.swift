/// What of a snapshot is restored, and how.
public struct RestoreOptions: Hashable, Sendable {
    /// Up to where a database is built.
    public enum Point: String, CaseIterable, Hashable, Sendable {
        /// What comes before the data: tables without rows, without keys and indexes.
        case preData = "pre-data"
        /// The rows too.
        case data
        /// Everything.
        case postData = "post-data"
    }

    /// What is done about the roles that a snapshot names.
    public enum Roles: String, CaseIterable, Hashable, Sendable {
        /// None is made.
        case none
        /// Those that are missing are made, without a password and without rights over the whole server.
        case missing
        /// Those that are missing are made with all that the snapshot knows of them.
        case full
    }

    /// Up to where.
    public var point = Point.postData
    /// Whether rows are left out.
    public var isSchemaOnly = false
    /// Whether rows go into tables that are there and empty.
    public var isDataOnly = false
    /// Which tables, as `table` or `schema.table`, with `*` and `?`; all if there are none.
    public var tables: [String] = []
    /// The schema that everything goes into, which is made.
    public var schema: String?
    /// Whether objects get their owners and privileges; otherwise all belong to who restores.
    public var keepsOwners = true
    /// Other roles in the place of the snapshot's.
    public var roleMap: [String: String] = [:]
    /// What is done about the roles.
    public var roles = Roles.missing
    /// The schemas in which functions and views find names that they do not qualify; none for those of the system alone.
    public var searchPath: [String] = []
    /// Whether materialized views that cannot be filled stay without rows, and checks that cannot be evaluated NOT VALID.
    public var isLenient = false
    /// Whether every table is read again to be compared, also where the server could hash its rows.
    public var readsBack = false
    /// Whether statistics are gathered; otherwise that is left to autovacuum, or to who uses the database.
    public var analyses = true
    /// Whether the database takes the place of one that is there, which is kept under another name.
    public var replaces = false

    /// Makes options that restore everything.
    public init() {}

    /// Whether something is left out, so that the schema cannot be the one that was backed up.
    var leavesOut: Bool { point != .postData || isDataOnly || !tables.isEmpty || schema != nil }

    /// Whether an existing database can get what is restored.
    var isAddition: Bool { isDataOnly || !tables.isEmpty || schema != nil }

    var restoresRows: Bool { !isSchemaOnly && point != .preData }

    /// Refuses options that contradict each other.
    func check() throws {
        if isSchemaOnly, isDataOnly { throw BackupError.contradiction("--schema-only", "--data-only") }
        if isDataOnly, schema != nil { throw BackupError.contradiction("--data-only", "--into-schema") }
        if isDataOnly, point != .postData { throw BackupError.contradiction("--data-only", "--point") }
        if isSchemaOnly, point == .data { throw BackupError.contradiction("--schema-only", "--point data") }
        if replaces, leavesOut || isSchemaOnly {
            throw BackupError.contradiction("--replace", "options that leave something out")
        }
        if isLenient, isAddition { throw BackupError.contradiction("--lenient", "options that add to a database") }
        if !keepsOwners, !roleMap.isEmpty { throw BackupError.contradiction("--no-owner", "--map-role") }
    }

    /// The role that stands for one of the snapshot's.
    func role(for name: String) -> String { roleMap[name] ?? name }
}
