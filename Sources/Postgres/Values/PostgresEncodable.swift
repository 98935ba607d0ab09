#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A type that can be sent as the parameter of a statement.
public protocol PostgresEncodable: Sendable {
    /// The value in one of the server's formats.
    var postgresParameter: PostgresParameter { get throws(PostgresError) }
}

/// The value of one parameter.
///
/// Text leaves its type to the server, which infers it from where the parameter stands. Where there is nothing to
/// infer from, write a cast: `$1::bigint`.
public struct PostgresParameter: Hashable, Sendable {
    /// The bytes that are sent; nil for a null.
    let bytes: [UInt8]?
    /// Whether the bytes are in the type's binary format.
    let isBinary: Bool
    /// The type's object identifier; 0 lets the server infer it.
    let typeOID: UInt32

    /// A null.
    public static let null = PostgresParameter(bytes: nil, isBinary: false, typeOID: 0)

    /// A value in its text format; a statement refuses one that holds a NUL character, at which libpq would end it.
    public init(text: String) {
        self.init(bytes: Array(text.utf8), isBinary: false, typeOID: 0)
    }

    /// A value in its text format, as bytes of UTF-8.
    init(text bytes: [UInt8]) {
        self.init(bytes: bytes, isBinary: false, typeOID: 0)
    }

    /// A value in the binary format of a type, given by its object identifier in `pg_type`.
    public init(binary bytes: [UInt8], typeOID: UInt32) {
        self.init(bytes: bytes, isBinary: true, typeOID: typeOID)
    }

    private init(bytes: [UInt8]?, isBinary: Bool, typeOID: UInt32) {
        self.bytes = bytes
        self.isBinary = isBinary
        self.typeOID = typeOID
    }
}

extension String: PostgresEncodable {
    /// The text; a statement refuses one that holds a NUL character, which PostgreSQL cannot store.
    public var postgresParameter: PostgresParameter { PostgresParameter(text: self) }
}

extension Int: PostgresEncodable {
    /// The number in decimal digits.
    public var postgresParameter: PostgresParameter { PostgresParameter(text: String(self)) }
}

extension UInt32: PostgresEncodable {
    /// The number in decimal digits.
    public var postgresParameter: PostgresParameter { PostgresParameter(text: String(self)) }
}

extension Double: PostgresEncodable {
    /// The shortest digits that give the same number again, `NaN` or an `Infinity`.
    public var postgresParameter: PostgresParameter {
        guard isFinite else { return PostgresParameter(text: isNaN ? "NaN" : self > 0 ? "Infinity" : "-Infinity") }
        return PostgresParameter(text: description)
    }
}

extension Bool: PostgresEncodable {
    /// `true` or `false`.
    public var postgresParameter: PostgresParameter { PostgresParameter(text: self ? "true" : "false") }
}

extension UUID: PostgresEncodable {
    /// The identifier in its usual form.
    public var postgresParameter: PostgresParameter { PostgresParameter(text: uuidString) }
}

extension Date: PostgresEncodable {
    /// The instant in UTC, to the microsecond; refused before the year 1 and after the year 294246.
    public var postgresParameter: PostgresParameter {
        get throws(PostgresError) {
            guard let timestamp = Timestamp(self) else {
                throw .unencodable("a date outside of the years 1 to \(Timestamp.years.upperBound)")
            }
            return PostgresParameter(text: timestamp.description)
        }
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    /// The value, or a null.
    public var postgresParameter: PostgresParameter {
        get throws(PostgresError) { try self?.postgresParameter ?? .null }
    }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    /// An array of one dimension, or `bytea` for `[UInt8]`.
    public var postgresParameter: PostgresParameter {
        get throws(PostgresError) { try Element.encodeArray(self) }
    }
}
