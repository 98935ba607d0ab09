import Postgres

/// Writes a catalog file by hand: the keys of an object stand in the order in which people read them, which an encoder
/// does not keep, and a schema of thousands of tables takes a tenth of the time.
struct CatalogFileWriter {
    private var bytes: [UInt8] = []

    /// The file's bytes, in pieces; those of a large catalog are written at the same time.
    static func pieces(of catalog: Catalog) -> [[UInt8]] {
        let parts = catalog.objects.mapParts { objects in
            var writer = CatalogFileWriter()
            var canonical = CanonicalText()
            var digests: [UInt8] = []
            for index in objects.indices {
                let attributes = objects[index].sortedAttributes
                canonical.add(objects[index], attributes: attributes)
                digests += canonical.takeDigest()
                writer.put(index == 0 ? "\n" : ",\n")
                writer.write(objects[index], attributes: attributes)
            }
            return (bytes: writer.bytes, digests: digests)
        }
        var head = CatalogFileWriter()
        head.put("{\n  \"format\": \(CatalogFile.format),\n")
        head.put("  \"server_version\": \(catalog.serverVersion.number),\n")
        head.put("  \"fingerprint\": ")
        head.write("\(Fingerprint(ofDigests: Array(parts.map(\.digests).joined())))")
        head.put(",\n  \"objects\": [")
        var tail = CatalogFileWriter()
        tail.put(catalog.objects.isEmpty ? "],\n" : "\n  ],\n")
        tail.put("  \"not_modelled\": ")
        tail.write(catalog.notModelled, indent: "  ")
        tail.put("\n}\n")
        return [head.bytes] + parts.map(\.bytes) + [tail.bytes]
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
