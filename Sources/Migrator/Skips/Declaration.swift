import SQLSyntax

/// What a guarded statement would have made.
struct Declaration: Sendable {
    /// What it would have made, from the syntax tree.
    enum Content: Sendable {
        case table(CreateTable)
        case query(CreateTableAs)
        case index(CreateIndex)
        case sequence([StatementOption])
        case column(ColumnDefinition, of: QualifiedName)
        case enumValue(String, AlterEnum.Place)
        case schema(owner: String?)
        case `extension`([StatementOption])
        case statistics
        /// Something whose attributes are not compared, in words.
        case unjudged(String)
    }

    /// The statement, counted from 0.
    let statement: Int
    /// The byte of the script where the guarded part begins.
    let location: Int
    /// The object's kind and name, as in *table jobs*.
    let object: String
    /// What the user wrote: `CREATE TABLE IF NOT EXISTS`.
    let words: String
    let content: Content
    /// How it is found.
    let subject: StatementGuard
    /// What else the tree holds; nil for a statement that was not analysed.
    let syntax: SyntaxNode?
    let source: SQLStatement

    /// Reads what the guards of a statement would have made.
    static func all(in script: SQLScript, statement index: Int) -> [Declaration] {
        let source = script.statements[index]
        if source.begins(with: "DO") { return BlockGuards(source).parts.flatMap { inBlock($0, source, index) } }
        // What the parser refuses is found by its words, and not judged.
        guard let parsed = try? ParsedStatement(source), let node = parsed.node, let syntax = parsed.syntax else {
            return source.guards.map { unanalysed($0, source, index) }
        }
        func make(
            _ kind: String,
            _ name: String,
            _ words: String,
            _ subject: StatementGuard.Subject,
            _ content: Content,
            isTemporary: Bool = false,
            at location: Int? = nil
        ) -> Declaration {
            Declaration(
                statement: index,
                location: location ?? source.range.lowerBound,
                object: "\(kind) \(name)",
                words: words,
                content: content,
                subject: StatementGuard(subject: subject, isTemporary: isTemporary),
                syntax: syntax,
                source: source
            )
        }
        func name(_ name: QualifiedName) -> String { name.description }
        switch node {
        case .createTable(let table) where table.ifNotExists:
            let kind = table.foreignServer == nil ? "table" : "foreign table"
            return [
                make(
                    kind,
                    name(table.table.name),
                    "CREATE \(kind.uppercased()) IF NOT EXISTS",
                    .relation(table.table.name),
                    .table(table),
                    isTemporary: table.persistence == .temporary
                )
            ]
        case .createTableAs(let query) where query.ifNotExists:
            let kind = query.isMaterializedView ? "materialized view" : "table"
            return [
                make(
                    kind,
                    name(query.relation.name),
                    "CREATE \(kind.uppercased()) IF NOT EXISTS",
                    .relation(query.relation.name),
                    .query(query),
                    isTemporary: query.persistence == .temporary
                )
            ]
        case .createIndex(let made) where made.ifNotExists:
            guard let indexName = made.name else { return [] }
            let subject = StatementGuard.Subject.index(indexName, on: made.table.name)
            let words = "CREATE INDEX \(made.isConcurrent ? "CONCURRENTLY " : "")IF NOT EXISTS"
            return [make("index", Identifier.quote(indexName), words, subject, .index(made))]
        case .createSequence(let sequence, true, let options):
            return [
                make(
                    "sequence",
                    name(sequence.name),
                    "CREATE SEQUENCE IF NOT EXISTS",
                    .relation(sequence.name),
                    .sequence(options),
                    isTemporary: syntax.child("sequence")?.text("relpersistence") == "t"
                )
            ]
        case .createSchema(let schema, true, let owner):
            guard let schema = schema ?? owner else { return [] }
            let subject = StatementGuard.Subject.schema(schema)
            let content = Content.schema(owner: owner)
            return [make("schema", Identifier.quote(schema), "CREATE SCHEMA IF NOT EXISTS", subject, content)]
        case .createExtension(let made, true, let options):
            let words = "CREATE EXTENSION IF NOT EXISTS"
            return [make("extension", Identifier.quote(made), words, .extension(made), .extension(options))]
        case .alterTable(let alter):
            return alter.actions.filter { $0.kind == .addColumn && $0.isTolerant }.compactMap { action in
                guard let column = action.column else { return nil }
                return make(
                    "column",
                    "\(name(alter.relation.name)).\(Identifier.quote(column.name))",
                    "ADD COLUMN IF NOT EXISTS",
                    .column(column.name, of: alter.relation.name),
                    .column(column, of: alter.relation.name),
                    at: column.location
                )
            }
        case .alterEnum(let alter):
            guard case .add(let value, true, let place) = alter.change else { return [] }
            return [
                make(
                    "value",
                    "\(StringLiteral.quote(value)) of \(name(alter.type))",
                    "ADD VALUE IF NOT EXISTS",
                    .enumValue(value, of: alter.type),
                    .enumValue(value, place)
                )
            ]
        default:
            return source.guards.map { unanalysed($0, source, index, syntax: syntax) }
        }
    }

    /// What a statement in a block would have made, with its places in the file.
    private static func inBlock(_ part: BlockGuards.Part, _ block: SQLStatement, _ index: Int) -> [Declaration] {
        all(in: part.script, statement: 0).map { declaration in
            let location = part.place.map { place in
                part.isVerbatim ? place + declaration.location : place
            }
            return Declaration(
                statement: index,
                location: location ?? block.range.lowerBound,
                object: declaration.object,
                words: declaration.words,
                content: part.doubt.map(Content.unjudged) ?? declaration.content,
                subject: declaration.subject,
                syntax: declaration.syntax,
                source: declaration.source
            )
        }
    }

    private static func unanalysed(
        _ subject: StatementGuard,
        _ source: SQLStatement,
        _ index: Int,
        syntax: SyntaxNode? = nil
    ) -> Declaration {
        let words = source.leadingWords.prefix { $0 != "IF" }.joined(separator: " ")
        let kind = words.lowercased().split(separator: " ").dropFirst().joined(separator: " ")
        let isStatistics = syntax?.kind == "CreateStatsStmt"
        return Declaration(
            statement: index,
            location: source.range.lowerBound,
            object: kind + (subject.names.first.map { " \(Identifier.quote($0))" } ?? ""),
            words: "\(words) IF NOT EXISTS",
            content: isStatistics
                ? .statistics
                : .unjudged(syntax == nil ? "the parser does not know the statement" : "the attributes of a \(kind)"),
            subject: subject,
            syntax: syntax,
            source: source
        )
    }
}
