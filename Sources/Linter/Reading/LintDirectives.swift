import SQLSyntax

/// What the comments of a file tell the linter.
struct LintDirectives: Sendable {
    /// `-- lastro: allow RULE reason`.
    struct Allowance: Sendable {
        let rule: String
        let reason: String
        /// The byte where the rule's name stands.
        let offset: Int
        /// The statement that may break the rule; nil for every one of the file.
        let statement: Int?
    }

    private(set) var allowances: [Allowance] = []
    /// Whether the file says of itself that it can run again.
    private(set) var isIdempotent = false

    /// The limits that Lastro sets because the file says so.
    private(set) var limits: Set<String> = []

    init() {}

    init(of script: SQLScript) {
        guard script.utf8.containsDirective else { return }
        for comment in script.comments() where comment.isLineComment && comment.text.hasPrefix("lastro:") {
            let words = comment.text.dropFirst("lastro:".count).split(whereSeparator: \.isWhitespace)
            switch words.first {
            case "idempotent":
                isIdempotent = true
            case "lock-timeout"?, "statement-timeout"?:
                limits.insert(String(words[0]))
            case "allow":
                let place = script.text(in: comment.range).range(of: "allow").map { range in
                    comment.range.lowerBound
                        + script.text(in: comment.range).utf8.distance(
                            from: script.text(in: comment.range).startIndex,
                            to: range.lowerBound
                        )
                }
                allowances.append(
                    Allowance(
                        rule: words.dropFirst().first.map(String.init) ?? "",
                        reason: words.dropFirst(2).joined(separator: " "),
                        offset: place ?? comment.range.lowerBound,
                        statement: Self.statement(of: comment, in: script)
                    )
                )
            default: continue
            }
        }
    }

    /// The statement that a comment is about: the one that it stands in, behind on the same line, or before.
    private static func statement(of comment: Comment, in script: SQLScript) -> Int? {
        if comment.range.lowerBound < script.header.upperBound { return nil }
        let start = comment.range.lowerBound
        guard let next = script.statements.firstIndex(where: { $0.range.upperBound > start }) else {
            return script.statements.indices.last
        }
        if script.statements[next].range.contains(start) { return next }
        guard next > 0 else { return next }
        let between = script.utf8[script.statements[next - 1].range.upperBound..<start]
        return between.contains(UInt8(ascii: "\n")) ? next : next - 1
    }
}

extension String {
    /// The range of the first occurrence of a text.
    fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}

extension [UInt8] {
    /// Whether the word that begins a directive stands anywhere; files without one are most.
    fileprivate var containsDirective: Bool {
        let word = Array("lastro:".utf8)
        return withUnsafeBufferPointer { bytes in
            guard bytes.count >= word.count else { return false }
            for start in 0...(bytes.count - word.count) where bytes[start] == word[0] {
                if bytes[start..<start + word.count].elementsEqual(word) { return true }
            }
            return false
        }
    }
}
