#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What an adoption would write into Lastro's history, and what stands in its way.
public struct AdoptionPlan: Hashable, Sendable {
    /// Whose history is adopted.
    public let tool: AdoptionTool
    /// The table that holds it, as `schema.name`.
    public let table: String
    /// Lastro's table, as `schema.name`.
    public let target: String
    /// Whether the table becomes Lastro's own where it stands; every other one stays as it is.
    public let isInPlace: Bool
    /// How the plan was asked for.
    public let options: AdoptionOptions
    /// The rows to write, in the order in which the migrations ran.
    public let rows: [AdoptionRow]
    /// The migrations that did not run yet, by version.
    public let pending: [String]
    /// Those of them that come before one that ran.
    public let gaps: [String]
    /// What stands in the way; while there is any, nothing is adopted.
    public let problems: [MigratorError]

    /// Where the history was looked for, with what was found out.
    let source: AdoptionSource

    /// Throws what stands in the way, if anything does.
    public func check() throws(MigratorError) {
        guard let first = problems.first else { return }
        throw problems.count == 1 ? first : .several(problems)
    }

    /// How many rows are in a state.
    public func count(of state: AdoptionRow.State) -> Int { rows.count { $0.state == state } }
}

/// A row that an adoption writes.
public struct AdoptionRow: Hashable, Sendable {
    /// How well a row and its file are known to belong together.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// The file is what ran: the other tool's own checksum says so.
        case verified
        /// The migration ran; nothing tells whether its file is what it was.
        case unverified
        /// The other tool's checksum is not that of the file.
        case changed
        /// The migration ran, and has no file.
        case missing
        /// The migration failed half way.
        case failed
    }

    /// The migration's name, as Lastro's history will have it.
    public let name: String
    /// Its version; empty where it has none.
    public let version: String
    /// What the other tool calls it.
    public let label: String
    /// When it ran; nil where the other tool did not note it.
    public let appliedAt: Date?
    /// How well it is known.
    public let state: State
    /// The file's checksum, if it goes into the history; the row is unverified without.
    public let checksum: Checksum?

    /// Whether the migration runs again whenever its file changes.
    let isRepeatable: Bool
}
