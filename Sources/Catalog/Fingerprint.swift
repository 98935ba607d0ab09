import COpenSSL

/// A digest of what a catalog says: of one object, of a schema's objects, or of all.
///
/// Equal fingerprints mean equal objects, whatever server and file they come from; the server's version has no part in it.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    private let digest: [UInt8]

    /// `v1:` and the SHA-256 in hexadecimal digits; another number would mean another way to write objects down.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "v1:" + String(decoding: text, as: UTF8.self)
    }

    /// Digests an object with its identity, its attributes and what it needs.
    public init(of object: CatalogObject) {
        var text = CanonicalText()
        text.add(object, attributes: object.sortedAttributes)
        digest = text.takeDigest()
    }

    /// Digests texts, in their order.
    public init(ofTexts texts: some Sequence<String>) {
        var text = CanonicalText()
        for part in texts { text.add(part) }
        digest = text.takeDigest()
    }

    /// Digests the fingerprints of objects, in their order.
    public init(of objects: some Sequence<CatalogObject>) {
        var text = CanonicalText()
        var digests: [UInt8] = []
        for object in objects {
            text.add(object, attributes: object.sortedAttributes)
            digests += text.takeDigest()
        }
        self.init(ofDigests: digests)
    }

    /// Digests the digests of objects, one behind the other.
    init(ofDigests digests: [UInt8]) {
        digest = sha256(of: digests)
    }
}

extension Catalog {
    /// The fingerprint of all objects.
    public var fingerprint: Fingerprint {
        let digests = objects.mapParts { objects in
            var text = CanonicalText()
            return objects.reduce(into: [UInt8]()) { digests, object in
                text.add(object, attributes: object.sortedAttributes)
                digests += text.takeDigest()
            }
        }
        return Fingerprint(ofDigests: Array(digests.joined()))
    }

    /// The fingerprint of each schema's objects, the schema itself among them.
    public var schemaFingerprints: [String: Fingerprint] {
        var schemas: [String: [CatalogObject]] = [:]
        for object in objects {
            guard let schema = object.identity.kind == .schema ? object.identity.name : object.identity.schema else {
                continue
            }
            schemas[schema, default: []].append(object)
        }
        return schemas.mapValues { Fingerprint(of: $0) }
    }
}

extension CatalogObject {
    /// The attributes in the order of their names, in which they are written down.
    var sortedAttributes: [(key: AttributeName, value: AttributeValue)] {
        attributes.sorted { $0.key < $1.key }
    }
}

/// Bytes in which every part has its length before it, so that no two lists of parts read alike.
struct CanonicalText {
    private var bytes: [UInt8] = []

    mutating func add(_ part: String) {
        bytes.append(contentsOf: String(part.utf8.count).utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: part.utf8)
    }

    /// Adds an object, whose attributes are given in their order.
    mutating func add(_ object: CatalogObject, attributes: [(key: AttributeName, value: AttributeValue)]) {
        add(object.identity)
        for (name, value) in attributes where name != .grantOrder {
            add(name.rawValue)
            switch value {
            case .text(let value):
                add("t")
                add(value)
            case .flag(let value): add(value ? "y" : "n")
            case .number(let value):
                add("i")
                add(String(value))
            case .list(let values):
                add("l\(values.count)")
                for value in values { add(value) }
            }
        }
        add("needs")
        for needed in object.dependencies { add(needed) }
    }

    private mutating func add(_ identity: ObjectIdentity) {
        add(identity.kind.rawValue)
        for part in [identity.schema, identity.parent, identity.name, identity.signature] {
            if let part { add(part) } else { bytes.append(UInt8(ascii: "-")) }
        }
    }

    /// The digest of what was added, which is forgotten.
    mutating func takeDigest() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return sha256(of: bytes)
    }
}

private func sha256(of bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    bytes.withUnsafeBytes { bytes in
        var state = SHA256_CTX()
        SHA256_Init(&state)
        SHA256_Update(&state, bytes.baseAddress, bytes.count)
        SHA256_Final(&digest, &state)
    }
    return digest
}
