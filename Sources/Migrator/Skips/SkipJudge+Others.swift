import SQLSyntax

extension SkipJudge {
    // MARK: sequences

    mutating func judge(sequence options: [StatementOption], _ found: RelationFacts) {
        guard let sequence = found.sequence else {
            differs("it is a \(found.kindInWords), not a sequence", found.outOfTheWay)
            return
        }
        judge(sequence: options, sequence, called: "the sequence", as: found)
    }

    /// Compares the options that are declared; what is not declared may be anything.
    mutating func judge(
        sequence options: [StatementOption],
        _ sequence: RelationFacts.Sequence,
        called name: String,
        as found: RelationFacts? = nil
    ) {
        let alter = found.map { "ALTER SEQUENCE \($0.sqlName)" }
        func expect(_ words: String, _ existing: String, _ declared: String) {
            guard existing != declared else { return }
            differs(
                "\(name) has \(words) \(existing), declared \(declared)",
                alter.map { "\($0) \(words) \(declared)" }
            )
        }
        for option in options {
            guard let value = option.value else {
                // NO MINVALUE and NO MAXVALUE have none.
                switch option.name {
                case "minvalue": expect("MINVALUE", "\(sequence.min)", "\(sequence.defaultMinimum)")
                case "maxvalue": expect("MAXVALUE", "\(sequence.max)", "\(sequence.defaultMaximum)")
                default: break
                }
                continue
            }
            switch option.name {
            case "increment": expect("INCREMENT BY", "\(sequence.increment)", value)
            case "minvalue": expect("MINVALUE", "\(sequence.min)", value)
            case "maxvalue": expect("MAXVALUE", "\(sequence.max)", value)
            case "start": expect("START WITH", "\(sequence.start)", value)
            case "cache": expect("CACHE", "\(sequence.cache)", value)
            case "cycle":
                if sequence.cycles != option.isOn {
                    let words = option.isOn ? "CYCLE" : "NO CYCLE"
                    differs(
                        "\(name) \(sequence.cycles ? "cycles" : "does not cycle"), declared \(words)",
                        alter.map { "\($0) \(words)" }
                    )
                }
            case "as": judge(typeOf: sequence, value, alter, called: name)
            case "owned_by": judge(ownerOf: sequence, alter, called: name)
            default: break
            }
        }
    }

    private mutating func judge(
        typeOf sequence: RelationFacts.Sequence,
        _ declared: String,
        _ alter: String?,
        called name: String
    ) {
        let types = ["int2": "smallint", "int4": "integer", "int8": "bigint"]
        let declared = types[declared] ?? declared
        if sequence.type != declared {
            differs("\(name) is AS \(sequence.type), declared \(declared)", alter.map { "\($0) AS \(declared)" })
        }
    }

    private mutating func judge(
        ownerOf sequence: RelationFacts.Sequence,
        _ alter: String?,
        called name: String
    ) {
        let option = declaration.syntax?.children("options").first { $0.text("defname") == "owned_by" }
        let parts = option?.child("arg")?.children("items").compactMap { $0.text("sval") } ?? []
        guard parts.count > 1 else {
            if sequence.ownerTable != nil {
                differs("\(name) is owned by a column, declared OWNED BY NONE", alter.map { "\($0) OWNED BY NONE" })
            }
            return
        }
        let table = QualifiedName(schema: parts.dropLast(2).last, name: parts[parts.count - 2])
        guard case .known(let relation) = relation(table) else { return }
        if sequence.ownerTable != relation?.oid || sequence.ownerColumn != parts.last {
            let owner = "\(table).\(Identifier.quote(parts[parts.count - 1]))"
            differs("\(name) is not owned by \(owner)", alter.map { "\($0) OWNED BY \(owner)" })
        }
    }

    // MARK: tables and views of a query

    mutating func judge(_ declared: CreateTableAs, _ found: RelationFacts) {
        let wanted = declared.isMaterializedView ? ["m"] : ["r", "p"]
        guard wanted.contains(found.kind) else {
            let words = declared.isMaterializedView ? "materialized view" : "table"
            differs("it is a \(found.kindInWords), not a \(words)", found.outOfTheWay)
            return
        }
        guard let sql = declaration.source.queryBehindAs else {
            cannotTell("its query")
            return
        }
        let into = declaration.syntax?.child("into")
        let names = into?.children("col_names").compactMap { $0.text("sval") } ?? []
        let existing = declared.isMaterializedView ? found.query : nil
        judge(options: into?.children("options").compactMap(\.statementOption) ?? [], found)
        let key = QueryKey(relation: found.oid, sql: sql, columns: names, existing: existing)
        guard case .known(let match) = match(key) else { return }
        guard let match else {
            cannotTell("its query")
            return
        }
        for words in match.columns { differs(words) }
        guard match.columns.isEmpty else { return }
        switch match.isSame {
        case true?: break
        case false?: differs("its query is another one", found.outOfTheWay)
        case nil: cannotTell("its query")
        }
    }

    // MARK: schemas, extensions, values

    mutating func judge(schemaOf owner: String?) {
        guard let owner, case .known(let users) = details(.schema), users.count == 3 else { return }
        let wanted =
            switch owner {
            case "CURRENT_USER", "CURRENT_ROLE": users[1]
            case "SESSION_USER": users[2]
            default: owner
            }
        if users[0] != wanted {
            differs(
                "its owner is \(users[0]), declared \(wanted)",
                "ALTER \(declaration.object.uppercasedKind) OWNER TO \(Identifier.quote(wanted))"
            )
        }
    }

    mutating func judge(extension options: [StatementOption]) {
        guard !options.isEmpty, case .known(let details) = details(.extension), details.count == 2 else { return }
        let alter = "ALTER \(declaration.object.uppercasedKind)"
        for option in options {
            guard let value = option.value else { continue }
            if option.name == "schema", value != details[0] {
                differs(
                    "its schema is \(details[0]), declared \(value)",
                    "\(alter) SET SCHEMA \(Identifier.quote(value))"
                )
            }
            if option.name == "new_version", value != details[1] {
                differs(
                    "its version is \(details[1]), declared \(value)",
                    "\(alter) UPDATE TO \(StringLiteral.quote(value))"
                )
            }
        }
    }

    /// A value has to stand before or behind the one that is named; others may have come between since.
    mutating func judge(_ value: String, _ place: AlterEnum.Place) {
        guard place != .last, case .known(let labels) = details(.enumeration) else { return }
        func compare(_ first: String, _ second: String, _ words: String) {
            guard let left = labels.firstIndex(of: first), let right = labels.firstIndex(of: second), left < right
            else {
                differs("it does not stand \(words): the values are \(labels.joined(separator: ", "))")
                return
            }
        }
        switch place {
        case .before(let other): compare(value, other, "before \(StringLiteral.quote(other))")
        case .after(let other): compare(other, value, "behind \(StringLiteral.quote(other))")
        case .last: break
        }
    }

    // MARK: extended statistics

    mutating func judgeStatistics() {
        guard case .known(let answer) = details(.statistics) else { return }
        guard let text = answer.first, let declared = declaration.syntax,
            let there = (try? SQLScript(text))?.statements.first.flatMap({ try? ParsedStatement($0).syntax })
        else {
            cannotTell("what the statistics are about")
            return
        }
        let relation = declared.child("relations")?.relation?.name.name
        if relation != there.child("relations")?.relation?.name.name { differs("they are about another table") }
        func kinds(_ node: SyntaxNode) -> Set<String> {
            let kinds = Set(node.children("stat_types").compactMap { $0.text("sval") })
            return kinds.isEmpty ? ["ndistinct", "dependencies", "mcv"] : kinds
        }
        if !kinds(declared).isSubset(of: kinds(there)) { differs("they are of other kinds: \(text)") }
        func columns(_ node: SyntaxNode) -> Set<String> { Set(node.children("exprs").compactMap { $0.text("name") }) }
        if columns(declared) != columns(there) { differs("they are about other columns: \(text)") }
        func expressions(_ node: SyntaxNode) -> Set<String> {
            Set(node.children("exprs").compactMap { $0.child("expr")?.outline })
        }
        if expressions(declared) != expressions(there) { cannotTell("the expressions of the statistics") }
    }
}

extension String {
    /// The object with its kind in upper case, as a statement writes it.
    fileprivate var uppercasedKind: String {
        let kind = prefix { $0 != " " }
        return kind.uppercased() + dropFirst(kind.count)
    }
}

extension RelationFacts.Sequence {
    private var range: (min: Int, max: Int) {
        switch type {
        case "smallint": (Int(Int16.min), Int(Int16.max))
        case "integer": (Int(Int32.min), Int(Int32.max))
        default: (Int.min, Int.max)
        }
    }

    /// The bounds of a sequence that is made without.
    fileprivate var defaultMinimum: Int { increment > 0 ? 1 : range.min }
    fileprivate var defaultMaximum: Int { increment > 0 ? range.max : -1 }
}
