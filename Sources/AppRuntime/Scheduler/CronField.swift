/// One of the five fields of a cron expression, in their order.
enum CronField: Int, CaseIterable {
    case minute
    case hour
    case day
    case month
    case weekday

    var title: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day of the month"
        case .month: "month"
        case .weekday: "day of the week"
        }
    }

    /// The numbers that may be written.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        case .weekday: 0...7
        }
    }

    private var names: [Substring] {
        switch self {
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        default: []
        }
    }

    /// Reads a field: a list, separated by commas, of `*`, numbers, names and ranges, each with a step if wanted.
    ///
    /// - Parameters:
    ///   - text: the field.
    ///   - expression: the whole expression, for an error.
    /// - Returns: one bit for each number that it allows; Sunday is 0.
    /// - Throws: ``AppRuntimeError`` with code `invalid-cron`.
    func bits(of text: Substring, in expression: String) throws(AppRuntimeError) -> UInt64 {
        var allowed: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            allowed |= try bits(ofItem: item, in: expression)
        }
        guard self == .weekday, allowed & 1 << 7 != 0 else { return allowed }
        return allowed & 0x7F | 1
    }

    private func bits(ofItem item: Substring, in expression: String) throws(AppRuntimeError) -> UInt64 {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let step = parts.count == 2 ? try readStep(parts[1], in: expression) : 1
        let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first: Int
        let last: Int
        if parts[0] == "*" {
            (first, last) = (range.lowerBound, self == .weekday ? 6 : range.upperBound)
        } else if ends.count == 2 {
            (first, last) = (try number(ends[0], in: expression), try number(ends[1], in: expression))
            guard first <= last else {
                throw .cron(
                    expression,
                    field: self,
                    "the range \(parts[0]) ends before it begins",
                    next:
                        "write it as two, separated by a comma: \(ends[0])-\(range.upperBound),\(range.lowerBound)-\(ends[1])"
                )
            }
        } else {
            first = try number(parts[0], in: expression)
            guard parts.count == 1 else {
                throw .cron(
                    expression,
                    field: self,
                    "the step /\(step) stands behind the single value \(parts[0])",
                    next: "give a range: \(parts[0])-\(range.upperBound)/\(step)"
                )
            }
            last = first
        }
        return stride(from: first, through: last, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }

    private func readStep(_ text: Substring, in expression: String) throws(AppRuntimeError) -> Int {
        let limit = range.upperBound - range.lowerBound + 1
        guard isDigits(text), let step = Int(text), (1...limit).contains(step) else {
            throw .cron(
                expression,
                field: self,
                "\"\(text)\" is no step",
                next: "write a number from 1 to \(limit) behind the /"
            )
        }
        return step
    }

    private func number(_ text: Substring, in expression: String) throws(AppRuntimeError) -> Int {
        let name = text.lowercased()
        if let place = names.firstIndex(where: { $0 == name }) { return place + (self == .month ? 1 : 0) }
        guard isDigits(text), let number = Int(text), range.contains(number) else {
            let known = names.isEmpty ? "" : ", or a name from \(names[0]) to \(names[names.count - 1])"
            throw .cron(
                expression,
                field: self,
                text.isEmpty ? "a value is missing" : "\"\(text)\" is no value",
                next: "write *, or numbers from \(range.lowerBound) to \(range.upperBound)\(known)"
            )
        }
        return number
    }

    private func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
