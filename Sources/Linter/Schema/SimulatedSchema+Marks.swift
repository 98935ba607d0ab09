import SQLSyntax

/// Going back to an earlier state without a copy of all that is there.
extension SimulatedSchema {
    /// The parts that are small enough to be copied.
    struct Mark: Sendable {
        fileprivate let searchPath: [String]
        fileprivate let opening: Origin?
        fileprivate let shaking: Origin?
        fileprivate let cascading: Origin?
        fileprivate let knowsStart: Bool
        fileprivate let freshLabels: [QualifiedName: Set<String>]
    }

    /// The statement that could not be read before the first mark.
    var openingAtMark: Origin? { marks.first?.opening }

    /// Remembers how everything is.
    mutating func mark() {
        marks.append(
            Mark(
                searchPath: searchPath,
                opening: opening,
                shaking: shaking,
                cascading: cascading,
                knowsStart: knowsStart,
                freshLabels: freshLabels
            )
        )
        relations.mark()
        types.mark()
        routines.mark()
        schemas.mark()
        extensions.mark()
        objects.mark()
        gone.mark()
        mixedCase.mark()
        triggerUsers.mark()
    }

    /// Makes everything what it was at the last mark, and forgets the mark.
    mutating func rollBack() {
        guard let mark = marks.popLast() else { return }
        (searchPath, opening) = (mark.searchPath, mark.opening)
        (shaking, cascading) = (mark.shaking, mark.cascading)
        (knowsStart, freshLabels) = (mark.knowsStart, mark.freshLabels)
        relations.rollBack()
        types.rollBack()
        routines.rollBack()
        schemas.rollBack()
        extensions.rollBack()
        objects.rollBack()
        gone.rollBack()
        mixedCase.rollBack()
        triggerUsers.rollBack()
    }

    /// Forgets the last mark, and gives back what was taken away since as what may be there.
    mutating func doubtSinceMark() {
        _ = marks.popLast()
        for (key, old) in relations.takeMark() {
            guard var now = relations[key] else {
                var old = old
                old.certainty = min(old.certainty, .maybe)
                relations[key] = old
                gone.clear(ObjectKey(kind: .relation, name: key))
                continue
            }
            if now.giveBack(old) { relations[key] = now }
        }
        for (key, old) in types.takeMark() where !types.has(key) {
            var old = old
            old.certainty = min(old.certainty, .maybe)
            types[key] = old
            gone.clear(ObjectKey(kind: .type, name: key))
        }
        for (key, old) in routines.takeMark() {
            let now = routines[key] ?? []
            let lost = old.filter { before in !now.contains { $0.arguments == before.arguments } }
            guard !lost.isEmpty else { continue }
            routines[key] =
                now
                + lost.map { routine in
                    var routine = routine
                    routine.certainty = min(routine.certainty, .maybe)
                    return routine
                }
            gone.clear(ObjectKey(kind: .routine, name: key))
        }
        for (key, old) in schemas.takeMark() where !schemas.has(key) { schemas[key] = min(old, .maybe) }
        for (key, old) in extensions.takeMark() where !extensions.has(key) {
            var old = old
            old.certainty = min(old.certainty, .maybe)
            extensions[key] = old
        }
        for (key, old) in objects.takeMark() where !old.isGone && objects[key]?.isGone != false {
            var old = old
            old.certainty = min(old.certainty, .maybe)
            objects[key] = old
        }
        gone.forgetMark()
        mixedCase.forgetMark()
        for (key, old) in triggerUsers.takeMark() { triggerUsers[key] = (triggerUsers[key] ?? []).union(old) }
    }

    /// Forgets the last mark.
    mutating func forgetMark() {
        _ = marks.popLast()
        relations.forgetMark()
        types.forgetMark()
        routines.forgetMark()
        schemas.forgetMark()
        extensions.forgetMark()
        objects.forgetMark()
        gone.forgetMark()
        mixedCase.forgetMark()
        triggerUsers.forgetMark()
    }
}

extension Relation {
    /// Takes back what an earlier state had and this one has not, as what may be there.
    ///
    /// - Returns: whether there was anything.
    fileprivate mutating func giveBack(_ old: Relation) -> Bool {
        var hasChanged = false
        func note<Value>(_ values: [Value]) -> [Value] {
            hasChanged = hasChanged || !values.isEmpty
            return values
        }
        for var column in note(old.columns.filter { self.column($0.name) == nil }) {
            column.certainty = min(column.certainty, .maybe)
            columns.append(column)
            goneColumns[column.name] = nil
        }
        for var constraint in note(old.constraints.filter { self.constraint($0.name) == nil }) {
            constraint.certainty = min(constraint.certainty, .maybe)
            constraints.append(constraint)
        }
        indexes += note(old.indexes.filter { !indexes.contains($0) })
        children += note(old.children.filter { !children.contains($0) })
        parents += note(old.parents.filter { !parents.contains($0) })
        for name in note(old.triggers.keys.filter { triggers[$0] == nil }) {
            triggers[name] = .maybe
            triggerFunctions[name] = old.triggerFunctions[name]
            triggerColumns[name] = old.triggerColumns[name]
        }
        for name in note(old.policies.keys.filter { policies[$0] == nil }) {
            policies[name] = .maybe
            policyColumns[name] = old.policyColumns[name]
        }
        for name in note(old.rules.keys.filter { rules[$0] == nil }) { rules[name] = .maybe }
        statistics.merge(old.statistics) { now, _ in now }
        return hasChanged
    }
}
