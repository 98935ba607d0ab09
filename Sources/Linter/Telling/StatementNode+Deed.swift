import SQLSyntax

extension StatementNode {
    /// What the statement does, for those who know what it is about; nil where its own words say it best.
    var deed: String? {
        switch self {
        case .createTable(let create):
            "creates table \(create.table.name) (\(create.columns.map(\.name).list))\(guardWords(create.ifNotExists))"
        case .createTableAs(let create):
            "creates \(create.isMaterializedView ? "materialized view" : "table") \(create.relation.name) from a query"
                + guardWords(create.ifNotExists)
        case .createView(let create): "creates \(create.orReplace ? "or replaces " : "")view \(create.view.name)"
        case .createIndex(let create): create.deed
        case .alterTable(let alter):
            "\(alter.relation.name): "
                + alter.actions.map { $0.deed ?? "other changes" }.joined(separator: ", ")
        case .drop(let drop):
            "drops \(drop.kind.words) \(drop.objects.map { "\($0.name)" }.list)"
                + (drop.cascades ? " and what depends on it" : "")
        case .rename(let rename):
            "renames \(rename.object.kind.words) \(rename.object.name)"
                + (rename.object.relation.map { " of \($0)" } ?? "") + " to \(Identifier.quote(rename.newName))"
        case .changeSchema(let move):
            "moves \(move.object.kind.words) \(move.object.name) into schema \(Identifier.quote(move.destination))"
        case .createType(let create): "creates type \(create.name)"
        case .createDomain(let create): "creates domain \(create.name)"
        case .alterEnum(let alter):
            switch alter.change {
            case .add(let value, _, _): "adds the label \(StringLiteral.quote(value)) to \(alter.type)"
            case .rename(let old, let new):
                "renames the label \(StringLiteral.quote(old)) of \(alter.type) to \(StringLiteral.quote(new))"
            }
        case .createRoutine(let create):
            "creates \(create.orReplace ? "or replaces " : "")\(create.isProcedure ? "procedure" : "function") \(create.name)"
        case .createTrigger(let create): "creates trigger \(Identifier.quote(create.name)) on \(create.table.name)"
        case .createPolicy(let policy): "creates policy \(Identifier.quote(policy.name)) on \(policy.table.name)"
        case .change(let change): change.deed
        case .truncate(let truncate): "empties \(truncate.tables.map { "\($0.name)" }.list)"
        case .doBlock: "runs a block of code"
        case .set, .transaction: ""
        default: nil
        }
    }
}

private func guardWords(_ isGuarded: Bool) -> String { isGuarded ? ", unless it is there" : "" }

extension CreateIndex {
    fileprivate var deed: String {
        let columns = elements.map { $0.column ?? "an expression" }.list
        return
            "builds \(isUnique ? "unique " : "")index \(name.map { Identifier.quote($0) + " " } ?? "")on \(table.name) (\(columns))"
            + (isConcurrent ? " without keeping writers out" : "") + guardWords(ifNotExists)
    }
}

extension DataChange {
    fileprivate var deed: String {
        switch kind {
        case .insert: "inserts rows into \(target.name)"
        case .update: "updates \(condition == nil ? "all rows" : "rows") of \(target.name)"
        case .delete: "deletes \(condition == nil ? "all rows" : "rows") of \(target.name)"
        case .merge: "merges rows into \(target.name)"
        }
    }
}

extension AlterTableAction {
    /// What the part does; nil for what is rare.
    fileprivate var deed: String? {
        let name = name.map { Identifier.quote($0) } ?? ""
        switch kind {
        case .addColumn: return "adds column \(name) \(column?.type?.canonical ?? "")"
        case .dropColumn: return "drops column \(name)"
        case .alterColumnType: return "changes the type of \(name) to \(column?.type?.canonical ?? "another")"
        case .setNotNull: return "makes \(name) NOT NULL"
        case .dropNotNull: return "lets \(name) be null"
        case .setColumnDefault: return "sets or drops the default of \(name)"
        case .addConstraint:
            return "adds \(constraint?.words(column: nil) ?? "a constraint")"
                + (constraint?.isNotValid == true ? " without a look at the rows" : "")
        case .dropConstraint: return "drops constraint \(name)"
        case .validateConstraint: return "validates constraint \(name)"
        case .attachPartition: return "attaches partition \(relation.map { "\($0.name)" } ?? "")"
        case .detachPartition: return "detaches partition \(relation.map { "\($0.name)" } ?? "")"
        default: return nil
        }
    }
}

extension [String] {
    /// All of it, or the first eight.
    fileprivate var list: String { prefix(8).joined(separator: ", ") + (count > 8 ? " and \(count - 8) more" : "") }
}
