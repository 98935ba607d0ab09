import Postgres

/// Writes a catalog file by hand: the keys of an object stand in the order in which people read them, which an encoder
/// does not keep, and a schema of thousands of tables takes a tenth of the time.
struct CatalogFileWriter {
    private(set) var text = ""

    mutating func write(_ catalog: Catalog) {
        text += "{\n  \"format\": \(CatalogFile.format),\n"
        text += "  \"server_version\": \(catalog.serverVersion.number),\n"
        text += "  \"fingerprint\": "
        write("\(catalog.fingerprint)")
        text += ",\n  \"objects\": ["
        for (index, object) in catalog.objects.enumerated() {
            text += index == 0 ? "\n" : ",\n"
            write(object)
        }
        text += catalog.objects.isEmpty ? "],\n" : "\n  ],\n"
        text += "  \"not_modelled\": "
        write(catalog.notModelled, indent: "  ")
        text += "\n}\n"
    }

    private mutating func write(_ object: CatalogObject) {
        let identity = object.identity
        text += "    {\n      \"kind\": "
        write(identity.kind.rawValue)
        for (key, value) in [("schema", identity.schema), ("parent", identity.parent), ("name", identity.name)] {
            if let value { write(key, value) }
        }
        if let signature = identity.signature { write("signature", signature) }
        if !object.attributes.isEmpty {
            text += ",\n      \"attributes\": {"
            for (index, (name, value)) in object.attributes.sorted(by: { $0.key < $1.key }).enumerated() {
                text += index == 0 ? "\n        " : ",\n        "
                write(name.rawValue)
                text += ": "
                write(value)
            }
            text += "\n      }"
        }
        if !object.dependencies.isEmpty {
            text += ",\n      \"needs\": "
            write(object.dependencies.map(\.description), indent: "      ")
        }
        text += "\n    }"
    }

    private mutating func write(_ key: String, _ value: String) {
        text += ",\n      \"\(key)\": "
        write(value)
    }

    private mutating func write(_ value: AttributeValue) {
        switch value {
        case .text(let value): write(value)
        case .flag(let value): text += value ? "true" : "false"
        case .number(let value): text += String(value)
        case .list(let values): write(values, indent: "        ")
        }
    }

    private mutating func write(_ values: [String], indent: String) {
        guard !values.isEmpty else {
            text += "[]"
            return
        }
        text += "["
        for (index, value) in values.enumerated() {
            text += index == 0 ? "\n\(indent)  " : ",\n\(indent)  "
            write(value)
        }
        text += "\n\(indent)]"
    }

    /// RFC 8259, section 7.
    private mutating func write(_ value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
