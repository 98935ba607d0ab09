import SQLSyntax

/// A value that goes into the cache.
protocol Packable {
    func pack(into packer: inout Packer)
    init(from unpacker: inout Unpacker)
}

extension Packer {
    mutating func pack<Value: Packable>(_ value: Value) { value.pack(into: &self) }
    mutating func pack<Value: Packable>(_ value: Value?) { pack(value) { $0.pack($1) } }
    mutating func pack<Values: Collection>(all values: Values) where Values.Element: Packable {
        pack(values) { $0.pack($1) }
    }
}

extension Unpacker {
    mutating func value<Value: Packable>() -> Value { Value(from: &self) }
    mutating func optional<Value: Packable>() -> Value? { optional { $0.value() } }
    mutating func values<Value: Packable>() -> [Value] { list { $0.value() } }
}

extension String: Packable {
    func pack(into packer: inout Packer) { packer.pack(shared: self) }
    init(from unpacker: inout Unpacker) { self = unpacker.text() }
}

extension QualifiedName: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(schema)
        packer.pack(name)
    }

    init(from unpacker: inout Unpacker) {
        let schema = unpacker.optionalText()
        self.init(schema: schema, name: unpacker.text())
    }
}

extension Certainty: Packable {
    func pack(into packer: inout Packer) { packer.pack(rawValue) }
    init(from unpacker: inout Unpacker) { self = Certainty(rawValue: unpacker.number()) ?? .unknown }
}

extension Origin: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(file)
        packer.pack(statement)
        packer.pack(offset)
        packer.pack(transaction)
    }

    init(from unpacker: inout Unpacker) {
        file = unpacker.number()
        statement = unpacker.number()
        offset = unpacker.number()
        transaction = unpacker.number()
    }
}

extension TypeReference: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(name)
        packer.pack(all: modifiers)
        packer.pack(arrayDimensions)
        packer.pack(isSet)
        packer.pack(location) { $0.pack($1) }
    }

    init(from unpacker: inout Unpacker) {
        let name: QualifiedName = unpacker.value()
        let modifiers: [String] = unpacker.values()
        let arrayDimensions = unpacker.number()
        let isSet = unpacker.flag()
        self.init(
            name: name,
            modifiers: modifiers,
            arrayDimensions: arrayDimensions,
            isSet: isSet,
            location: unpacker.optional { $0.number() }
        )
    }
}

extension SimulatedSchema.Departure: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(origin)
        packer.pack(renamedTo)
        packer.pack(guardedBy)
    }

    init(from unpacker: inout Unpacker) {
        origin = unpacker.value()
        renamedTo = unpacker.optional()
        guardedBy = unpacker.optional()
    }
}

extension SimulatedSchema.ObjectKey: Packable {
    private static var kinds: [Kind] { [.relation, .type, .routine] }

    func pack(into packer: inout Packer) {
        packer.pack(Self.kinds.firstIndex(of: kind) ?? 0)
        packer.pack(name)
    }

    init(from unpacker: inout Unpacker) {
        let number = unpacker.number()
        kind = Self.kinds.indices.contains(number) ? Self.kinds[number] : .relation
        name = unpacker.value()
    }
}

extension SimulatedType: Packable {
    func pack(into packer: inout Packer) {
        switch definition {
        case .enumeration(let labels):
            packer.pack(0)
            packer.pack(all: labels)
        case .composite: packer.pack(1)
        case .domain(let isConstrained, let base):
            packer.pack(2)
            packer.pack(isConstrained)
            packer.pack(base)
        case .other: packer.pack(3)
        }
        packer.pack(certainty)
        packer.pack(isGuarded)
        packer.pack(all: guardedLabels)
        packer.pack(origin)
    }

    init(from unpacker: inout Unpacker) {
        switch unpacker.number() {
        case 0: definition = .enumeration(unpacker.values())
        case 1: definition = .composite
        case 2:
            let isConstrained = unpacker.flag()
            definition = .domain(isConstrained: isConstrained, base: unpacker.optional())
        default: definition = .other
        }
        certainty = unpacker.value()
        isGuarded = unpacker.flag()
        guardedLabels = Set(unpacker.values())
        origin = unpacker.value()
    }
}

extension SimulatedRoutine: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(isProcedure)
        packer.pack(all: arguments)
        packer.pack(argumentNames) { $0.pack($1) }
        packer.pack(requiredCount)
        packer.pack(returns)
        packer.pack(isSecurityDefiner)
        packer.pack(hasSearchPath)
        packer.pack(isVolatile)
        packer.pack(certainty)
        packer.pack(changesSchema)
        packer.pack(endsTransactions)
        packer.pack(origin)
    }

    init(from unpacker: inout Unpacker) {
        isProcedure = unpacker.flag()
        arguments = unpacker.values()
        argumentNames = unpacker.list { $0.optionalText() }
        requiredCount = unpacker.number()
        returns = unpacker.text()
        isSecurityDefiner = unpacker.flag()
        hasSearchPath = unpacker.flag()
        isVolatile = unpacker.flag()
        certainty = unpacker.value()
        changesSchema = unpacker.flag()
        endsTransactions = unpacker.flag()
        origin = unpacker.value()
    }
}

extension SimulatedExtension: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(certainty)
        packer.pack(schema)
        packer.pack(version)
        packer.pack(origin)
    }

    init(from unpacker: inout Unpacker) {
        certainty = unpacker.value()
        schema = unpacker.optionalText()
        version = unpacker.optionalText()
        origin = unpacker.value()
    }
}

extension SimulatedObject.Key: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(kind.rawValue)
        packer.pack(name)
    }

    init(from unpacker: inout Unpacker) {
        kind = ObjectKind(rawValue: unpacker.text()) ?? .unknown
        name = unpacker.value()
    }
}

extension SimulatedObject: Packable {
    func pack(into packer: inout Packer) {
        packer.pack(certainty)
        packer.pack(isGone)
        packer.pack(origin)
        packer.pack(table)
    }

    init(from unpacker: inout Unpacker) {
        certainty = unpacker.value()
        isGone = unpacker.flag()
        origin = unpacker.value()
        table = unpacker.optional()
    }
}
