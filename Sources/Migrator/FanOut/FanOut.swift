public import Postgres

/// Brings many databases, or many schemas of one database, from the migrations that ran on each to those of one folder.
///
/// Each target has a history of its own and is migrated as ``Migrator`` migrates a database, so a target is never half
/// done, and whoever runs again skips what is finished. The folder is read once, for all of them.
///
/// ```swift
/// var fanOut = FanOut(directory: "migrations", targets: .schemas([SchemaPattern("tenant_*")], of: database))
/// fanOut.options.canary = .first(1)
/// for try await event in fanOut.migrate() {
///     if case .failed(let target, let error) = event { print(target, error) }
/// }
/// ```
public struct FanOut: Sendable {
    /// The folder of migrations.
    public let directory: String
    /// What is migrated.
    public let targets: Targets
    /// How to run.
    public var options: Options
    /// What runs around each target's migrations beside the hook files of the folder.
    public var hookAction: (@Sendable (_ target: String) -> HookAction?)?

    /// What is migrated.
    public enum Targets: Sendable {
        /// Databases, each with a name to call it by.
        case databases([Target])
        /// The schemas of one database whose names fit one of these patterns, in the order of their names.
        ///
        /// A migration runs with its schema first in the search path. PostgreSQL's own schemas never fit.
        case schemas([SchemaPattern], of: ConnectionSettings)

        var noun: String {
            switch self {
            case .databases: "database"
            case .schemas: "schema"
            }
        }
    }

    /// One of many databases.
    public struct Target: Hashable, Sendable {
        /// What it is called.
        public let name: String
        /// Where it is.
        public let settings: ConnectionSettings

        /// Names a database.
        public init(name: String, settings: ConnectionSettings) {
            self.name = name
            self.settings = settings
        }
    }

    /// What happens after a target has failed.
    public enum FailureRule: Hashable, Sendable {
        /// Those under way go on to their end, and no other is begun.
        case stop
        /// The others are migrated all the same.
        case proceed
    }

    /// Which targets are migrated before all others, one by one; the others only if they succeed.
    public enum Canary: Hashable, Sendable {
        /// This many, the first ones for which there is anything to do.
        case first(Int)
        /// The target of this name.
        case named(String)
    }

    /// How to run.
    public struct Options: Hashable, Sendable {
        /// How many targets are migrated at once; each takes two connections.
        public var parallelism = 4
        /// Which targets go before all others.
        public var canary: Canary?
        /// What happens after a failure.
        public var failureRule = FailureRule.stop
        /// How each target is migrated.
        public var migrator: Migrator.Options

        /// Makes options: four at once, no canary, stop after a failure.
        public init(migrator: Migrator.Options = Migrator.Options()) {
            self.migrator = migrator
        }
    }

    /// Makes a fan-out; nothing is read or opened yet.
    public init(directory: String, targets: Targets, options: Options = Options()) {
        self.directory = directory
        self.targets = targets
        self.options = options
    }

    /// Applies the pending migrations of each target.
    public func migrate(to target: MigrationTarget = .newest) -> FanOutRun {
        FanOutRun { [self] emit in
            try await FanOutExecution(fanOut: self, work: .migrate, goal: target, emit: emit)()
        }
    }

    /// Takes the migrations of each target back that ran behind one of them.
    ///
    /// Whoever runs again skips what is finished: a target on which that one is the last has nothing to take back.
    ///
    /// - Parameter name: the migration that stays, by its version or its name.
    /// - Returns: the run.
    public func undo(to name: String) -> FanOutRun {
        FanOutRun { [self] emit in
            try await FanOutExecution(fanOut: self, work: .undo(to: name), goal: .newest, emit: emit)()
        }
    }

    /// Brings each target's history in line with the files, as ``Migrator/repair(_:reason:)`` does.
    ///
    /// - Parameters:
    ///   - names: the migrations, by version or name; all that need repair if empty. Where they need none, nothing is done.
    ///   - reason: why; it stays in the events. Nil to find out what would be done, and to change nothing.
    /// - Returns: the run.
    public func repair(_ names: [String] = [], reason: String?) -> FanOutRun {
        FanOutRun { [self] emit in
            let work = FanOutExecution.Work.repair(names, reason: reason)
            try await FanOutExecution(fanOut: self, work: work, goal: .newest, emit: emit)()
        }
    }

    /// Finds out where each target stands, and changes nothing.
    public func look(to target: MigrationTarget = .newest) -> FanOutRun {
        FanOutRun { [self] emit in
            try await FanOutExecution(fanOut: self, work: .look, goal: target, emit: emit)()
        }
    }
}

/// Names of schemas: `*` stands for any characters, `?` for one, everything else for itself, as in psql's `\dn`.
public struct SchemaPattern: Hashable, Sendable, CustomStringConvertible {
    /// The pattern as it is written.
    public let description: String

    /// Makes a pattern from its text.
    public init(_ text: String) {
        description = text
    }

    /// The same for LIKE, in which `_` is a wildcard: in names of schemas it is a letter like any other.
    var likePattern: String {
        description.reduce(into: "") { pattern, character in
            switch character {
            case "*": pattern += "%"
            case "?": pattern += "_"
            case "%", "_", "\\": pattern += "\\\(character)"
            default: pattern.append(character)
            }
        }
    }
}
