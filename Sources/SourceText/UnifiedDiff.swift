/// What differs between two texts, as `diff -u` shows it.
public struct UnifiedDiff: Sendable {
    /// The hunks with their heads, without the names of the files; empty if nothing differs.
    public let hunks: [String]

    /// Compares two texts line by line.
    ///
    /// - Parameters:
    ///   - before: the old text.
    ///   - after: the new text.
    ///   - context: how many lines to show around a change.
    public init(from before: [UInt8], to after: [UInt8], context: Int = 3) {
        let (old, new) = (Self.lines(of: before), Self.lines(of: after))
        let steps = Self.steps(from: old, to: new)
        let changed = steps.indices.filter { steps[$0].isChange }
        var groups: [ClosedRange<Int>] = []
        for place in changed {
            if let last = groups.last, place - last.upperBound <= 2 * context {
                groups[groups.count - 1] = last.lowerBound...place
            } else {
                groups.append(place...place)
            }
        }
        hunks = groups.map { group in
            let range = max(0, group.lowerBound - context)...min(steps.count - 1, group.upperBound + context)
            let before = steps[..<range.lowerBound]
            let shown = steps[range]
            func span(_ isCounted: (Step) -> Bool) -> String {
                let (skipped, count) = (before.count(where: isCounted), shown.count(where: isCounted))
                return "\(count == 0 ? skipped : skipped + 1)" + (count == 1 ? "" : ",\(count)")
            }
            let head = "@@ -\(span { $0.mark != "+" }) +\(span { $0.mark != "-" }) @@"
            return ([head] + shown.map(\.text)).joined(separator: "\n")
        }
    }

    /// The whole, with the names of the files above; empty if nothing differs.
    public func text(from old: String, to new: String) -> String {
        hunks.isEmpty ? "" : (["--- \(old)", "+++ \(new)"] + hunks).joined(separator: "\n") + "\n"
    }

    private struct Step {
        let mark: Character
        let line: Line
        var isChange: Bool { mark != " " }
        var text: String { "\(mark)\(line.text)" + (line.isEnded ? "" : "\n\\ No newline at end of file") }
    }

    private struct Line: Hashable {
        let text: String
        let isEnded: Bool
    }

    private static func lines(of text: [UInt8]) -> [Line] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { Line(text: String(decoding: $0, as: UTF8.self), isEnded: true) }
        guard let last = lines.popLast() else { return [] }
        return last.text.isEmpty ? lines : lines + [Line(text: last.text, isEnded: false)]
    }

    private static func steps(from old: [Line], to new: [Line]) -> [Step] {
        // What is the same at both ends need not be compared further.
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let (oldMiddle, newMiddle) = (old[head..<old.count - tail], new[head..<new.count - tail])
        let difference = Array(newMiddle).difference(from: Array(oldMiddle))
        let removed = Set(
            difference.removals.compactMap { if case .remove(let offset, _, _) = $0 { offset } else { nil } }
        )
        let inserted = Set(
            difference.insertions.compactMap { if case .insert(let offset, _, _) = $0 { offset } else { nil } }
        )
        var steps = old[..<head].map { Step(mark: " ", line: $0) }
        var (from, to) = (0, 0)
        while from < oldMiddle.count || to < newMiddle.count {
            if removed.contains(from), from < oldMiddle.count {
                steps.append(Step(mark: "-", line: oldMiddle[head + from]))
                from += 1
            } else if inserted.contains(to), to < newMiddle.count {
                steps.append(Step(mark: "+", line: newMiddle[head + to]))
                to += 1
            } else {
                steps.append(Step(mark: " ", line: oldMiddle[head + from]))
                from += 1
                to += 1
            }
        }
        return steps + old[(old.count - tail)...].map { Step(mark: " ", line: $0) }
    }
}
