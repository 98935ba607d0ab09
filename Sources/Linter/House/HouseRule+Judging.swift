import SQLSyntax

extension HouseRule {
    /// The rule as the linter asks it.
    public var rule: Rule {
        Rule(
            name,
            .name,
            severity,
            summary,
            page: (advice.map { "\($0)\n\n" } ?? "")
                + "A rule of this house, from `lint.house-rules` of the configuration.",
            bad: Rule.Example(""),
            good: Rule.Example(""),
            judge: judge
        )
    }

    /// What it demands, in a line.
    private var summary: String {
        switch demand {
        case .names(let kinds, let pattern): "The name of a \(words(kinds)) that does not fit \(pattern.text)"
        case .columns(let columns): "A table without \(columns.map(\.words).joined(separator: ", "))"
        case .types(let types): "A column of \(types.map { "\($0)" }.joined(separator: " or "))"
        case .statements(let statements):
            "A statement that begins with \(statements.map { $0.joined(separator: " ") }.joined(separator: " or "))"
        case .comments(let kinds): "A \(words(kinds)) that gets no comment in its file"
        }
    }

    private func words(_ kinds: Set<NamedKind>) -> String {
        NamedKind.allCases.filter(kinds.contains).map(\.words).joined(separator: " or ")
    }

    private var judge: Rule.Judge {
        let all = Set(StatementKind.allCases)
        switch demand {
        case .names(let kinds, let pattern):
            return .statement(all) { context in
                for named in context.node.named where kinds.contains(named.kind) && covers(named.table) {
                    guard !pattern.fits(named.name) else { continue }
                    context.report(
                        "\(named.kind.words) \(Identifier.quote(named.name)) does not fit \(pattern.text)",
                        at: named.location,
                        next: advice
                    )
                }
            }
        case .columns(let columns):
            return .file { context in
                for (index, table) in context.newTables where covers(table) {
                    guard let relation = context.schema.relation(table), relation.hasColumnList else { continue }
                    for column in columns {
                        guard let mistake = column.mistake(in: relation) else { continue }
                        context.report("\(table) \(mistake)", atStatement: index, next: advice)
                    }
                }
            }
        case .types(let types):
            return .statement([.createTable, .alterTable]) { context in
                guard let table = context.node.table, covers(table) else { return }
                context.forEachColumnType { column, type in
                    guard types.contains(where: { $0.includes(type) }) else { return }
                    context.report("column \(Identifier.quote(column)) is \(type)", at: type.location, next: advice)
                }
            }
        case .statements(let statements):
            return .statement(all) { context in
                let words = context.parsed.statement.leadingWords
                guard let sequence = statements.first(where: { words.starts(with: $0) }) else { return }
                if let table = context.node.table, !covers(table) { return }
                context.report("\(sequence.joined(separator: " ")) is not for migrations of this house", next: advice)
            }
        case .comments(let kinds):
            return .file { context in
                let commented = context.commented
                for (index, statement) in context.source.statements.enumerated() {
                    for named in statement.node?.named ?? [] where kinds.contains(named.kind) && covers(named.table) {
                        guard !commented.contains(named.key) else { continue }
                        context.report(
                            "\(named.kind.words) \(Identifier.quote(named.name)) gets no comment in this file",
                            atStatement: index,
                            offset: named.location,
                            next: advice
                        )
                    }
                }
            }
        }
    }
}

extension HouseRule.RequiredColumn {
    fileprivate var words: String {
        ([Identifier.quote(name)] + [type.map { "\($0)" }, isNotNull ? "NOT NULL" : nil].compactMap(\.self))
            .joined(separator: " ")
    }

    /// What a table has in place of the column; nil if it has the column.
    fileprivate func mistake(in relation: Relation) -> String? {
        guard let column = relation.column(name) else { return "has no column \(words)" }
        if let type, let own = column.type, !type.includes(own) {
            return "has \(Identifier.quote(name)) as \(own), not \(type)"
        }
        let isKey = relation.primaryKey?.columns.contains(name) ?? false
        if isNotNull, !column.isNotNull, !isKey { return "has \(Identifier.quote(name)), which may be null" }
        return nil
    }
}

extension TypeReference {
    /// Whether a type is this one; without modifiers of its own it includes the type with any.
    fileprivate func includes(_ other: TypeReference) -> Bool {
        func plain(_ name: QualifiedName) -> QualifiedName {
            name.schema == "pg_catalog" ? QualifiedName(name: name.name) : name
        }
        return plain(name) == plain(other.name) && (modifiers.isEmpty || modifiers == other.modifiers)
    }
}

extension FileContext {
    /// The tables that the file makes, each with its statement; temporary ones are left out.
    fileprivate var newTables: [(index: Int, table: QualifiedName)] {
        source.statements.enumerated().compactMap { index, statement in
            guard case .createTable(let create) = statement.node, create.persistence != .temporary,
                create.partitionOf == nil
            else { return nil }
            return (index, create.table.name)
        }
    }

    /// What the file comments on.
    fileprivate var commented: Set<NamedObject.Key> {
        Set(
            source.statements.compactMap { statement in
                guard case .comment(let comment) = statement.node, comment.text?.isEmpty == false else { return nil }
                return NamedObject.Key(table: comment.object.relation?.name, name: comment.object.name.name)
            }
        )
    }
}
