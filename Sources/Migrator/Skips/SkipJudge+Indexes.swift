import SQLSyntax

extension SkipJudge {
    mutating func judge(_ declared: CreateIndex, _ found: RelationFacts) {
        guard let index = found.index else {
            differs("it is a \(found.kindInWords), not an index", found.outOfTheWay)
            return
        }
        let name = Identifier.quote(found.name)
        let rebuild = "DROP INDEX \(found.sqlName)"
        guard case .known(let table) = relation(declared.table.name) else { return }
        guard index.table == table?.oid ?? -1 else {
            differs("it is an index of \(index.tableName), not of \(declared.table.name)", found.outOfTheWay)
            return
        }
        guard case .known(let owner) = facts(index.table), let owner else { return }
        // ON ONLY a partitioned table makes an index that is invalid until all partitions have theirs.
        if !index.isValid, !(declared.table.isOnly && found.kind == "I") {
            differs("it is invalid: its build did not come to its end", "REINDEX INDEX \(found.sqlName)")
        }
        if index.isUnique != declared.isUnique {
            differs(declared.isUnique ? "it is not UNIQUE" : "it is UNIQUE, declared without", rebuild)
        }
        if found.method != declared.method {
            differs("its method is \(found.method ?? "none"), declared \(declared.method)", rebuild)
        }
        if index.nullsAreEqual != (declaration.syntax?.isSet("nulls_not_distinct") ?? false) {
            differs("it treats nulls otherwise", rebuild)
        }
        judgeKeys(of: declared, index, owner, rebuild)
        if index.included != declared.includedColumns {
            differs(
                "it includes \(index.included.columnList), declared \(declared.includedColumns.columnList)",
                rebuild
            )
        }
        judgePredicate(of: declared, index, owner, rebuild)
        judge(options: declared.options, found)
        if let space = declaration.syntax?.text("table_space"), found.tablespace ?? "pg_default" != space {
            differs("its tablespace is not \(space)", "ALTER INDEX \(name) SET TABLESPACE \(Identifier.quote(space))")
        }
    }

    private mutating func judgeKeys(
        of declared: CreateIndex,
        _ index: RelationFacts.Index,
        _ owner: RelationFacts,
        _ rebuild: String
    ) {
        let nodes = declaration.syntax?.children("index_params") ?? []
        let there = "(\(index.keys.map(\.expression).joined(separator: ", ")))"
        guard index.keys.count == declared.elements.count, nodes.count == declared.elements.count else {
            differs("it is on \(there), declared on \(declared.elements.map(\.words).columnList)", rebuild)
            return
        }
        for (place, element) in declared.elements.enumerated() {
            let key = index.keys[place]
            let words = element.words
            if let column = element.column {
                guard key.column == column else {
                    differs("it is on \(there), declared on \(declared.elements.map(\.words).columnList)", rebuild)
                    return
                }
            } else {
                guard key.column == nil else {
                    differs("it is on \(there), declared on \(declared.elements.map(\.words).columnList)", rebuild)
                    return
                }
                let likeness = likeness(
                    element.expression?.sql ?? "",
                    key.expression,
                    over: owner.oid,
                    isTrusted: index.isTrusted
                )
                switch likeness {
                case .different: differs("its expression is \(key.expression), declared \(words)", rebuild)
                case .unknown: cannotTell("the expression \(words) of the index")
                case .same, .open: break
                }
            }
            judgeOrder(of: element, nodes[place], key, rebuild)
        }
    }

    private mutating func judgeOrder(
        of element: IndexElement,
        _ node: SyntaxNode,
        _ key: RelationFacts.Key,
        _ rebuild: String
    ) {
        let words = element.words
        if key.isDescending != element.isDescending {
            differs("\(words) is in \(key.isDescending ? "descending" : "ascending") order", rebuild)
        }
        let nulls = node.option("nulls_ordering")
        let nullsFirst =
            switch nulls {
            case "SORTBY_NULLS_FIRST": true
            case "SORTBY_NULLS_LAST": false
            default: element.isDescending
            }
        if key.isDescending == element.isDescending, key.nullsFirst != nullsFirst {
            differs("the nulls of \(words) come \(key.nullsFirst ? "first" : "last")", rebuild)
        }
        if let operatorClass = element.operatorClass {
            let isSame =
                key.operatorClass == operatorClass.name
                && operatorClass.schema.map { $0 == key.operatorClassSchema } ?? true
            if !isSame {
                differs("the operator class of \(words) is \(key.operatorClass), declared \(operatorClass)", rebuild)
            }
        } else if !key.isDefaultClass {
            differs("the operator class of \(words) is \(key.operatorClass), declared without", rebuild)
        }
        if !node.children("opclassopts").isEmpty { cannotTell("the options of the operator class of \(words)") }
        let collation = node.children("collation").compactMap { $0.text("sval") }
        if let name = collation.last {
            let qualified = QualifiedName(schema: collation.dropLast().last, name: name)
            guard case .known(let numbers) = self.collation(qualified) else { return }
            if !numbers.contains(key.collation) { differs("the collation of \(words) is not \(qualified)", rebuild) }
        } else if key.column != nil, key.collation != key.columnCollation, key.collation != 0 {
            differs("the collation of \(words) is another than the column's", rebuild)
        }
    }

    private mutating func judgePredicate(
        of declared: CreateIndex,
        _ index: RelationFacts.Index,
        _ owner: RelationFacts,
        _ rebuild: String
    ) {
        switch (declared.condition, index.predicate) {
        case (nil, nil): break
        case (let condition?, nil):
            differs("it has no WHERE, declared WHERE \(condition.sql)", rebuild)
        case (nil, let predicate?):
            differs("it is partial, WHERE \(predicate), declared without", rebuild)
        case (let condition?, let predicate?):
            let likeness = likeness(condition.sql, predicate, over: owner.oid, isTrusted: index.isTrusted)
            switch likeness {
            case .different: differs("its WHERE is \(predicate), declared \(condition.sql)", rebuild)
            case .unknown: cannotTell("the WHERE of the index")
            case .same, .open: break
            }
        }
    }
}

extension IndexElement {
    /// The column or the expression as it is written.
    fileprivate var words: String { column.map(Identifier.quote) ?? "(\(expression?.sql ?? ""))" }
}

extension [String] {
    fileprivate var columnList: String { isEmpty ? "nothing" : "(\(joined(separator: ", ")))" }
}
