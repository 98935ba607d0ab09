#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What ran on a database, as its history table tells it.
public struct History: Hashable, Sendable {
    /// The rows, in the order in which they came to be.
    public let entries: [HistoryEntry]
    /// The table that holds them; nil if there is none yet.
    public let table: HistoryTable?
    /// The name that the table has or will have; nil for the usual one.
    var tableName: String? { table?.name ?? plannedName }
    /// The name that the table will have.
    private let plannedName: String?

    /// Whether names stand in it as files are called: the table was taken over from a tool that writes them so.
    let usesFileNames: Bool
    /// The place of each migration's row; nearly always it has one.
    private let places: [MigrationKey: Int32]
    /// The places of all rows of a migration that has several.
    private let repeatedPlaces: [MigrationKey: [Int32]]

    init(entries: [HistoryEntry], table: HistoryTable?, plannedName: String? = nil) {
        var places: [MigrationKey: Int32] = [:]
        var repeated: [MigrationKey: [Int32]] = [:]
        places.reserveCapacity(entries.count)
        for (place, entry) in entries.enumerated() {
            let key = MigrationKey(entry.name)
            guard let first = places.updateValue(Int32(place), forKey: key) else { continue }
            repeated[key, default: [first]].append(Int32(place))
        }
        self.entries = entries
        self.table = table
        self.plannedName = plannedName
        self.places = places
        repeatedPlaces = repeated
        usesFileNames = entries.contains { $0.name.hasSuffix(".sql") }
    }

    /// The history of a database on which nothing ran.
    public static let empty = History(entries: [], table: nil)

    /// The rows that mean one migration: none, one, or several if another hand was at work.
    public func entries(of migration: Migration) -> [HistoryEntry] { entries(of: MigrationKey(migration.name)) }

    /// The rows that mean a migration of this name, with or without `.sql`.
    func entries(called name: String) -> [HistoryEntry] { entries(of: MigrationKey(name)) }

    private func entries(of key: MigrationKey) -> [HistoryEntry] {
        guard let place = places[key] else { return [] }
        return repeatedPlaces[key].map { $0.map { entries[Int($0)] } } ?? [entries[Int(place)]]
    }

    /// How a migration is called in this table: with `.sql` if the table was taken over from a tool that does so.
    func name(of migration: Migration) -> String { usesFileNames ? migration.name + ".sql" : migration.name }
}

/// One row of the history.
public struct HistoryEntry: Hashable, Sendable {
    /// How a row came to be.
    public struct Outcome: RawRepresentable, Hashable, Sendable {
        /// The word in the table.
        public let rawValue: String

        /// Makes an outcome from its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The migration ran.
        public static let applied = Outcome(rawValue: "applied")
        /// Somebody said that it counts as run, and why.
        public static let marked = Outcome(rawValue: "marked")
        /// It was there before the history began.
        public static let baseline = Outcome(rawValue: "baseline")
        /// The row was in the table when it was taken over from another tool.
        public static let adopted = Outcome(rawValue: "adopted")
        /// The migration's work is part of another file now.
        public static let squashed = Outcome(rawValue: "squashed")
        /// Steps of its way back ran, and others did not.
        public static let undoing = Outcome(rawValue: "undoing")
        /// The migration ran and was taken back.
        public static let undone = Outcome(rawValue: "undone")
    }

    /// The migration's name as the row has it.
    public let name: String
    /// The row's place in the order of rows; never used twice.
    public let position: Int
    /// The checksum of the file that ran; nil where it is not known, or of an algorithm that this version does not know.
    public let checksum: Checksum?
    /// Whether the row has a text in the checksum's place that is none, of no algorithm past or to come.
    public var hasUnreadableChecksum = false
    /// When it ran; nil where a taken-over row did not say.
    public let appliedAt: Date?
    /// How the row came to be; nil for a row that another hand put there.
    public let outcome: Outcome?
    /// The role that wrote the row; nil for a row of another hand or tool.
    public var appliedBy: String?

    /// Whether the migration counts as run.
    public var isInForce: Bool { outcome != .undone }
}

/// The table that holds a history.
public struct HistoryTable: Hashable, Sendable {
    /// The schema.
    public let schema: String
    /// The name: `schema_migrations`, or `lastro_migrations` beside another tool's table of that name.
    public let name: String
    /// Whether the table still is as another tool made it, and the first run will take it over.
    public let isNaive: Bool
}

/// The name of a history's table that is not the usual one.
public struct HistoryTableName: Hashable, Sendable {
    /// The schema; nil for the first one of the search path.
    public let schema: String?
    /// The table's own name.
    public let name: String

    /// Makes a name from its parts, as the server knows them: folded, without quotes.
    public init(schema: String? = nil, name: String) {
        self.schema = schema
        self.name = name
    }
}
