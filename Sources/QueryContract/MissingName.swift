import SQLSyntax

/// What a statement names where the server says that there is no such thing.
struct MissingName {
    /// What it may be: a column may belong to any of the tables that the statement reads.
    let candidates: [SchemaThing]

    /// Looks at the name that begins at a byte of a statement's text.
    ///
    /// The server's message is not read: it may be in any language.
    init?(in text: String, at offset: Int) {
        guard let tree = try? SyntaxTree(text), let statement = tree.statements.first else { return nil }
        var relations: [RelationReference] = []
        var found: [SchemaThing] = []
        var column: [String]?
        statement.forEachNode { node in
            if let relation = node.relation { relations.append(relation) }
            guard node.location == offset else { return }
            if let relation = node.relation {
                found.append(.relation(relation.name))
                if let schema = relation.name.schema { found.append(.schema(schema)) }
            } else if let call = node.functionCall {
                found.append(.function(call.name))
                if let schema = call.name.schema { found.append(.schema(schema)) }
            } else if let type = node.typeReference {
                found.append(.type(type.name))
            } else if let reference = node.columnReference {
                column = reference.parts
            } else if node.kind == "ResTarget", column == nil, let name = node.text("name") {
                column = [name]
            }
        }
        if let column, let name = column.last {
            let qualifier = column.dropLast().last
            let tables = relations.filter {
                qualifier == nil || qualifier == "excluded" || ($0.alias ?? $0.name.name) == qualifier
            }
            found += tables.map { .column(of: $0.name, name: name) }
        }
        guard !found.isEmpty else { return nil }
        candidates = found
    }
}
