import Catalog
public import Migrator
import SQLSyntax
public import SourceText

/// The statement of a migration that last named an object, with what the history says of the migration.
public struct DefiningStatement: Hashable, Sendable {
    /// The migration's name.
    public let migration: String
    /// Where the statement begins.
    public let location: SourceLocation
    /// The migration's row in the history.
    public let entry: HistoryEntry
}

/// Which statement of which migration named an object last: read from the statements, in the order in which they ran.
struct DefinitionTrail {
    private struct Mention {
        /// Where an unqualified name may have led; nil if nothing is known of the search path.
        let schemas: [String]?
        let statement: DefiningStatement
        /// Whether it only says something of the object, or gives privileges on it.
        let isAnnotation: Bool
    }

    private var mentions: [NamedObject: [Mention]] = [:]

    /// Reads the migrations of a history.
    ///
    /// - Parameters:
    ///   - recorded: the migrations.
    ///   - placeholders: the values of `${name}` in them.
    /// - Throws: ``MigratorError`` for a file that cannot be read; `SQLSyntaxError`.
    init(_ recorded: RecordedHistory, placeholders: [String: String]?) throws {
        for record in recorded.records {
            let text = try MigrationText(of: record.migration.up, placeholders: placeholders)
            let tree = try SyntaxTree(try SQLScript(utf8: text.bytes, file: record.migration.path))
            var path: [String]?
            for statement in tree.statements {
                if case .set(let variable)? = statement.node, variable.name == "search_path" {
                    path = variable.kind == .value ? variable.values : nil
                }
                let location = SourceLocation(
                    file: record.migration.path,
                    position: text.filePosition(ofByte: statement.statement.range.lowerBound)
                )
                let defining = DefiningStatement(
                    migration: record.migration.name,
                    location: location,
                    entry: record.entry
                )
                let isAnnotation =
                    switch statement.node {
                    case .comment?, .securityLabel?, .grant?: true
                    default: false
                    }
                note(StatementNames(statement), path: path, isAnnotation: isAnnotation, defining)
            }
        }
    }

    private mutating func note(
        _ names: StatementNames,
        path: [String]?,
        isAnnotation: Bool,
        _ statement: DefiningStatement
    ) {
        for name in names.names {
            let mention = Mention(
                schemas: name.schema.map { [$0] } ?? path,
                statement: statement,
                isAnnotation: isAnnotation
            )
            mentions[name.object, default: []].append(mention)
        }
        guard let renaming = names.renaming else { return }
        var renamed = renaming.from.object
        renamed.name = renaming.to
        mentions[renamed, default: []] += mentions.removeValue(forKey: renaming.from.object) ?? []
        guard renaming.from.object.space == .relation || renaming.from.object.space == .type else { return }
        for object in mentions.keys where object.parent == renaming.from.object.name {
            var moved = object
            moved.parent = renaming.to
            mentions[moved, default: []] += mentions.removeValue(forKey: object) ?? []
        }
    }

    /// The statement that last named an object.
    ///
    /// What migrations make without a name (the key of a table, the sequence of a column) is made by the statement that
    /// names what it belongs to.
    ///
    /// - Parameters:
    ///   - identity: the object.
    ///   - wanted: what the migrations make.
    /// - Returns: the statement; nil if none explains the object.
    func statement(for identity: ObjectIdentity, in wanted: Catalog) -> DefiningStatement? {
        if let statement = named(identity) { return statement }
        guard let object = wanted[identity] else { return nil }
        let owners =
            [wanted.parent(of: identity)].compactMap(\.self) + (identity.kind == .sequence ? owners(of: object) : [])
        return owners.lazy.compactMap { named($0, isDefined: true) }.first
    }

    private func named(_ identity: ObjectIdentity, isDefined: Bool = false) -> DefiningStatement? {
        mentions[NamedObject(identity)]?.last { mention in
            if isDefined, mention.isAnnotation { return false }
            guard let schemas = mention.schemas, let schema = identity.schema else { return true }
            return schemas.contains(schema)
        }?.statement
    }

    /// The column that a sequence belongs to, and its table.
    private func owners(of sequence: CatalogObject) -> [ObjectIdentity] {
        sequence.dependencies.filter { $0.kind == .column || $0.kind == .table }
    }
}
