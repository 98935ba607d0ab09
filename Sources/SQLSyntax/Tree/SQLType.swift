import CPgQuery

/// A type, where a statement names it.
public struct SQLType: Hashable, Sendable {
    /// The type's name without modifiers; for the types of SQL PostgreSQL's own, such as `int4` for `integer`, without a schema.
    public let name: QualifiedName
    /// The type in full as PostgreSQL prints it: `integer`, `character varying(20)`, `timestamp(3) with time zone`, `text[]`.
    public let text: String
    /// What stands in parentheses behind the name: length, precision and scale.
    public let modifiers: [String]
    /// How many dimensions of array were written.
    public let arrayDimensions: Int
    /// Whether it is a set of the type, as functions return it.
    public let isSet: Bool
    /// The byte in the script where it begins; nil if the parser does not say.
    public let offset: Int?

    /// Whether it is one of the pseudo-types `smallserial`, `serial`, `bigserial`, that make a sequence.
    public var isSerial: Bool {
        name.schema == nil
            && ["smallserial", "serial", "bigserial", "serial2", "serial4", "serial8"].contains(name.name)
    }
}

extension TreeReader {
    func type(_ pointer: UnsafeMutablePointer<PgQuery__TypeName>?) -> SQLType? {
        guard let type = pointer?.pointee else { return nil }
        let parts = texts(type.n_names, type.names)
        let isBuiltIn = parts.count == 2 && parts[0] == "pg_catalog"
        let name = isBuiltIn ? QualifiedName(parts[1]) : QualifiedName(parts: parts)
        var modifiers = nodes(type.n_typmods, type.typmods).map { word($0) ?? "…" }
        let dimensions = nodes(type.n_array_bounds, type.array_bounds).count
        var text = isBuiltIn ? name.name : parts.map(Identifier.quote).joined(separator: ".")
        if parts.count == 1 || isBuiltIn, let printed = printedNames[name.name] { text = printed }
        if name.name == "interval" {
            let fields = modifiers.first.flatMap(Int32.init).flatMap { intervalFields[$0] }
            modifiers = Array(modifiers.dropFirst())
            text += fields.map { " " + $0 } ?? ""
        }
        if type.pct_type != 0 { text += "%TYPE" }
        if !modifiers.isEmpty {
            // timestamp(3) with time zone: the number stands in the middle.
            let words = text.split(separator: " ", maxSplits: 1)
            let isTime = name.name.hasPrefix("time") && words.count == 2
            let list = "(\(modifiers.joined(separator: ",")))"
            text = isTime ? "\(words[0])\(list) \(words[1])" : text + list
        }
        text += String(repeating: "[]", count: dimensions)
        return SQLType(
            name: name,
            text: type.setof != 0 ? "SETOF " + text : text,
            modifiers: modifiers,
            arrayDimensions: dimensions,
            isSet: type.setof != 0,
            offset: offset(type.location)
        )
    }
}

/// What the server prints for its own names (`format_type_extended` in its sources).
private let printedNames = [
    "bit": "bit", "bool": "boolean", "bpchar": "character", "float4": "real", "float8": "double precision",
    "int2": "smallint", "int4": "integer", "int8": "bigint", "interval": "interval", "numeric": "numeric",
    "time": "time without time zone", "timetz": "time with time zone", "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone", "varbit": "bit varying", "varchar": "character varying",
]

/// The fields of an interval by the mask in its first modifier (`INTERVAL_MASK` in the server's `utils/timestamp.h`).
private let intervalFields: [Int32: String] = [
    1 << 2: "year", 1 << 1: "month", 1 << 3: "day", 1 << 10: "hour", 1 << 11: "minute", 1 << 12: "second",
    1 << 2 | 1 << 1: "year to month", 1 << 3 | 1 << 10: "day to hour", 1 << 3 | 1 << 10 | 1 << 11: "day to minute",
    1 << 3 | 1 << 10 | 1 << 11 | 1 << 12: "day to second", 1 << 10 | 1 << 11: "hour to minute",
    1 << 10 | 1 << 11 | 1 << 12: "hour to second", 1 << 11 | 1 << 12: "minute to second",
]
