import SQLSyntax

/// The types that every server of version 15 has, by the names that SQL may give them.
enum BuiltInTypes {
    static func contains(_ name: QualifiedName) -> Bool {
        name.schema == nil && (names.contains(name.name) || name.name.hasPrefix("reg") || name.name.hasPrefix("pg_"))
    }

    private static let names: Set = [
        "bool", "boolean", "bytea", "char", "name", "int8", "int2", "int4", "int", "integer", "bigint", "smallint",
        "text", "oid", "tid", "xid", "xid8", "cid", "json", "jsonb", "jsonpath", "xml", "point", "lseg", "path", "box",
        "polygon", "line", "circle", "float4", "float8", "real", "unknown", "money", "macaddr", "macaddr8", "inet",
        "cidr",
        "bpchar", "varchar", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "bit", "varbit",
        "numeric",
        "decimal", "uuid", "tsvector", "tsquery", "gtsvector", "refcursor", "aclitem", "int2vector", "oidvector",
        "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "int4multirange", "int8multirange",
        "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange", "txid_snapshot", "record", "cstring",
        "any",
        "anyarray", "anyelement", "anynonarray", "anyenum", "anyrange", "anymultirange", "anycompatible",
        "anycompatiblearray", "anycompatiblenonarray", "anycompatiblerange", "anycompatiblemultirange", "void",
        "trigger",
        "event_trigger", "language_handler", "fdw_handler", "table_am_handler", "index_am_handler", "tsm_handler",
        "internal", "serial", "serial2", "serial4", "serial8", "bigserial", "smallserial",
    ]

    /// Whether a type is a spelling of `serial`.
    static func isSerial(_ type: TypeReference?) -> Bool {
        guard let type, type.name.schema == nil else { return false }
        return ["serial", "serial2", "serial4", "serial8", "bigserial", "smallserial"].contains(type.name.name)
    }
}

extension TypeReference {
    /// The type in one spelling for all ways to write it; `serial` is what its column gets.
    var canonical: String {
        let aliases = [
            "serial": "int4", "serial4": "int4", "bigserial": "int8", "serial8": "int8", "smallserial": "int2",
            "serial2": "int2", "bool": "bool", "boolean": "bool", "int": "int4", "integer": "int4", "bigint": "int8",
            "smallint": "int2", "decimal": "numeric", "real": "float4",
        ]
        var plain =
            name.schema == nil || name.schema == "pg_catalog" ? aliases[name.name] ?? name.name : "\(name.shortened)"
        if !modifiers.isEmpty { plain += "(\(modifiers.joined(separator: ",")))" }
        return plain + (arrayDimensions > 0 ? "[]" : "")
    }
}
