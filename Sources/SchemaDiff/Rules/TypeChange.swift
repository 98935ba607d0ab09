import Catalog

/// What it takes to turn the values of a column into those of another type.
struct TypeChange {
    let from: String
    let to: String
    private let catalog: Catalog

    /// - Parameters:
    ///   - from: the type as it is.
    ///   - to: the type that is wanted.
    ///   - catalog: what knows the domains among the types.
    init(from: String, to: String, in catalog: Catalog) {
        self.from = from
        self.to = to
        self.catalog = catalog
    }

    /// The expression for `USING`; nil where the server assigns the values by itself, refusing those that do not fit.
    func conversion(of column: String) -> String? {
        let source = Self.base(of: from, in: catalog)
        let target = Self.base(of: to, in: catalog)
        if Self.isAssigned(source, target) { return nil }
        let isDirect =
            Self.isText(source) || Self.explicit.contains(Pair(source, target))
            || (source.hasSuffix("[]") && target.hasSuffix("[]") && Self.hasElementCast(source, target))
        return isDirect ? "\(column)::\(to)" : "\(column)::text::\(to)"
    }

    /// Whether the table stays as it is on disk: values of the one type are values of the other.
    var isFree: Bool {
        let (source, sourceLimit) = Self.parts(of: from)
        let (target, targetLimit) = Self.parts(of: to)
        switch (source, target) {
        case ("character varying", "text"), ("text", "text"), ("cidr", "inet"): return true
        case ("text", "character varying"): return targetLimit.isEmpty
        case ("character varying", "character varying"), ("bit varying", "bit varying"):
            return targetLimit.isEmpty || (!sourceLimit.isEmpty && sourceLimit[0] <= targetLimit[0])
        case ("numeric", "numeric"):
            if targetLimit.isEmpty { return true }
            guard sourceLimit.count == 2, targetLimit.count == 2 else { return false }
            return sourceLimit[1] == targetLimit[1] && sourceLimit[0] <= targetLimit[0]
        case (let left, let right) where left == right && Self.times.contains(left):
            return targetLimit.isEmpty || (!sourceLimit.isEmpty && sourceLimit[0] <= targetLimit[0])
        default: return false
        }
    }

    private struct Pair: Hashable {
        let from: String
        let to: String

        init(_ from: String, _ to: String) {
            self.from = from
            self.to = to
        }
    }

    private static let numbers: Set<String> = ["smallint", "integer", "bigint", "real", "double precision", "numeric"]
    private static let texts: Set<String> = ["text", "character varying", "character", "name", "bpchar"]
    private static let times: Set<String> = [
        "timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone",
        "interval",
    ]
    /// Assignment and implicit casts of the server's own (`pg_cast`), beside those among numbers and to text.
    private static let assigned: Set<Pair> = [
        Pair("date", "timestamp without time zone"), Pair("date", "timestamp with time zone"),
        Pair("timestamp without time zone", "date"), Pair("timestamp with time zone", "date"),
        Pair("timestamp without time zone", "timestamp with time zone"),
        Pair("timestamp with time zone", "timestamp without time zone"),
        Pair("timestamp without time zone", "time without time zone"),
        Pair("timestamp with time zone", "time without time zone"),
        Pair("timestamp with time zone", "time with time zone"),
        Pair("time without time zone", "time with time zone"), Pair("time with time zone", "time without time zone"),
        Pair("time without time zone", "interval"), Pair("interval", "time without time zone"),
        Pair("json", "jsonb"), Pair("jsonb", "json"), Pair("cidr", "inet"), Pair("inet", "cidr"),
        Pair("bit", "bit varying"), Pair("bit varying", "bit"), Pair("macaddr", "macaddr8"),
        Pair("macaddr8", "macaddr"),
        Pair("integer", "oid"), Pair("bigint", "oid"), Pair("smallint", "oid"), Pair("oid", "integer"),
        Pair("oid", "bigint"), Pair("integer", "money"), Pair("bigint", "money"), Pair("numeric", "money"),
        Pair("money", "numeric"), Pair("polygon", "circle"), Pair("box", "polygon"), Pair("path", "polygon"),
        Pair("polygon", "path"), Pair("lseg", "point"),
    ]
    private static let explicit: Set<Pair> = [
        Pair("integer", "boolean"), Pair("boolean", "integer"), Pair("integer", "bit"), Pair("bigint", "bit"),
        Pair("bit", "integer"), Pair("bit", "bigint"), Pair("jsonb", "boolean"), Pair("jsonb", "numeric"),
        Pair("jsonb", "smallint"), Pair("jsonb", "integer"), Pair("jsonb", "bigint"), Pair("jsonb", "real"),
        Pair("jsonb", "double precision"), Pair("circle", "box"), Pair("box", "circle"), Pair("polygon", "box"),
        Pair("circle", "polygon"), Pair("circle", "point"), Pair("box", "point"), Pair("polygon", "point"),
    ]

    private static func isText(_ type: String) -> Bool { texts.contains(type) }

    private static func isAssigned(_ source: String, _ target: String) -> Bool {
        if source == target || isText(target) { return true }
        if source.hasSuffix("[]"), target.hasSuffix("[]") {
            return isAssigned(String(source.dropLast(2)), String(target.dropLast(2)))
        }
        return (numbers.contains(source) && numbers.contains(target)) || assigned.contains(Pair(source, target))
    }

    private static func hasElementCast(_ source: String, _ target: String) -> Bool {
        let source = String(source.dropLast(2))
        return isText(source) || explicit.contains(Pair(source, String(target.dropLast(2))))
    }

    /// The type without its limits; of a domain, what it narrows.
    static func base(of type: String, in catalog: Catalog) -> String {
        if type.hasSuffix("[]") { return base(of: String(type.dropLast(2)), in: catalog) + "[]" }
        let domain = catalog.objects(of: .domain).first { $0.identity.qualifiedName == type }
        if let narrowed = domain?.text(AttributeName(rawValue: "base_type")) { return base(of: narrowed, in: catalog) }
        return parts(of: type).name
    }

    /// `timestamp(3) without time zone` in its name and its limits.
    private static func parts(of type: String) -> (name: String, limits: [Int]) {
        guard !type.hasPrefix("\""), let open = type.firstIndex(of: "("), let close = type.lastIndex(of: ")") else {
            return (type, [])
        }
        let limits = type[type.index(after: open)..<close].split(separator: ",").compactMap { Int($0) }
        return (String(type[..<open]) + type[type.index(after: close)...], limits)
    }
}
