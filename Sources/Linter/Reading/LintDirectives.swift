import SQLSyntax
import SourceText

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

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

    /// A comment that tells another linter to be quiet.
    struct ForeignIgnore: Sendable {
        let linter: String
        /// Our rules that it is about.
        let rules: Set<String>
        /// The byte where the comment begins.
        let offset: Int
        /// The statement that it is about; nil for every one of the file.
        let statement: Int?
    }

    private(set) var allowances: [Allowance] = []
    private(set) var foreignIgnores: [ForeignIgnore] = []
    /// Whether a runner other than Lastro puts a transaction around the file, as it says itself; nil if it does not say so.
    private(set) var isWrapped: Bool?
    /// Whether the file says of itself that it can run again.
    private(set) var isIdempotent = false

    /// The limits that Lastro sets because the file says so.
    private(set) var limits: Set<String> = []

    fileprivate static let beginnings = [Array("lastro:".utf8)] + OtherLinters.beginnings

    init() {}

    init(of script: SQLScript) {
        guard script.utf8.mayHoldDirective else { return }
        for comment in script.comments() where comment.isLineComment {
            guard comment.text.hasPrefix("lastro:") else {
                if let ignore = OtherLinters.ignore(in: comment.text) {
                    foreignIgnores.append(
                        ForeignIgnore(
                            linter: ignore.linter,
                            rules: ignore.rules,
                            offset: comment.range.lowerBound,
                            statement: ignore.isForFile ? nil : Self.nextStatement(to: comment, in: script)
                        )
                    )
                }
                isWrapped = OtherLinters.wrapping(in: comment.text) ?? isWrapped
                continue
            }
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

    /// The statement that a comment stands in or before, as other linters have it also at the head of a file.
    private static func nextStatement(to comment: Comment, in script: SQLScript) -> Int? {
        let next = script.statements.partitioningIndex { $0.range.upperBound > comment.range.lowerBound }
        return next < script.statements.count ? next : script.statements.indices.last
    }

    /// The statement that a comment is about: the one that it stands in, behind on the same line, or before.
    private static func statement(of comment: Comment, in script: SQLScript) -> Int? {
        if comment.range.lowerBound < script.header.upperBound { return nil }
        let start = comment.range.lowerBound
        let next = script.statements.partitioningIndex { $0.range.upperBound > start }
        guard next < script.statements.count else { return script.statements.indices.last }
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
    /// Whether a comment may begin as a directive does; files without one are most.
    fileprivate var mayHoldDirective: Bool {
        withUnsafeBytes { bytes in
            var place = 0
            while let start = bytes.baseAddress, let found = memchr(start + place, 0x2D, bytes.count - place) {
                place = start.distance(to: found) + 1
                guard place < bytes.count, bytes[place] == UInt8(ascii: "-") else { continue }
                let text = bytes[(place + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                if LintDirectives.beginnings.contains(where: { text.starts(with: $0) }) { return true }
            }
            return false
        }
    }
}
