import SQLSyntax

/// Functions of the server that are known not to be volatile; a default that calls another one may rewrite a table.
enum BuiltInFunctions {
    /// Whether a call is one of a function that gives the same value throughout a statement.
    ///
    /// A name with arguments that the server's own function does not take is somebody else's function.
    static func isKnownNotVolatile(_ call: FunctionCall) -> Bool {
        call.argumentCount == 0 && withoutArguments.contains(call.name.name) || withArguments.contains(call.name.name)
    }

    private static let withoutArguments: Set = [
        "now", "statement_timestamp", "transaction_timestamp", "current_timestamp", "localtimestamp", "current_user",
        "current_database", "current_schema", "session_user", "inet_client_addr", "pg_backend_pid", "version",
        "uuid_nil", "uuid_ns_dns",
    ]

    private static let withArguments: Set = [
        "current_setting", "timezone", "date_trunc", "date_part", "extract", "to_timestamp", "to_char", "to_date",
        "to_number", "make_date", "make_interval", "make_timestamp", "make_timestamptz", "make_time", "age", "lower",
        "upper", "initcap", "concat", "concat_ws", "format", "md5", "sha256", "encode", "decode", "trim", "btrim",
        "ltrim", "rtrim", "left", "right", "substring", "substr", "replace", "lpad", "rpad", "length", "char_length",
        "repeat", "reverse", "split_part", "translate", "abs", "ceil", "ceiling", "floor", "round", "trunc", "power",
        "sqrt", "mod", "sign", "greatest", "least", "coalesce", "nullif", "array_cat", "array_append",
        "array_prepend", "array_fill", "array_length", "string_to_array", "array_to_string", "to_json", "to_jsonb",
        "json_build_object", "jsonb_build_object", "json_build_array", "jsonb_build_array", "row_to_json",
        "jsonb_object", "json_object", "point", "box", "int4range", "int8range", "numrange", "tsrange", "tstzrange",
        "daterange", "to_tsvector", "to_tsquery", "plainto_tsquery", "isfinite", "justify_days", "justify_hours",
        "quote_literal", "quote_ident", "convert_to", "convert_from", "hashtext", "ascii", "chr", "to_hex",
        "bit_length", "octet_length", "position", "strpos", "starts_with", "regexp_replace", "regexp_match",
        "jsonb_set", "jsonb_strip_nulls", "overlay", "numeric", "text", "int4", "int8", "float8", "date", "interval",
        "timestamp", "timestamptz", "bool", "varchar", "bpchar", "network", "host", "masklen", "set_masklen",
    ]
}

extension StatementContext {
    /// A call that gives another value each time; nil if there is none.
    func volatileCall(in expression: Expression) -> String? {
        for call in expression.functionCalls {
            if let key = schema.routineKey(call.name) {
                if schema.routines[key]?.contains(where: \.isVolatile) == true { return "\(call.name)()" }
                continue
            }
            if !BuiltInFunctions.isKnownNotVolatile(call) { return "\(call.name)()" }
        }
        return nil
    }
}
