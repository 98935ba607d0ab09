import SQLSyntax

extension SimulatedSchema {
    /// What is there and was not, or was there and is not, in words.
    func differences(from before: SimulatedSchema) -> [String] {
        guard opening == nil || before.opening != nil else { return [] }
        var found: [String] = []
        for key in relations.keys.sorted() {
            guard let relation = relations[key], !relation.isAssumed, relation.certainty == .sure else { continue }
            guard let old = before.relations[key] else {
                found.append("\(relation.kind.rawValue) \(key.shortened) is left behind")
                continue
            }
            // What was only declared by a guard then may have been there or not.
            guard relation.isTable, case .known = relation.shape, case .known = old.shape else { continue }
            for column in relation.columns where old.column(column.name) == nil {
                found.append("column \(Identifier.quote(column.name)) of \(key.shortened) is left behind")
            }
            for column in old.columns where relation.column(column.name) == nil {
                found.append("column \(Identifier.quote(column.name)) of \(key.shortened) is not given back")
            }
        }
        for key in before.relations.keys.sorted() where relations[key] == nil {
            guard let old = before.relations[key], !old.isAssumed, key.schema != "pg_temp" else { continue }
            found.append("\(old.kind.rawValue) \(key.shortened) is not given back")
        }
        for key in types.keys.sorted() where before.types[key] == nil {
            found.append("type \(key.shortened) is left behind")
        }
        for key in routines.keys.sorted() where before.routines[key] == nil {
            found.append("function \(key.shortened) is left behind")
        }
        return found
    }
}
