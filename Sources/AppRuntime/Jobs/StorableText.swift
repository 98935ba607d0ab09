/// Text that PostgreSQL takes, whatever a handler came up with (PostgreSQL manual, "Character Types", "JSON Types").
enum StorableText {
    static let longestError = 64 << 10
    static let longestResult = 1 << 20

    /// An error's text without NUL characters, cut at 64 KiB with a mark that says so.
    static func error(_ text: String) -> String {
        let clean = text.utf8.contains(0) ? String(text.unicodeScalars.filter { $0 != "\0" }.map(Character.init)) : text
        guard clean.utf8.count > longestError else { return clean }
        let mark = "… (cut; \(clean.utf8.count) bytes in all)"
        var end = clean.utf8.index(clean.startIndex, offsetBy: longestError - mark.utf8.count)
        while end.samePosition(in: clean.unicodeScalars) == nil { end = clean.utf8.index(before: end) }
        return clean[..<end] + mark
    }

    /// JSON without the escape of the NUL character, which `jsonb` refuses.
    static func json(_ text: String) -> String {
        guard text.contains(#"\u0000"#) else { return text }
        var clean: [UInt8] = []
        var input = Array(text.utf8)[...]
        while let byte = input.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escaped = input.popFirst() else {
                clean.append(byte)
                continue
            }
            if escaped == UInt8(ascii: "u"), input.starts(with: Array("0000".utf8)) {
                input = input.dropFirst(4)
            } else {
                clean += [byte, escaped]
            }
        }
        return String(decoding: clean, as: UTF8.self)
    }
}
