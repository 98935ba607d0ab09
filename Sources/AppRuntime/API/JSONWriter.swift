import Foundation
import Postgres

/// JSON that is written from left to right into bytes; for answers of many rows, where an encoder is too slow.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    init(capacity: Int = 4096) { bytes.reserveCapacity(capacity) }

    mutating func beginObject() { open(UInt8(ascii: "{")) }
    mutating func endObject() { close(UInt8(ascii: "}")) }
    mutating func beginArray() { open(UInt8(ascii: "[")) }
    mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A member's name, before its value; it holds nothing that has to be escaped.
    mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func text(_ text: String?) {
        separate()
        needsComma = true
        guard let text else { return null() }
        quote(text.utf8)
    }

    mutating func number(_ number: Int) { raw("\(number)".utf8) }

    mutating func double(_ number: Double?) {
        guard let number, number.isFinite else { return raw("null".utf8) }
        raw("\(number)".utf8)
    }

    mutating func bool(_ value: Bool) { raw((value ? "true" : "false").utf8) }

    /// A time, in UTC.
    mutating func time(_ date: Date?) { text(date.map { $0.formatted(Self.times) }) }

    /// What is JSON already.
    mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        needsComma = true
        bytes.append(contentsOf: json)
    }

    /// A cell that holds a text.
    mutating func text(_ cell: PostgresCell) {
        separate()
        needsComma = true
        guard let text = cell.bytes else { return null() }
        quote(text)
    }

    /// A cell that holds JSON, or a number.
    mutating func raw(_ cell: PostgresCell) {
        separate()
        needsComma = true
        guard let json = cell.bytes else { return null() }
        bytes.append(contentsOf: json)
    }

    /// A cell that holds a time without a zone, in UTC; null where it has no form in RFC 3339, such as `infinity`.
    mutating func time(_ cell: PostgresCell) {
        separate()
        needsComma = true
        guard let time = cell.bytes, let first = time.first, first != UInt8(ascii: "i"), first != UInt8(ascii: "-")
        else {
            return null()
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in time { bytes.append(byte == UInt8(ascii: " ") ? UInt8(ascii: "T") : byte) }
        bytes.append(UInt8(ascii: "Z"))
        bytes.append(UInt8(ascii: "\""))
    }

    private static let times = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private mutating func null() { bytes.append(contentsOf: "null".utf8) }

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func separate() { if needsComma { bytes.append(UInt8(ascii: ",")) } }

    private mutating func quote(_ text: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONWriter {
    /// An object with what a closure writes into it.
    mutating func object(_ write: (inout JSONWriter) throws -> Void) rethrows {
        beginObject()
        try write(&self)
        endObject()
    }

    /// A member that is a list, with what is written for each of its items.
    mutating func list<Items: Sequence>(
        _ name: StaticString,
        of items: Items,
        _ write: (Items.Element, inout JSONWriter) throws -> Void
    ) rethrows {
        self.name(name)
        beginArray()
        for item in items { try write(item, &self) }
        endArray()
    }

    mutating func member(_ name: StaticString, _ text: String?) {
        self.name(name)
        self.text(text)
    }

    mutating func member(_ name: StaticString, _ number: Int?) {
        self.name(name)
        if let number { self.number(number) } else { raw("null".utf8) }
    }

    mutating func member(_ name: StaticString, _ number: Double?) {
        self.name(name)
        double(number)
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    mutating func member(_ name: StaticString, _ time: Date?) {
        self.name(name)
        self.time(time)
    }

    /// A member that is JSON already; null for none.
    mutating func member(_ name: StaticString, json: String?) {
        self.name(name)
        raw((json ?? "null").utf8)
    }

    /// A member that is the text of a cell.
    mutating func member(_ name: StaticString, text cell: PostgresCell) {
        self.name(name)
        text(cell)
    }

    /// A member that is the JSON, or the number, of a cell.
    mutating func member(_ name: StaticString, raw cell: PostgresCell) {
        self.name(name)
        raw(cell)
    }

    /// A member that is the time without a zone of a cell.
    mutating func member(_ name: StaticString, time cell: PostgresCell) {
        self.name(name)
        time(cell)
    }
}
