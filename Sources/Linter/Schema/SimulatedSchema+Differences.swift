import SQLSyntax

extension SimulatedSchema {
    /// What is there and was not at the first mark, or was there and is not, in words.
    func differencesFromMark() -> [String] {
        guard opening == nil || openingAtMark != nil else { return [] }
        var found: [String] = []
        let changed = relations.keysSinceMark.sorted()
        for key in changed {
            guard let relation = relations[key], !relation.isAssumed, relation.certainty == .sure else { continue }
            guard let old = relations.valueAtMark(key) else {
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
        for key in changed where !relations.has(key) {
            guard let old = relations.valueAtMark(key), !old.isAssumed, key.schema != "pg_temp" else { continue }
            found.append("\(old.kind.rawValue) \(key.shortened) is not given back")
        }
        for key in types.keysSinceMark.sorted() where types.has(key) && types.valueAtMark(key) == nil {
            found.append("type \(key.shortened) is left behind")
        }
        for key in routines.keysSinceMark.sorted() where routines.has(key) && routines.valueAtMark(key) == nil {
            found.append("function \(key.shortened) is left behind")
        }
        return found
    }
}
