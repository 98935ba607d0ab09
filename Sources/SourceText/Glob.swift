extension String {
    /// Whether the whole text fits a pattern of `*` and `?`.
    public func matches(_ glob: String) -> Bool {
        let (text, pattern) = (Array(self), Array(glob))
        var (at, next) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while at < text.count {
            if next < pattern.count, pattern[next] == "*" {
                star = (next, at)
                next += 1
            } else if next < pattern.count, pattern[next] == "?" || pattern[next] == text[at] {
                next += 1
                at += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                (next, at) = (last.pattern + 1, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == "*" }
    }
}
