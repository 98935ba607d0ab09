import Postgres

/// Writes a catalog file by hand: the keys of an object stand in the order in which people read them, which an encoder
/// does not keep, and a schema of thousands of tables takes a tenth of the time.
struct CatalogFileWriter {
    private var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func write(_ catalog: Catalog) {
        put("{\n  \"format\": \(CatalogFile.format),\n")
        put("  \"server_version\": \(catalog.serverVersion.number),\n")
        put("  \"fingerprint\": ")
        write("\(catalog.fingerprint)")
        put(",\n  \"objects\": [")
        for (index, object) in catalog.objects.enumerated() {
            put(index == 0 ? "\n" : ",\n")
            write(object)
        }
        put(catalog.objects.isEmpty ? "],\n" : "\n  ],\n")
        put("  \"not_modelled\": ")
        write(catalog.notModelled, indent: "  ")
        put("\n}\n")
    }

    private mutating func write(_ object: CatalogObject) {
        let identity = object.identity
        put("    {\n      \"kind\": ")
        write(identity.kind.rawValue)
        for (key, value) in [("schema", identity.schema), ("parent", identity.parent), ("name", identity.name)] {
            if let value { write(key, value) }
        }
        if let signature = identity.signature { write("signature", signature) }
        if !object.attributes.isEmpty {
            put(",\n      \"attributes\": {")
            for (index, (name, value)) in object.attributes.sorted(by: { $0.key < $1.key }).enumerated() {
                put(index == 0 ? "\n        " : ",\n        ")
                write(name.rawValue)
                put(": ")
                write(value)
            }
            put("\n      }")
        }
        if !object.dependencies.isEmpty {
            put(",\n      \"needs\": ")
            write(object.dependencies.map(\.description), indent: "      ")
        }
        put("\n    }")
    }

    private mutating func write(_ key: String, _ value: String) {
        put(",\n      \"\(key)\": ")
        write(value)
    }

    private mutating func write(_ value: AttributeValue) {
        switch value {
        case .text(let value): write(value)
        case .flag(let value): put(value ? "true" : "false")
        case .number(let value): put(String(value))
        case .list(let values): write(values, indent: "        ")
        }
    }

    private mutating func write(_ values: [String], indent: String) {
        guard !values.isEmpty else {
            put("[]")
            return
        }
        put("[")
        for (index, value) in values.enumerated() {
            put(index == 0 ? "\n\(indent)  " : ",\n\(indent)  ")
            write(value)
        }
        put("\n\(indent)]")
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// RFC 8259, section 7.
    private mutating func write(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""): put("\\\"")
            case UInt8(ascii: "\\"): put("\\\\")
            case UInt8(ascii: "\n"): put("\\n")
            case UInt8(ascii: "\r"): put("\\r")
            case UInt8(ascii: "\t"): put("\\t")
            case ..<0x20: put((byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
