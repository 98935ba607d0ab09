import Postgres

/// Writes a catalog file by hand: the keys of an object stand in the order in which people read them, which an encoder
/// does not keep, and a schema of thousands of tables takes a tenth of the time.
struct CatalogFileWriter {
    private var bytes: [UInt8] = []

    /// The file as a text; parts of a large catalog are written at the same time.
    static func text(of catalog: Catalog) -> String {
        let parts = catalog.objects.mapParts { objects in
            var writer = CatalogFileWriter()
            var canonical = CanonicalText()
            var digests: [UInt8] = []
            for object in objects {
                let attributes = object.sortedAttributes
                canonical.add(object, attributes: attributes)
                digests += canonical.takeDigest()
                writer.put(object.identity == catalog.objects.first?.identity ? "\n" : ",\n")
                writer.write(object, attributes: attributes)
            }
            return (bytes: writer.bytes, digests: digests)
        }
        var writer = CatalogFileWriter()
        writer.bytes.reserveCapacity(parts.reduce(1024) { $0 + $1.bytes.count })
        writer.put("{\n  \"format\": \(CatalogFile.format),\n")
        writer.put("  \"server_version\": \(catalog.serverVersion.number),\n")
        writer.put("  \"fingerprint\": ")
        writer.write("\(Fingerprint(ofDigests: Array(parts.map(\.digests).joined())))")
        writer.put(",\n  \"objects\": [")
        for part in parts { writer.bytes += part.bytes }
        writer.put(catalog.objects.isEmpty ? "],\n" : "\n  ],\n")
        writer.put("  \"not_modelled\": ")
        writer.write(catalog.notModelled, indent: "  ")
        writer.put("\n}\n")
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private mutating func write(
        _ object: CatalogObject,
        attributes: [(key: AttributeName, value: AttributeValue)]
    ) {
        let identity = object.identity
        put("    {\n      \"kind\": ")
        write(identity.kind.rawValue)
        for (key, value) in [("schema", identity.schema), ("parent", identity.parent), ("name", identity.name)] {
            if let value { write(key, value) }
        }
        if let signature = identity.signature { write("signature", signature) }
        if !attributes.isEmpty {
            put(",\n      \"attributes\": {")
            for (index, (name, value)) in attributes.enumerated() {
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
        put(",\n      \"")
        put(key)
        put("\": ")
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
            put(index == 0 ? "\n" : ",\n")
            put(indent)
            put("  ")
            write(value)
        }
        put("\n")
        put(indent)
        put("]")
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        if value.utf8.contains(where: \.isEscaped) { writeEscaped(value) } else { put(value) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// RFC 8259, section 7.
    private mutating func writeEscaped(_ value: String) {
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
    }
}

extension UInt8 {
    /// Whether a string of JSON holds the byte in another form.
    fileprivate var isEscaped: Bool { self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") }
}
