/// What well-known extensions bring, by names that the server itself does not have.
enum ExtensionParts {
    /// The extension that brings a function; nil for none that is known.
    static func bringing(function name: String) -> String? {
        if name.hasPrefix("st_") { return "postgis" }
        if name.hasPrefix("uuid_generate_v") { return "uuid-ossp" }
        if name.hasPrefix("pgp_") { return "pgcrypto" }
        return functions.first { $0.value.contains(name) }?.key
    }

    /// The extension that brings an operator class; nil for none that is known.
    static func bringing(operatorClass name: String) -> String? {
        ["gin_trgm_ops", "gist_trgm_ops"].contains(name)
            ? "pg_trgm"
            : ["vector_l2_ops", "vector_ip_ops", "vector_cosine_ops"].contains(name)
                ? "vector" : ["gist__int_ops", "gin__int_ops", "gist__intbig_ops"].contains(name) ? "intarray" : nil
    }

    private static let functions: [String: Set<String>] = [
        "pgcrypto": ["crypt", "gen_salt", "digest", "hmac", "gen_random_bytes", "armor", "dearmor"],
        "pg_trgm": ["similarity", "word_similarity", "strict_word_similarity", "show_trgm"],
        "unaccent": ["unaccent"],
        "fuzzystrmatch": ["levenshtein", "levenshtein_less_equal", "soundex", "metaphone", "dmetaphone"],
        "tablefunc": ["crosstab", "connectby", "normal_rand"],
        "ltree": ["text2ltree", "ltree2text", "nlevel", "subltree", "subpath"],
        "hstore": ["hstore", "akeys", "avals", "hstore_to_json", "hstore_to_jsonb"],
        "dblink": ["dblink", "dblink_connect", "dblink_exec", "dblink_disconnect"],
    ]

    /// The languages that every server has.
    static let languages: Set = ["sql", "plpgsql", "c", "internal"]
}
