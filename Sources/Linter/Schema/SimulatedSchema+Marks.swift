import SQLSyntax

/// Going back to an earlier state without a copy of all that is there.
extension SimulatedSchema {
    /// The parts that are small enough to be copied.
    struct Mark: Sendable {
        fileprivate let searchPath: [String]
        fileprivate let opening: Origin?
        fileprivate let knowsStart: Bool
        fileprivate let freshLabels: [QualifiedName: Set<String>]
    }

    /// The statement that could not be read before the first mark.
    var openingAtMark: Origin? { marks.first?.opening }

    /// Remembers how everything is.
    mutating func mark() {
        marks.append(
            Mark(searchPath: searchPath, opening: opening, knowsStart: knowsStart, freshLabels: freshLabels)
        )
        relations.mark()
        types.mark()
        routines.mark()
        schemas.mark()
        extensions.mark()
        gone.mark()
        mixedCase.mark()
        triggerUsers.mark()
    }

    /// Makes everything what it was at the last mark, and forgets the mark.
    mutating func rollBack() {
        guard let mark = marks.popLast() else { return }
        (searchPath, opening) = (mark.searchPath, mark.opening)
        (knowsStart, freshLabels) = (mark.knowsStart, mark.freshLabels)
        relations.rollBack()
        types.rollBack()
        routines.rollBack()
        schemas.rollBack()
        extensions.rollBack()
        gone.rollBack()
        mixedCase.rollBack()
        triggerUsers.rollBack()
    }

    /// Forgets the last mark.
    mutating func forgetMark() {
        _ = marks.popLast()
        relations.forgetMark()
        types.forgetMark()
        routines.forgetMark()
        schemas.forgetMark()
        extensions.forgetMark()
        gone.forgetMark()
        mixedCase.forgetMark()
        triggerUsers.forgetMark()
    }
}
