#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A type that can be read from a column of a result.
public protocol PostgresDecodable: Sendable {
    /// Reads a value in the server's text format.
    init(postgres cell: PostgresCell) throws(PostgresError)
}

extension PostgresCell {
    /// The value's text, or an error that names the type which was asked for.
    func text(for type: @autoclosure () -> String) throws(PostgresError) -> String {
        guard let text else { throw .unexpectedNull(column: column.name, as: type()) }
        return text
    }

    /// What `parse` makes of the value's text, or an error that names the type which was asked for.
    func parsed<Value, Parsed>(_ type: Value.Type, _ parse: (String) -> Parsed?) throws(PostgresError) -> Parsed {
        let text = try text(for: "\(type)")
        guard let value = parse(text) else { throw .undecodable(text, column: column.name, as: "\(type)") }
        return value
    }

    /// The value of one to eighteen digits and nothing else; most numbers are read so, without a text of them.
    fileprivate var smallNumber: Int? {
        guard let bytes, 1...18 ~= bytes.count else { return nil }
        var number = 0
        for byte in bytes {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }

    /// The byte of a value of one byte.
    fileprivate var onlyByte: UInt8? { bytes.flatMap { $0.count == 1 ? $0.first : nil } }
}

extension String: PostgresDecodable {
    /// Reads any type, in the form in which the server prints it.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try cell.text(for: "String")
    }
}

extension Int: PostgresDecodable {
    /// Reads `smallint`, `integer`, `bigint`, `oid`, and any other type that prints as a whole number.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        if let number = cell.smallNumber { self = number } else { self = try cell.parsed(Int.self) { Int($0) } }
    }
}

extension UInt32: PostgresDecodable {
    /// Reads `oid` and `xid`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        if let number = cell.smallNumber, let value = UInt32(exactly: number) {
            self = value
        } else {
            self = try cell.parsed(UInt32.self) { UInt32($0) }
        }
    }
}

extension Double: PostgresDecodable {
    /// Reads `real`, `double precision` and `numeric`, which may lose digits.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try cell.parsed(Double.self) { text in
            switch text {
            case "NaN": .nan
            case "Infinity": .infinity
            case "-Infinity": -.infinity
            default: Double(text)
            }
        }
    }
}

extension Bool: PostgresDecodable {
    /// Reads `boolean`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        switch cell.onlyByte {
        case UInt8(ascii: "t"): self = true
        case UInt8(ascii: "f"): self = false
        default: self = try cell.parsed(Bool.self) { _ in Bool?.none }
        }
    }
}

extension UUID: PostgresDecodable {
    /// Reads `uuid`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try cell.parsed(UUID.self) { UUID(uuidString: $0) }
    }
}

extension Date: PostgresDecodable {
    /// Reads `timestamptz`, `timestamp` and `date` (both taken as UTC), under `DateStyle` ISO.
    ///
    /// `infinity`, years before 1 and years after 294246 are refused.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try cell.parsed(Date.self) { Timestamp(postgres: $0)?.date }
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// Reads a null as nil.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = cell.bytes == nil ? nil : try Wrapped(postgres: cell)
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    /// Reads an array of one dimension, or `bytea` for `[UInt8]`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        self = try Element.decodeArray(cell)
    }
}

/// A value stored as `json` or `jsonb`.
public struct PostgresJSON<Value: Codable & Sendable>: PostgresDecodable, PostgresEncodable {
    /// The value.
    public var value: Value

    /// Wraps a value.
    public init(_ value: Value) {
        self.value = value
    }

    /// Reads `json` or `jsonb`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        value = try cell.parsed(Value.self) { text in
            try? JSONDecoder().decode(Value.self, from: Data(text.utf8))  // the error names the column instead
        }
    }

    /// The value as JSON text.
    public var postgresParameter: PostgresParameter {
        get throws(PostgresError) {
            do {
                return PostgresParameter(text: String(decoding: try JSONEncoder().encode(value), as: UTF8.self))
            } catch {
                throw .unencodable("\(error)")
            }
        }
    }
}
