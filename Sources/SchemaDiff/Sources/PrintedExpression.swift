/// What the server printed of an expression, as far as two such texts can be told apart without asking a server.
///
/// Printed and made again, an expression may get other casts and parentheses. Its string constants stay, each with its
/// type, and a constant alone stays as it is. Only constants whose text depends on no setting count, such as those of
/// `text`: those of times print in the session's time zone.
struct PrintedExpression {
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Whether an expression may mean the same as another one, printed by a server of the same major version or not.
    func mayMean(_ other: PrintedExpression, sameMajor: Bool) -> Bool {
        if bytes == other.bytes { return true }
        if isConstant, other.isConstant { return false }
        return !sameMajor || constants == other.constants
    }

    /// Whether it is a number, a truth value, or a string with a type whose text depends on no setting.
    var isConstant: Bool {
        if bytes == Array("true".utf8) || bytes == Array("false".utf8) { return true }
        if let first = bytes.first, first.isDigit { return bytes.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") } }
        guard bytes.first == UInt8(ascii: "'"), let end = endOfString(from: 0) else { return false }
        return lengthOfType(at: end) == bytes.count - end
    }

    /// The string constants that depend on no setting, sorted, and texts between dollars.
    private var constants: [[UInt8]] {
        var found: [[UInt8]] = []
        var index = 0
        while index < bytes.count {
            let start = index
            switch bytes[index] {
            case UInt8(ascii: "'"):
                guard let end = endOfString(from: index) else { return found }
                if lengthOfType(at: end) != nil { found.append(Array(bytes[start..<end])) }
                index = end
            case UInt8(ascii: "\""):
                index = (bytes[(index + 1)...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.count - 1) + 1
            case UInt8(ascii: "$"):
                guard let end = endOfDollarQuote(from: index) else {
                    index += 1
                    continue
                }
                found.append(Array(bytes[start..<end]))
                index = end
            default:
                index += 1
            }
        }
        return found.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Where a string ends that begins at an index; an `E` before it makes backslashes special.
    private func endOfString(from start: Int) -> Int? {
        let hasEscapes = start > 0 && bytes[start - 1] == UInt8(ascii: "E")
        var index = start + 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), hasEscapes {
                index += 2
            } else if bytes[index] != UInt8(ascii: "'") {
                index += 1
            } else if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "'") {
                index += 2
            } else {
                return index + 1
            }
        }
        return nil
    }

    private func endOfDollarQuote(from start: Int) -> Int? {
        guard let close = bytes[(start + 1)...].firstIndex(where: { !$0.isWord }), bytes[close] == UInt8(ascii: "$"),
            start + 1 == close || !bytes[start + 1].isDigit
        else { return nil }
        let tag = bytes[start...close]
        var index = close + 1
        while index + tag.count <= bytes.count {
            if bytes[index..<(index + tag.count)].elementsEqual(tag) { return index + tag.count }
            index += 1
        }
        return nil
    }

    /// The length of a cast to a type whose texts depend on no setting; nil if there is none at the index.
    private func lengthOfType(at index: Int) -> Int? {
        Self.types.first { cast in
            let end = index + cast.count
            guard bytes.count >= end, bytes[index..<end].elementsEqual(cast) else { return false }
            // A name that goes on is another type's, or that of a schema.
            return bytes.count == end || !(bytes[end].isWord || bytes[end] == UInt8(ascii: "."))
        }.map { cast in
            let end = index + cast.count
            return bytes[end...].starts(with: "[]".utf8) ? cast.count + 2 : cast.count
        }
    }

    private static let types: [[UInt8]] = [
        "text", "character varying", "bpchar", "name", "smallint", "integer", "bigint", "numeric", "boolean", "uuid",
        "json", "jsonb",
    ].map { Array("::\($0)".utf8) }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    fileprivate var isWord: Bool {
        isDigit || self == UInt8(ascii: "_") || self >= 0x80 || (self | 0x20) &- UInt8(ascii: "a") < 26
    }
}
