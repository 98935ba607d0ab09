public import Migrator
import SQLSyntax
import SourceText

/// What the migrations of a folder make, rename and take away, in their order, read from their syntax.
///
/// What a `DO` block or a function does is not seen.
public struct MigrationTrail: Sendable {
    let events: [SchemaEvent]

    /// A trail of no migrations: nobody is told where a thing comes from.
    public static let none = MigrationTrail(events: [])

    /// Reads the migrations of a folder.
    ///
    /// - Parameters:
    ///   - directory: the migrations.
    ///   - statuses: where each stands on the database that is asked; nil where all have run.
    ///   - placeholders: the values of `${name}` in files.
    /// - Throws: `MigratorError` for a file that cannot be read.
    public init(
        of directory: MigrationDirectory,
        statuses: [MigrationStatus]? = nil,
        placeholders: [String: String]? = nil
    ) throws {
        let waiting: [MigrationStatus.State] = [.pending, .failed, .outOfOrder, .due]
        let pending = Set((statuses ?? []).filter { waiting.contains($0.state) }.map(\.name))
        events = try (directory.migrations + directory.repeatables).flatMap { migration in
            let text = try MigrationText(of: migration.up, placeholders: placeholders)
            let isPending = pending.contains(migration.name)
            // A migration that cannot be read as SQL is its own run's to report.
            guard let script = try? SQLScript(utf8: text.bytes, file: migration.path),
                let tree = try? SyntaxTree(script)
            else { return [SchemaEvent]() }
            return tree.statements.flatMap { statement in
                let position = text.filePosition(ofByte: statement.statement.range.lowerBound)
                return SchemaEvent.changes(of: statement).map { change in
                    SchemaEvent(
                        migration: migration.name,
                        isPending: isPending,
                        place: "\(migration.path):\(position)",
                        change: change
                    )
                }
            }
        }
    }

    init(events: [SchemaEvent]) { self.events = events }

    /// What is known of a thing that is not there.
    struct Answer: Equatable {
        /// The migration.
        let migration: String
        /// What it did or is to do, and what follows from that.
        let next: String
    }

    /// Which migration has yet to bring a thing, took it away, or says that it made it; nil if none speaks of it.
    func answer(for missing: SchemaThing) -> Answer? {
        let about = events.filter { $0.change.concerns(missing) }
        if let event = about.first(where: { $0.isPending && $0.change.brings(missing) }) {
            return Answer(
                migration: event.migration,
                next: "\(event.place) has yet to bring it: run `lastro migrate` before the application"
            )
        }
        guard let event = about.last(where: { !$0.isPending }) else { return nil }
        let next =
            switch event.change {
            case .renames(_, let name): "\(event.place) renamed it to \(Identifier.quote(name)): change the query"
            case .removes: "\(event.place) took it away: change the query, or bring it back with a new migration"
            case .brings, .demandsValue:
                "\(event.place) brings it and counts as run, but it is not there: compare with `lastro diff`"
            }
        return Answer(migration: event.migration, next: next)
    }

    /// The migration that made a column one that must have a value.
    func origin(ofDemand column: SchemaThing) -> (migration: String, place: String)? {
        events.last {
            if case .demandsValue(let thing) = $0.change { thing.isSame(as: column) } else { false }
        }.map { ($0.migration, $0.place) }
    }
}

/// A thing that a query may name.
enum SchemaThing: Hashable, Sendable {
    case relation(QualifiedName)
    case column(of: QualifiedName, name: String)
    case function(QualifiedName)
    case type(QualifiedName)
    case schema(String)

    /// Whether two names may mean the same thing: a schema that is left out may be any.
    func isSame(as other: SchemaThing) -> Bool {
        switch (self, other) {
        case (.relation(let one), .relation(let two)), (.function(let one), .function(let two)),
            (.type(let one), .type(let two)):
            one.mayMean(two)
        case (.column(let table, let one), .column(let other, let two)): one == two && table.mayMean(other)
        case (.schema(let one), .schema(let two)): one == two
        default: false
        }
    }
}

extension QualifiedName {
    fileprivate func mayMean(_ other: QualifiedName) -> Bool {
        name == other.name && (schema == nil || other.schema == nil || schema == other.schema)
    }
}

/// What one statement of a migration does to one thing.
struct SchemaEvent: Sendable {
    let migration: String
    let isPending: Bool
    let place: String
    let change: Change

    enum Change: Hashable, Sendable {
        case brings(SchemaThing)
        case removes(SchemaThing)
        case renames(SchemaThing, to: String)
        /// A column must have a value from here on.
        case demandsValue(SchemaThing)

        func brings(_ thing: SchemaThing) -> Bool {
            switch self {
            case .brings(let own): own.isSame(as: thing)
            case .renames(let own, let name): own.named(name).isSame(as: thing)
            case .removes, .demandsValue: false
            }
        }

        /// Whether it makes a thing, or makes it go.
        func concerns(_ thing: SchemaThing) -> Bool {
            switch self {
            case .removes(let own):
                if case .column(let table, _) = thing, own.isSame(as: .relation(table)) { return true }
                return own.isSame(as: thing)
            case .renames(let own, _): return own.isSame(as: thing) || brings(thing)
            case .brings: return brings(thing)
            case .demandsValue: return false
            }
        }
    }
}

extension SchemaThing {
    fileprivate func named(_ name: String) -> SchemaThing {
        switch self {
        case .relation(let old): .relation(QualifiedName(schema: old.schema, name: name))
        case .column(let table, _): .column(of: table, name: name)
        case .function(let old): .function(QualifiedName(schema: old.schema, name: name))
        case .type(let old): .type(QualifiedName(schema: old.schema, name: name))
        case .schema: .schema(name)
        }
    }
}
