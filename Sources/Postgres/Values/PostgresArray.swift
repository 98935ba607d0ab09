import CLibpq

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A type whose arrays are values of PostgreSQL: arrays of one dimension, or `bytea` for bytes.
public protocol PostgresArrayElement: Sendable {
    /// The array in one of the server's formats.
    static func encodeArray(_ elements: [Self]) throws(PostgresError) -> PostgresParameter
    /// Reads an array in the server's text format.
    static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self]
}

extension PostgresArrayElement where Self: PostgresEncodable & PostgresDecodable {
    /// The array as a literal: `{1,2,NULL,"a b"}` (PostgreSQL manual, "Array Input and Output Syntax").
    public static func encodeArray(_ elements: [Self]) throws(PostgresError) -> PostgresParameter {
        var literal = [UInt8(ascii: "{")]
        for element in elements {
            if literal.count > 1 { literal.append(UInt8(ascii: ",")) }
            let parameter = try element.postgresParameter
            // Binary values, such as bytes, have no place in the text of an array.
            guard !parameter.isBinary else { throw .unencodable("an array of values in binary format") }
            guard let bytes = parameter.bytes else {
                literal.append(contentsOf: "NULL".utf8)
                continue
            }
            literal.appendArrayElement(bytes)
        }
        literal.append(UInt8(ascii: "}"))
        return PostgresParameter(text: literal)
    }

    /// Reads an array literal of one dimension.
    public static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self] {
        let elements = try cell.parsed([Self].self) { text in
            arrayElements(of: text).map { elements in
                elements.map { PostgresCell(bytes: $0?[...], column: cell.column) }
            }
        }
        var values: [Self] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try Self(postgres: element)) }
        return values
    }
}

extension [UInt8] {
    /// Adds an element of an array literal, in quotation marks.
    fileprivate mutating func appendArrayElement(_ bytes: [UInt8]) {
        append(UInt8(ascii: "\""))
        if bytes.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            for byte in bytes {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
                append(byte)
            }
        } else {
            append(contentsOf: bytes)
        }
        append(UInt8(ascii: "\""))
    }
}

/// The elements of an array literal, nil for NULL; nil altogether if it is none, or has several dimensions.
private func arrayElements(of literal: String) -> [[UInt8]?]? {
    var input = Array(literal.utf8)[...]
    // Bounds come first where the lower one is not 1: [0:1]={a,b}.
    if input.first == UInt8(ascii: "["), let equals = input.firstIndex(of: UInt8(ascii: "=")) {
        input = input[(equals + 1)...]
    }
    guard input.popFirst() == UInt8(ascii: "{") else { return nil }
    var elements: [[UInt8]?] = []
    if input.first == UInt8(ascii: "}") { return input.count == 1 ? [] : nil }
    while true {
        var element: [UInt8] = []
        let isQuoted = input.first == UInt8(ascii: "\"")
        if isQuoted {
            input.removeFirst()
            while let byte = input.popFirst(), byte != UInt8(ascii: "\"") {
                guard byte == UInt8(ascii: "\\") else {
                    element.append(byte)
                    continue
                }
                guard let escaped = input.popFirst() else { return nil }
                element.append(escaped)
            }
        } else {
            while let byte = input.first, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") {
                if byte == UInt8(ascii: "{") { return nil }
                element.append(byte)
                input.removeFirst()
            }
        }
        let isNull = !isQuoted && element == Array("NULL".utf8)
        elements.append(isNull ? nil : element)
        switch input.popFirst() {
        case UInt8(ascii: ","): continue
        case UInt8(ascii: "}"): return input.isEmpty ? elements : nil
        default: return nil
        }
    }
}

extension UInt8: PostgresArrayElement {
    /// The bytes as `bytea` in its binary format.
    public static func encodeArray(_ elements: [UInt8]) throws(PostgresError) -> PostgresParameter {
        PostgresParameter(binary: elements, typeOID: 17)
    }

    /// Reads `bytea`, whichever `bytea_output` it was printed in.
    public static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        let text = try cell.text(for: "[UInt8]")
        var length = 0
        guard
            let unescaped = text.withCString({ characters in
                characters.withMemoryRebound(to: UInt8.self, capacity: text.utf8.count) { PQunescapeBytea($0, &length) }
            })
        else {
            throw .undecodable(text, column: cell.column.name, as: "[UInt8]")
        }
        defer { PQfreemem(unescaped) }
        return Array(UnsafeBufferPointer(start: unescaped, count: length))
    }
}

extension String: PostgresArrayElement {}
extension Int: PostgresArrayElement {}
extension Double: PostgresArrayElement {}
extension Bool: PostgresArrayElement {}
extension UUID: PostgresArrayElement {}
extension Date: PostgresArrayElement {}
extension Optional: PostgresArrayElement where Wrapped: PostgresEncodable & PostgresDecodable {}
