import SQLSyntax

/// Looks up what a query relies on: its tables and their columns, through joins, sub-queries and WITH.
///
/// What it cannot follow (a function in FROM, a table nobody has seen made) makes columns unknown, and unknown columns are
/// no finding.
struct QueryReader {
    /// What a name before a dot can mean.
    struct Item {
        let alias: String
        /// The columns; nil if they are not known.
        let columns: [String]?
        /// The relation itself; nil for a sub-query.
        let key: QualifiedName?
    }

    let interpreter: Interpreter
    /// What needs the names, such as `view active_users`.
    let user: String
    /// Names that mean no column: parameters and variables.
    var others: Set<String> = []
    /// Whether names that nobody knows may be variables that this reader has not seen.
    var isOpen = false
    /// The relations that were read, with their columns.
    var reads: [QualifiedName: Set<String>] = [:]
    var scopes: [[Item]] = []
    /// Whether the query is run, and not only kept.
    var isRun = false
    /// Whether anything was read of which it is not known which columns of which relation it needs.
    private(set) var missesColumns = false
    /// Names that may stand before a dot though no FROM has them: that of the function whose body is read.
    var qualifiers: Set<String> = []
    /// For each scope what `*` gives; nil where that is not known.
    private var stars: [[String]?] = []
    private var queries: [String: [String]?] = [:]
    private var depth = 0

    /// Deeper than people write; a deeper tree is left unread.
    private static let maximumDepth = 200

    init(_ interpreter: Interpreter, for user: String, others: Set<String> = []) {
        self.interpreter = interpreter
        self.user = user
        self.others = others
    }

    // MARK: Queries

    /// Reads SELECT, VALUES or a change of data.
    ///
    /// - Returns: the names of the result's columns; nil if they are not known.
    @discardableResult
    mutating func read(_ node: SyntaxNode) -> [String]? {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.maximumDepth else {
            missesColumns = true
            return nil
        }
        let outer = queries
        defer { queries = outer }
        readWith(node)
        switch node.kind {
        case "SelectStmt": return readSelect(node)
        case "InsertStmt": return readInsert(node)
        case "UpdateStmt": return readUpdate(node)
        case "DeleteStmt": return readDelete(node)
        case "MergeStmt":
            readMerge(node)
            return nil
        default: return nil
        }
    }

    private mutating func readWith(_ node: SyntaxNode) {
        guard let with = node.child("with_clause") else { return }
        let isRecursive = with.isSet("recursive")
        for query in with.children("ctes") {
            guard let name = query.text("ctename") else { continue }
            let aliases = query.children("aliascolnames").compactMap { $0.text("sval") }
            if isRecursive { queries[name] = .some(nil) }
            let columns = query.child("ctequery").flatMap { read($0) }
            // SEARCH and CYCLE add columns of their own.
            let addsColumns = query.child("search_clause") != nil || query.child("cycle_clause") != nil
            queries[name] = .some(addsColumns ? nil : rename(columns, aliases))
        }
    }

    private mutating func readSelect(_ node: SyntaxNode) -> [String]? {
        if let left = node.child("larg"), let right = node.child("rarg") {
            let columns = read(left)
            read(right)
            readOrder(of: node, outputs: columns)
            return columns
        }
        let rows = node.children("values_lists")
        if !rows.isEmpty {
            for row in rows { for value in row.children("items") { readExpression(value) } }
            return (1...max(1, rows[0].children("items").count)).map { "column\($0)" }
        }
        scopes.append([])
        defer { scopes.removeLast() }
        var star: [String]? = []
        for item in node.children("from_clause") {
            let columns = readFrom(item)
            star = star.flatMap { all in columns.map { all + $0 } }
        }
        stars.append(star)
        defer { stars.removeLast() }
        let outputs = readTargets(node.children("target_list"), isSelected: true)
        if let condition = node.child("where_clause") { readExpression(condition) }
        let names = Set(outputs.compactMap(\.self))
        withOthers(names) { reader in
            for part in ["group_clause", "having_clause", "window_clause", "distinct_clause", "sort_clause"] {
                for expression in node.children(part) { reader.readExpression(expression) }
            }
        }
        for part in ["limit_offset", "limit_count"] { if let value = node.child(part) { readExpression(value) } }
        return outputs.contains(nil) ? nil : outputs.compactMap(\.self)
    }

    private mutating func readOrder(of node: SyntaxNode, outputs: [String]?) {
        guard outputs != nil else { return }
        scopes.append([])
        withOthers(Set(outputs ?? [])) { reader in
            for expression in node.children("sort_clause") { reader.readExpression(expression) }
        }
        scopes.removeLast()
    }

    private mutating func withOthers(_ names: Set<String>, _ body: (inout QueryReader) -> Void) {
        let before = others
        others.formUnion(names)
        body(&self)
        others = before
    }

    /// Reads a list of results; nil stands for a name that is not known.
    mutating func readTargets(_ targets: [SyntaxNode], isSelected: Bool = false) -> [String?] {
        var names: [String?] = []
        for target in targets {
            guard let value = target.child("val") else { continue }
            if let column = value.columnReference, column.parts.last == "*" {
                names += expand(column.parts, isSelected: isSelected)
                continue
            }
            if Self.isWholeRow(value) {
                readExpression(value)
                names.append(nil)
                continue
            }
            readExpression(value)
            names.append(target.text("name") ?? Self.chosenName(of: value))
        }
        return names
    }

    private mutating func expand(_ parts: [String], isSelected: Bool) -> [String?] {
        let items = (scopes.last ?? []).filter { parts.count == 1 || $0.alias == parts[parts.count - 2] }
        guard !items.isEmpty else { return [nil] }
        var names: [String?] = []
        for item in items {
            if let key = item.key, let columns = item.columns { reads[key, default: []].formUnion(columns) }
            if item.columns == nil { missesColumns = true }
            names += item.columns?.map { $0 } ?? [nil]
        }
        // Of what both sides of a join have, one is left.
        if parts.count == 1, isSelected, let star = stars.last { return star?.map { $0 } ?? [nil] }
        return names
    }

    // MARK: FROM

    /// Reads what stands in FROM.
    ///
    /// - Returns: what `*` gives of it; nil if that is not known.
    @discardableResult
    mutating func readFrom(_ node: SyntaxNode) -> [String]? {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.maximumDepth else { return add(Item(alias: "", columns: nil, key: nil)) }
        switch node.kind {
        case "RangeVar":
            return node.relation.flatMap { add($0, node) }
        case "RangeSubselect":
            let columns = node.child("subquery").flatMap { read($0) }
            return add(Item(alias: alias(of: node) ?? "", columns: rename(columns, aliasColumns(of: node)), key: nil))
        case "JoinExpr":
            let start = scopes.last?.count ?? 0
            let left = node.child("larg").flatMap { readFrom($0) }
            let middle = scopes.last?.count ?? 0
            let right = node.child("rarg").flatMap { readFrom($0) }
            if let condition = node.child("quals") { readExpression(condition) }
            let columns = join(node, left, right, from: start, middle)
            if node.isSet("is_natural") || alias(of: node) != nil { missesColumns = true }
            if let name = alias(of: node) { return add(Item(alias: name, columns: nil, key: nil)) }
            if let name = node.child("join_using_alias")?.text("aliasname") {
                add(Item(alias: name, columns: nil, key: nil))
            }
            return columns
        case "RangeTableSample":
            return node.child("relation").flatMap { readFrom($0) }
        case "RangeFunction":
            for function in node.children("functions") { readExpression(function) }
            return add(Item(alias: alias(of: node) ?? "", columns: nil, key: nil))
        default:
            return add(Item(alias: alias(of: node) ?? "", columns: nil, key: nil))
        }
    }

    mutating func add(_ relation: RelationReference, _ node: SyntaxNode) -> [String]? {
        let alias = relation.alias ?? relation.name.name
        let aliases = aliasColumns(of: node)
        if relation.name.schema == nil, let columns = queries[relation.name.name] {
            return add(Item(alias: alias, columns: rename(columns, aliases), key: nil))
        }
        guard let key = interpreter.need(relation.name, at: relation.location, as: "table") else {
            return add(Item(alias: alias, columns: nil, key: nil))
        }
        if reads[key] == nil { reads[key] = [] }
        if !aliases.isEmpty { missesColumns = true }
        if isRun { interpreter.needFinite(key, at: relation.location) }
        return add(
            Item(
                alias: alias,
                columns: aliases.isEmpty ? columns(of: key) : rename(columns(of: key), aliases),
                key: aliases.isEmpty ? key : nil
            )
        )
    }

    @discardableResult
    mutating func add(_ item: Item) -> [String]? {
        if scopes.isEmpty { scopes.append([]) }
        scopes[scopes.count - 1].append(item)
        return item.columns
    }

    /// The columns of a relation; nil if they are not all known.
    func columns(of key: QualifiedName) -> [String]? {
        guard let relation = interpreter.schema.relations[key], relation.hasColumnList, relation.kind != .sequence,
            interpreter.schema.opening == nil
        else { return nil }
        return relation.columns.map(\.name)
    }

    private func alias(of node: SyntaxNode) -> String? { node.child("alias")?.text("aliasname") }

    private func aliasColumns(of node: SyntaxNode) -> [String] {
        node.child("alias")?.children("colnames").compactMap { $0.text("sval") } ?? []
    }

    private func rename(_ columns: [String]?, _ aliases: [String]) -> [String]? {
        guard let columns else { return nil }
        return aliases + columns.dropFirst(aliases.count)
    }

    // MARK: Expressions

    /// Reads an expression on one table.
    mutating func readCondition(_ node: SyntaxNode, of key: QualifiedName) {
        scopes.append([Item(alias: key.name, columns: columns(of: key), key: key)])
        readExpression(node)
        scopes.removeLast()
    }

    /// Reads an expression.
    mutating func readExpression(_ node: SyntaxNode) {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.maximumDepth else { return }
        switch node.kind {
        case "ColumnRef":
            if let column = node.columnReference { resolve(column.parts, at: column.location) }
        case "SubLink":
            if let test = node.child("testexpr") { readExpression(test) }
            if let query = node.child("subselect") { read(query) }
        case "SelectStmt":
            read(node)
        case "TypeCast":
            if let type = node.child("type_name")?.typeReference { interpreter.needType(type, for: user) }
            if let value = node.child("arg") { readExpression(value) }
            interpreter.needRegclass(node, for: user)
        case "A_Const", "TypeName", "String", "Integer", "ParamRef":
            return
        case "FuncCall":
            interpreter.needCall(node, for: user)
            for part in ["args", "agg_order", "agg_filter", "over"] {
                for child in node.children(part) { readExpression(child) }
            }
        default:
            for child in node.children { readExpression(child) }
        }
    }

    private mutating func resolve(_ parts: [String], at offset: Int?) {
        guard let name = parts.last, name != "*" else { return }
        if parts.count == 1 {
            resolve(name, at: offset)
        } else {
            let qualifier = parts[parts.count - 2]
            for scope in scopes.reversed() {
                guard let item = scope.first(where: { $0.alias == qualifier }) else { continue }
                need(name, of: item, at: offset)
                return
            }
            missesColumns = true
            needQualifier(qualifier, name, at: offset)
        }
    }

    private mutating func resolve(_ name: String, at offset: Int?) {
        if others.contains(name) { return }
        // Those whose columns nobody knows: each may have it.
        var open: [Item] = []
        for scope in scopes.reversed() {
            let having = scope.filter { $0.columns?.contains(name) == true || $0.alias == name }
            if let item = having.first(where: { $0.key != nil }) ?? having.first {
                // A whole row is no column of its table.
                if item.columns?.contains(name) != true { missesColumns = true }
                if item.alias != name, open.isEmpty { need(name, of: item, at: offset) }
                return
            }
            open += scope.filter { $0.columns == nil }
        }
        if let only = open.first {
            missesColumns = missesColumns || open.count > 1 || isOpen
            if open.count == 1, !isOpen { need(name, of: only, at: offset) }
            return
        }
        guard !isOpen else { return }
        let known = scopes.flatMap { $0 }
        guard let first = scopes.last?.first(where: { $0.key != nil }) ?? known.first(where: { $0.key != nil }) else {
            if let first = scopes.last?.first ?? known.first { need(name, of: first, at: offset) }
            return
        }
        need(name, of: first, at: offset)
    }

    /// Looks up a column of what a scope has.
    mutating func need(_ name: String, of item: Item, at offset: Int?) {
        guard let key = item.key else {
            guard let columns = item.columns, !columns.contains(name), !Interpreter.systemColumns.contains(name) else {
                return
            }
            reportMissing(name, of: item, at: offset)
            return
        }
        reads[key, default: []].insert(name)
        interpreter.needColumn(name, of: key, at: offset, for: user)
    }
}
