import SQLSyntax

extension SkipJudge {
    mutating func judge(_ table: CreateTable, _ found: RelationFacts) {
        let kinds = table.foreignServer != nil ? ["f"] : table.partitionStrategy != nil ? ["p"] : ["r", "p"]
        guard kinds.contains(found.kind) else {
            let wanted =
                table.foreignServer != nil
                ? "foreign table" : table.partitionStrategy != nil ? "partitioned table" : "table"
            differs("it is a \(found.kindInWords), not a \(wanted)", found.outOfTheWay)
            return
        }
        if table.persistence == .unlogged, found.persistence == "p" {
            differs("it is logged, declared UNLOGGED", "ALTER TABLE \(found.sqlName) SET UNLOGGED")
        } else if table.persistence == .permanent, found.persistence == "u" {
            differs("it is UNLOGGED, declared without", "ALTER TABLE \(found.sqlName) SET LOGGED")
        }
        let inheritsTypes = table.partitionOf != nil || !table.inherits.isEmpty
        for column in table.columns {
            let isKey = table.constraints.contains { $0.kind == .primaryKey && $0.columns.contains(column.name) }
            judge(column, of: found, isKey: isKey, inheritsTypes: inheritsTypes)
        }
        for constraint in table.constraints { judge(constraint, of: found) }
        judgeLikes(found)
        for parent in table.inherits { judge(parent: parent, of: found) }
        if let parent = table.partitionOf { judgePartition(of: parent, found) }
        judgePartitionKey(found)
        judge(options: table.options, found)
        judgeStorage(found)
        if let server = table.foreignServer {
            if found.server != server { differs("its server is \(found.server ?? "none"), declared \(server)") }
            if declaration.syntax?.children("options").isEmpty == false { cannotTell("the options of a foreign table") }
        }
    }

    private mutating func judge(parent: RelationReference, of found: RelationFacts) {
        guard case .known(let relation) = relation(parent.name) else { return }
        if !found.parents.contains(relation?.oid ?? 0) {
            differs(
                "it does not inherit from \(parent.name)",
                "ALTER TABLE \(found.sqlName) INHERIT \(parent.name)"
            )
        }
    }

    /// The columns that LIKE would have copied.
    private mutating func judgeLikes(_ found: RelationFacts) {
        for clause in tableSyntax?.children("table_elts") ?? [] where clause.kind == "TableLikeClause" {
            guard let name = clause.child("relation")?.relation?.name,
                case .known(let relation) = relation(name), let relation, case .known(let facts) = facts(relation.oid),
                let facts
            else { continue }
            for column in facts.columns {
                guard let other = found.column(column.name) else {
                    differs(
                        "column \(Identifier.quote(column.name)) is missing, which \(name) has",
                        "ALTER TABLE \(found.sqlName) ADD COLUMN \(Identifier.quote(column.name)) \(column.typeName)"
                    )
                    continue
                }
                if other.type != column.type || other.modifier != column.modifier {
                    differs(
                        "column \(Identifier.quote(column.name)) is \(other.typeName), in \(name) \(column.typeName)"
                    )
                }
                if other.isNotNull != column.isNotNull {
                    differs("column \(Identifier.quote(column.name)) \(other.nullability), unlike in \(name)")
                }
            }
            if clause.number("options") ?? 0 != 0 { cannotTell("what LIKE \(name) INCLUDING … takes over") }
        }
    }

    private mutating func judgeStorage(_ found: RelationFacts) {
        guard let syntax = tableSyntax else { return }
        if let method = syntax.text("access_method"), found.method != method {
            differs("its access method is \(found.method ?? "none"), declared \(method)")
        }
        if let space = syntax.text("tablespacename"), found.tablespace ?? "pg_default" != space {
            differs(
                "its tablespace is \(found.tablespace ?? "the database's own"), declared \(space)",
                "ALTER TABLE \(found.sqlName) SET TABLESPACE \(Identifier.quote(space))"
            )
        }
        guard let reference = syntax.child("of_typename")?.typeReference else { return }
        guard case .known(let type) = type(reference) else { return }
        if found.rowType != type?.oid ?? -1 { differs("it is not a table of the type \(reference)") }
    }

    /// The statement's own node, below that of a foreign table.
    var tableSyntax: SyntaxNode? {
        guard let syntax = declaration.syntax else { return nil }
        return syntax.kind == "CreateForeignTableStmt" ? syntax.child("base_stmt") : syntax
    }

    /// The options in WITH, of which each has to be set as it is declared.
    mutating func judge(options: [StatementOption], _ found: RelationFacts) {
        for option in options {
            let isToast = option.name.hasPrefix("toast.")
            let name = isToast ? String(option.name.dropFirst("toast.".count)) : option.name
            guard name != "oids" else { continue }
            let set = (isToast ? found.toastOptions : found.options).first { $0.hasPrefix("\(name)=") }
            let value = set.map { String($0.dropFirst(name.count + 1)) }
            guard value?.meansOption(option.value ?? "true") != true else { continue }
            let kind = found.kind.lowercased() == "i" ? "INDEX" : found.kind == "m" ? "MATERIALIZED VIEW" : "TABLE"
            differs(
                "its option \(option.name) is \(value ?? "not set"), declared \(option.value ?? "true")",
                "ALTER \(kind) \(found.sqlName) SET (\(option.name) = \(option.value ?? "true"))"
            )
        }
    }
}

extension String {
    /// Whether two values of an option are one, as the server reads truth values.
    fileprivate func meansOption(_ other: String) -> Bool {
        func truth(_ text: String) -> Bool? {
            switch text.lowercased() {
            case "true", "on", "yes", "1": true
            case "false", "off", "no", "0": false
            default: nil
            }
        }
        return lowercased() == other.lowercased() || truth(self) != nil && truth(self) == truth(other)
    }
}

extension RelationFacts {
    /// The name as it is written in SQL.
    var sqlName: String {
        persistence == "t"
            ? Identifier.quote(name) : "\(Identifier.quote(schema)).\(Identifier.quote(name))"
    }

    /// A statement that gives the name free.
    var outOfTheWay: String? {
        let keyword: String
        switch kind {
        case "r", "p": keyword = "TABLE"
        case "v": keyword = "VIEW"
        case "m": keyword = "MATERIALIZED VIEW"
        case "f": keyword = "FOREIGN TABLE"
        case "S": keyword = "SEQUENCE"
        case "i", "I": keyword = "INDEX"
        default: return nil
        }
        return "ALTER \(keyword) \(sqlName) RENAME TO \(Identifier.quote("\(name)_old"))"
    }
}

extension RelationFacts.Column {
    var nullability: String { isNotNull ? "is NOT NULL" : "may be null" }
}
