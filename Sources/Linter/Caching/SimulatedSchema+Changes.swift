import SQLSyntax

/// What a file has changed, packed and put back.
extension SimulatedSchema {
    /// The parts of the schema, in the order in which they are numbered.
    private enum Part: Int {
        case relations, types, routines, schemas, extensions, gone, mixedCase, triggerUsers
    }

    /// Packs what was written to since the last call, and forgets that it was.
    mutating func packChanges(into packer: inout Packer) {
        packer.pack(changesOf: relations, Part.relations.rawValue) { $0.pack($1) }
        packer.pack(changesOf: types, Part.types.rawValue) { $0.pack($1) }
        packer.pack(changesOf: routines, Part.routines.rawValue) { $0.pack(all: $1) }
        packer.pack(changesOf: schemas, Part.schemas.rawValue) { $0.pack($1) }
        packer.pack(changesOf: extensions, Part.extensions.rawValue) { $0.pack($1) }
        packer.pack(changesOf: gone, Part.gone.rawValue) { $0.pack($1) }
        packer.pack(changesOf: mixedCase, Part.mixedCase.rawValue) { $0.pack($1) }
        packer.pack(changesOf: triggerUsers, Part.triggerUsers.rawValue) { $0.pack(all: $1) }
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
    }

    /// Makes the schema behind files whose changes are given; nil if they are damaged.
    ///
    /// - Parameters:
    ///   - changes: what each file packed, in the order of the files.
    ///   - strings: the texts that they refer to.
    ///   - relationCount: how many relations there are about to be.
    init?(replaying changes: [ArraySlice<UInt8>], strings: [String], relationCount: Int) {
        self.init()
        schemas = [:]
        relations.reserveCapacity(relationCount)
        var gone = Gone()
        // What is written last counts; what came before is passed over unread.
        for change in changes.reversed() {
            var unpacker = Unpacker(change, strings: strings)
            while !unpacker.isAtEnd {
                guard let part = Part(rawValue: unpacker.number()) else { return nil }
                switch part {
                case .relations: unpacker.restore(&relations, &gone.relations) { $0.value() }
                case .types: unpacker.restore(&types, &gone.types) { $0.value() }
                case .routines: unpacker.restore(&routines, &gone.routines) { $0.values() }
                case .schemas: unpacker.restore(&schemas, &gone.schemas) { $0.value() }
                case .extensions: unpacker.restore(&extensions, &gone.extensions) { $0.value() }
                case .gone: unpacker.restore(&self.gone, &gone.gone) { $0.value() }
                case .mixedCase: unpacker.restore(&mixedCase, &gone.mixedCase) { $0.value() }
                case .triggerUsers: unpacker.restore(&triggerUsers, &gone.triggerUsers) { Set($0.values()) }
                }
                if unpacker.isDamaged { return nil }
            }
        }
        if schemas["public"] == nil, !gone.schemas.contains("public") { schemas["public"] = .sure }
        forgetChanges()
    }

    /// The keys that nothing is left of.
    private struct Gone {
        var relations: Set<QualifiedName> = []
        var types: Set<QualifiedName> = []
        var routines: Set<QualifiedName> = []
        var schemas: Set<String> = []
        var extensions: Set<String> = []
        var gone: Set<GoneKey> = []
        var mixedCase: Set<QualifiedName> = []
        var triggerUsers: Set<QualifiedName> = []
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
                guard let value = values[key] else { return }
                packer.pack(true)
                body(&packer, value)
            })
        }
    }
}

extension Unpacker {
    fileprivate mutating func restore<Key: Packable, Value>(
        _ values: inout Tracked<Key, Value>,
        _ gone: inout Set<Key>,
        _ body: (inout Unpacker) -> Value
    ) {
        let key: Key = value()
        var part = self.part()
        guard !gone.contains(key), !values.has(key) else { return }
        guard !part.isAtEnd else {
            gone.insert(key)
            return
        }
        _ = part.flag()
        values.restore(body(&part), for: key)
        if part.isDamaged { noteDamage() }
    }
}
