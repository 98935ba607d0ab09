import SQLSyntax

/// The types that every server of version 15 has, by the names that SQL may give them.
enum BuiltInTypes {
    static func contains(_ name: QualifiedName) -> Bool {
        name.schema == nil && (names.contains(name.name) || name.name.hasPrefix("reg") || name.name.hasPrefix("pg_"))
    }

    private static let names: Set = [
        "bool", "bytea", "char", "name", "int8", "int2", "int4", "text", "oid", "tid", "xid", "xid8", "cid", "json",
        "jsonb", "jsonpath", "xml", "point", "lseg", "path", "box",
        "polygon", "line", "circle", "float4", "float8", "unknown", "money", "macaddr", "macaddr8", "inet",
        "cidr",
        "bpchar", "varchar", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "bit", "varbit",
        "numeric", "uuid", "tsvector", "tsquery", "gtsvector", "refcursor", "aclitem", "int2vector", "oidvector",
        "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "int4multirange", "int8multirange",
        "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange", "txid_snapshot", "record", "cstring",
        "any",
        "anyarray", "anyelement", "anynonarray", "anyenum", "anyrange", "anymultirange", "anycompatible",
        "anycompatiblearray", "anycompatiblenonarray", "anycompatiblerange", "anycompatiblemultirange", "void",
        "trigger",
        "event_trigger", "language_handler", "fdw_handler", "table_am_handler", "index_am_handler", "tsm_handler",
        "internal", "serial", "serial2", "serial4", "serial8", "bigserial", "smallserial",
    ]

    /// What words of the grammar mean, which in quotes are names of types that there are not.
    static let words = [
        "bigint": "int8", "bit varying": "varbit", "boolean": "bool", "character": "bpchar",
        "character varying": "varchar",
        "dec": "numeric", "decimal": "numeric", "double precision": "float8", "float": "float8", "int": "int4",
        "integer": "int4", "national character": "bpchar", "nchar": "bpchar", "real": "float4", "smallint": "int2",
        "time with time zone": "timetz", "time without time zone": "time", "timestamp with time zone": "timestamptz",
        "timestamp without time zone": "timestamp",
    ]

    /// Whether a type is a spelling of `serial`.
    static func isSerial(_ type: TypeReference?) -> Bool {
        guard let type, type.name.schema == nil else { return false }
        return ["serial", "serial2", "serial4", "serial8", "bigserial", "smallserial"].contains(type.name.name)
    }
}

extension TypeReference {
    /// The type that a word of the grammar in quotes means; nil for what is none.
    var meant: TypeReference? {
        guard name.schema == nil, let word = BuiltInTypes.words[name.name] else { return nil }
        return TypeReference(
            name: QualifiedName(schema: "pg_catalog", name: word),
            modifiers: modifiers,
            arrayDimensions: arrayDimensions,
            isSet: isSet,
            location: location
        )
    }

    /// The type as one of an argument or a result, of which the server keeps no modifiers.
    var signature: String {
        TypeReference(
            name: name,
            modifiers: [],
            arrayDimensions: arrayDimensions,
            isSet: isSet,
            location: location
        ).canonical
    }

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
