import SQLSyntax

/// The names of what a query gives.
extension QueryReader {
    /// The name that the server gives a result; nil where it is not known.
    static func chosenName(of node: SyntaxNode) -> String? {
        // PostgreSQL's FigureColname.
        guard let figured = figuredName(of: node) else { return "?column?" }
        return figured.name
    }

    /// A name, and whether it is stronger than that of a type around it; nil for none, a name of nil for one not known.
    private static func figuredName(of node: SyntaxNode) -> (name: String?, isStrong: Bool)? {
        switch node.kind {
        case "ColumnRef": return (node.columnReference?.parts.last, true)
        case "A_Indirection":
            if let field = node.children("indirection").last(where: { $0.kind == "String" })?.text("sval") {
                return (field, true)
            }
            return node.child("arg").flatMap { figuredName(of: $0) }
        case "FuncCall": return (node.functionCall?.name.name, true)
        case "A_Expr": return node.option("kind") == "AEXPR_NULLIF" ? ("nullif", true) : nil
        case "TypeCast":
            let inner = node.child("arg").flatMap { figuredName(of: $0) }
            if let inner, inner.isStrong { return inner }
            guard let type = node.child("type_name")?.typeReference?.name.name else { return inner }
            return (type, false)
        case "CollateClause": return node.child("arg").flatMap { figuredName(of: $0) }
        case "CaseExpr":
            let inner = node.child("defresult").flatMap { figuredName(of: $0) }
            if let inner, inner.isStrong { return inner }
            return ("case", false)
        case "A_ArrayExpr": return ("array", true)
        case "RowExpr": return ("row", true)
        case "CoalesceExpr": return ("coalesce", true)
        case "GroupingFunc": return ("grouping", true)
        case "MinMaxExpr": return (node.option("op") == "IS_LEAST" ? "least" : "greatest", true)
        case "SubLink":
            switch node.option("sub_link_type") {
            case "EXISTS_SUBLINK": return ("exists", true)
            case "ARRAY_SUBLINK": return ("array", true)
            case "EXPR_SUBLINK": return (nil, true)
            default: return nil
            }
        case "SQLValueFunction", "XmlExpr", "XmlSerialize": return (nil, true)
        default: return nil
        }
    }

    /// Whether a result stands for all fields of a row.
    static func isWholeRow(_ node: SyntaxNode) -> Bool {
        node.kind == "A_Indirection" && node.children("indirection").last?.kind == "A_Star"
    }

    // MARK: Joins

    /// Looks up the columns that both sides of a join have to have, and says what `*` gives of both.
    ///
    /// - Parameters:
    ///   - node: the join.
    ///   - left: what `*` gives of the left side; nil if that is not known.
    ///   - right: the same of the right side.
    ///   - start: where the left side's items begin in the scope.
    ///   - middle: where the right side's items begin in it.
    /// - Returns: what `*` gives of both; nil if that is not known.
    mutating func join(
        _ node: SyntaxNode,
        _ left: [String]?,
        _ right: [String]?,
        from start: Int,
        _ middle: Int
    ) -> [String]? {
        let columns = node.children("using_clause").compactMap { $0.text("sval") }
        let items = scopes.last ?? []
        for column in columns {
            needJoined(column, left, Array(items[start..<middle]))
            needJoined(column, right, Array(items[middle...]))
        }
        guard let left, let right else { return nil }
        let shared = node.isSet("is_natural") ? left.filter(right.contains) : columns
        return shared + left.filter { !shared.contains($0) } + right.filter { !shared.contains($0) }
    }

    private mutating func needJoined(_ column: String, _ columns: [String]?, _ items: [Item]) {
        let having = items.first { $0.columns?.contains(column) == true }
        if let item = having
            ?? (items.count == 1 || columns != nil ? items.first { $0.key != nil } ?? items.first : nil)
        {
            need(column, of: item, at: nil)
        }
    }

    // MARK: Names with a table before them

    /// Looks up the table that a name before a dot means.
    mutating func needQualifier(_ qualifier: String, _ name: String, at offset: Int?) {
        guard !isOpen, !interpreter.isLateBound, !scopes.isEmpty, !others.contains(qualifier),
            !qualifiers.contains(qualifier), !["new", "old", "excluded"].contains(qualifier)
        else { return }
        let items = scopes.flatMap { $0 }
        // What has no name here may have this one.
        guard !items.contains(where: { $0.alias.isEmpty }) else { return }
        let hidden = items.first { $0.key?.name == qualifier }
        interpreter.report(
            .tableMayNotExist,
            hidden.map {
                "\(user) names \(Identifier.quote(qualifier)).\(Identifier.quote(name)), and the table is called "
                    + "\(Identifier.quote($0.alias)) here: this fails with `invalid reference to FROM-clause entry for table "
                    + "\"\(qualifier)\"`"
            }
                ?? "\(user) names \(Identifier.quote(qualifier)).\(Identifier.quote(name)), and nothing is called so here: this fails "
                + "with `missing FROM-clause entry for table \"\(qualifier)\"`",
            at: offset,
            next: hidden.map { "write \(Identifier.quote($0.alias)).\(Identifier.quote(name))" }
        )
    }

    /// Reports a column that a sub-query does not give.
    func reportMissing(_ name: String, of item: Item, at offset: Int?) {
        guard !isOpen, !interpreter.isLateBound, interpreter.schema.opening == nil else { return }
        let columns = item.columns ?? []
        let near = columns.first { $0.isSimilar(to: name) }
        interpreter.report(
            .columnMayNotExist,
            "\(user) needs column \(Identifier.quote(name)) of \(item.alias.isEmpty ? "a sub-query" : Identifier.quote(item.alias)), "
                + "which has \(columns.isEmpty ? "none" : columns.prefix(8).map(Identifier.quote).joined(separator: ", ")): this fails "
                + "with `column … does not exist`",
            at: offset,
            next: near.map { "write \(Identifier.quote($0))" }
        )
    }
}
