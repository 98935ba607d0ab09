import Postgres

extension Catalog: Codable {
    enum CodingKeys: String, CodingKey {
        case format
        case serverVersion = "server_version"
        case fingerprint
        case objects
        case notModelled = "not_modelled"
    }

    /// Reads a catalog in the shape of a catalog file.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let entries = try container.decode([CatalogFileEntry].self, forKey: .objects)
        let identities = Dictionary(entries.map { ("\($0.identity)", $0.identity) }) { first, _ in first }
        let objects = try entries.map { entry in
            CatalogObject(
                entry.identity,
                attributes: Dictionary(
                    uniqueKeysWithValues: (entry.attributes ?? [:]).map { (AttributeName(rawValue: $0.key), $0.value) }
                ),
                dependencies: try (entry.needs ?? []).map { needed in
                    guard let identity = identities[needed] else {
                        throw DecodingError.dataCorruptedError(
                            forKey: .objects,
                            in: container,
                            debugDescription: "\(entry.identity) needs \(needed), which is not in the file"
                        )
                    }
                    return identity
                }
            )
        }
        guard Set(objects.map(\.identity)).count == objects.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .objects,
                in: container,
                debugDescription: "an object is in the file twice"
            )
        }
        self.init(
            serverVersion: ServerVersion(number: try container.decode(Int.self, forKey: .serverVersion)),
            objects: objects,
            notModelled: try container.decodeIfPresent([String].self, forKey: .notModelled) ?? []
        )
    }

    /// Writes a catalog in the shape of a catalog file.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(CatalogFile.format, forKey: .format)
        try container.encode(serverVersion.number, forKey: .serverVersion)
        try container.encode("\(fingerprint)", forKey: .fingerprint)
        try container.encode(objects.map(CatalogFileEntry.init), forKey: .objects)
        try container.encode(notModelled, forKey: .notModelled)
    }
}

/// An object in a catalog file; what it needs is named by words, as reports name it.
struct CatalogFileEntry: Codable {
    let kind: CatalogKind
    let schema: String?
    let parent: String?
    let name: String
    let signature: String?
    let attributes: [String: AttributeValue]?
    let needs: [String]?

    init(_ object: CatalogObject) {
        kind = object.identity.kind
        schema = object.identity.schema
        parent = object.identity.parent
        name = object.identity.name
        signature = object.identity.signature
        attributes = Dictionary(uniqueKeysWithValues: object.attributes.map { ($0.key.rawValue, $0.value) })
        needs = object.dependencies.map(\.description)
    }

    var identity: ObjectIdentity {
        ObjectIdentity(kind, schema: schema, parent: parent, name, signature: signature)
    }
}
