/// A comment of a script.
public struct Comment: Hashable, Sendable {
    /// The bytes of the comment, with its `--` or `/*` and `*/`.
    public let range: Range<Int>
    /// What the comment says: without the marks, and without the blanks around it.
    public let text: String
    /// Whether it is a `--` comment, which ends with its line.
    public let isLineComment: Bool
}

extension SQLScript {
    /// The comments of a range, such as ``header`` or the whole of ``utf8``, in their order.
    ///
    /// - Parameter range: a range that does not begin inside a token; the whole text by default.
    /// - Returns: the comments that lie in it; none from the data of a COPY.
    public func comments(in range: Range<Int>? = nil) -> [Comment] {
        let range = range ?? header.lowerBound..<utf8.count
        return utf8.withUnsafeBufferPointer { bytes in
            var comments: [Comment] = []
            var start = range.lowerBound
            for data in statements.compactMap(\.copyData) where data.upperBound > start {
                guard data.lowerBound < range.upperBound else { break }
                Self.appendComments(of: bytes, in: start..<max(start, data.lowerBound), to: &comments)
                // The line `\.` is left: a backslash is a token, and no comment.
                start = data.upperBound
            }
            Self.appendComments(of: bytes, in: start..<max(start, range.upperBound), to: &comments)
            return comments
        }
    }

    private static func appendComments(
        of bytes: UnsafeBufferPointer<UInt8>,
        in range: Range<Int>,
        to comments: inout [Comment]
    ) {
        var lexer = Lexer(bytes, in: range, yieldsComments: true)
        while let token = lexer.nextOrNil() {
            guard token.kind == .comment else { continue }
            let isLineComment = bytes[token.start] == UInt8(ascii: "-")
            let content = bytes[token.start + 2..<token.end - (isLineComment ? 0 : 2)]
            let isBlank = { (byte: UInt8) in byte <= .space }
            let trimmed = content.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
            comments.append(
                Comment(
                    range: token.range,
                    text: String(decoding: trimmed, as: UTF8.self),
                    isLineComment: isLineComment
                )
            )
        }
    }
}
