/// A secret that a client shows in its `Authorization` header.
public struct BearerToken: Sendable, CustomStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// Makes a token; nil for an empty text, which everybody could show.
    public init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        bytes = Array(text.utf8)
    }

    /// Whether a header shows the token, found out in a time that does not depend on how much of it is right.
    public func isShown(in header: String?) -> Bool {
        guard let header, header.count > 7, header.prefix(7).lowercased() == "bearer " else { return false }
        let shown = Array(header.utf8.dropFirst(7))
        var difference = UInt(bitPattern: shown.count ^ bytes.count)
        for place in shown.indices { difference |= UInt(shown[place] ^ bytes[place % bytes.count]) }
        return difference == 0
    }

    /// Three stars.
    public var description: String { "***" }

    /// A mirror of nothing, so that a dump shows no secret either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
