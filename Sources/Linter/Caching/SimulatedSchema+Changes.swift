import SQLSyntax

/// What a file has changed, packed and put back.
extension SimulatedSchema {
    /// The parts of the schema, in the order in which they are numbered.
    private enum Part: Int {
        case relations, types, routines, schemas, extensions, gone, mixedCase, triggerUsers, objects
    }

    /// Packs what was written to since the last call, and forgets that it was.
    mutating func packChanges(into packer: inout Packer) {
        packer.pack(changesOf: relations, Part.relations.rawValue) {
            $0.pack(all: $1.mentions)
            $0.pack($1)
        }
        packer.pack(changesOf: types, Part.types.rawValue) { $0.pack($1) }
        packer.pack(changesOf: routines, Part.routines.rawValue) { $0.pack(all: $1) }
        packer.pack(changesOf: schemas, Part.schemas.rawValue) { $0.pack($1) }
        packer.pack(changesOf: extensions, Part.extensions.rawValue) { $0.pack($1) }
        packer.pack(changesOf: gone, Part.gone.rawValue) { $0.pack($1) }
        packer.pack(changesOf: mixedCase, Part.mixedCase.rawValue) { $0.pack($1) }
        packer.pack(changesOf: triggerUsers, Part.triggerUsers.rawValue) { $0.pack(all: $1) }
        packer.pack(changesOf: objects, Part.objects.rawValue) { $0.pack($1) }
        forgetChanges()
    }

    /// Forgets what was written to.
    mutating func forgetChanges() {
        relations.forgetChanges()
        types.forgetChanges()
        routines.forgetChanges()
        schemas.forgetChanges()
        extensions.forgetChanges()
        gone.forgetChanges()
        mixedCase.forgetChanges()
        triggerUsers.forgetChanges()
        objects.forgetChanges()
    }

    /// Makes the schema behind files whose changes are given; nil if they are damaged.
    ///
    /// - Parameters:
    ///   - changes: what each file packed, in the order of the files.
    ///   - bytes: the bytes that they are parts of.
    ///   - strings: the texts that they refer to.
    init?(replaying changes: [ArraySlice<UInt8>], in bytes: ArraySlice<UInt8>, strings: [String]) {
        self.init()
        var kept = Kept()
        // What is written last counts; what came before is passed over.
        for change in changes.reversed() {
            var unpacker = Unpacker(change, strings: strings)
            while !unpacker.isAtEnd {
                switch Part(rawValue: unpacker.number()) {
                case .relations: unpacker.find(&kept.relations)
                case .types: unpacker.find(&kept.types)
                case .routines: unpacker.find(&kept.routines)
                case .schemas: unpacker.find(&kept.schemas)
                case .extensions: unpacker.find(&kept.extensions)
                case .gone: unpacker.find(&kept.gone)
                case .mixedCase: unpacker.find(&kept.mixedCase)
                case .triggerUsers: unpacker.find(&kept.triggerUsers)
                case .objects: unpacker.find(&kept.objects)
                case nil: return nil
                }
                if unpacker.isDamaged { return nil }
            }
        }
        func values<Key, Value>(
            _ found: Found<Key>,
            _ unpack: @escaping @Sendable (inout Unpacker) -> Value
        ) -> Tracked<Key, Value> {
            Tracked(KeptValues(found.places, in: bytes, strings: strings, unpack: unpack))
        }
        let isPublicKnown = kept.schemas.has("public")
        relations = Tracked(
            KeptValues(kept.relations.places, in: bytes, strings: strings) { unpacker in
                let _: [ObjectKey] = unpacker.values()
                return unpacker.value()
            },
            isFollowed: true
        )
        keptUsers = KeptUsers(kept.relations.places, in: bytes, strings: strings)
        types = values(kept.types) { $0.value() }
        routines = values(kept.routines) { $0.values() }
        schemas = values(kept.schemas) { $0.value() }
        extensions = values(kept.extensions) { $0.value() }
        gone = values(kept.gone) { $0.value() }
        mixedCase = values(kept.mixedCase) { $0.value() }
        triggerUsers = values(kept.triggerUsers) { Set($0.values()) }
        objects = values(kept.objects) { $0.value() }
        if !isPublicKnown { schemas["public"] = .sure }
        forgetChanges()
    }

    /// Where the last value of each key lies, and the keys that nothing is left of.
    fileprivate struct Found<Key: Hashable> {
        var places: [Key: Range<Int>] = [:]
        var gone: Set<Key> = []

        func has(_ key: Key) -> Bool { places.index(forKey: key) != nil || gone.contains(key) }
    }

    private struct Kept {
        var relations = Found<QualifiedName>()
        var types = Found<QualifiedName>()
        var routines = Found<QualifiedName>()
        var schemas = Found<String>()
        var extensions = Found<String>()
        var gone = Found<ObjectKey>()
        var mixedCase = Found<QualifiedName>()
        var triggerUsers = Found<QualifiedName>()
        var objects = Found<SimulatedObject.Key>()
    }
}

extension Packer {
    fileprivate mutating func pack<Key: Packable, Value>(
        changesOf values: Tracked<Key, Value>,
        _ part: Int,
        _ body: (inout Packer, Value) -> Void
    ) {
        for key in values.changed {
            pack(part)
            pack(key)
            pack(part: { packer in
                if let value = values[key] { body(&packer, value) }
            })
        }
    }
}

extension Unpacker {
    fileprivate mutating func find<Key: Packable>(_ found: inout SimulatedSchema.Found<Key>) {
        let key: Key = value()
        let place = part()
        guard !found.has(key) else { return }
        if place.isEmpty { found.gone.insert(key) } else { found.places[key] = place }
    }
}
